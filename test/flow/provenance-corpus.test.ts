import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { examine } from "../../classifiers/image/examine.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import { provenanceVectors } from "../support/provenance-vectors.ts"

/** Real files with what each should yield; they stay outside the repository because of their licences and size. */
const folder = new URL("../../../shared/data/provenance/", import.meta.url)
const skip = existsSync(new URL("manifest.json", folder)) ? false : `no corpus at ${fileURLToPath(folder)}`

interface Expectation {
  readonly file: string
  readonly sha256: string
  readonly kind: "generated" | "c2pa-fixture" | "camera-or-drawn" | "unlabelled"
  readonly expect: readonly string[]
  readonly grade: "full" | "partial" | null
  readonly accept: readonly string[]
}

const results: { expected: Expectation; found: Examination }[] = []

before(async () => {
  if (skip) return
  const manifest = JSON.parse(await readFile(new URL("manifest.json", folder), "utf8")) as Expectation[]
  for (const expected of manifest) {
    const bytes = new Uint8Array(await readFile(new URL(expected.file, folder)))
    results.push({ expected, found: await examine(bytes) })
  }
})

function isNamed({ expected, found }: (typeof results)[number], strength: string): boolean {
  return found.signals.some(
    (signal) => signal.strength === strength && expected.accept.includes(signal.generator ?? signal.family),
  )
}

test("every file of the corpus is examined: digests always, a hash or a reason", { skip }, () => {
  assert.ok(results.length > 200)
  for (const { expected, found } of results) {
    assert.equal(found.sha256, expected.sha256, expected.file)
    assert.ok((found.pdq === undefined) === (found.error !== undefined), expected.file)
  }
})

test("no file without a generator's trace has a signal", { skip }, () => {
  const clean = results.filter(({ expected }) => expected.expect.length === 0)
  assert.ok(clean.length > 100)
  const wrong = clean.filter(({ found }) => found.signals.length > 0)
  assert.deepEqual(
    wrong.map(({ expected, found }) => [expected.file, found.signals]),
    [],
  )
})

test("a full trace is strong and names its generator; a partial one is moderate", { skip }, (t) => {
  const rows = new Map<string, { right: number; all: number }>()
  const wrong: string[] = []
  for (const result of results) {
    const { expect, grade, file } = result.expected
    if (grade === null) continue
    const right =
      grade === "full"
        ? isNamed(result, "strong")
        : isNamed(result, "moderate") && result.found.signals.every(({ strength }) => strength === "moderate")
    const row = rows.get(expect.join(" ")) ?? { right: 0, all: 0 }
    rows.set(expect.join(" "), { right: row.right + Number(right), all: row.all + 1 })
    if (!right) wrong.push(file)
  }
  for (const [family, { right, all }] of [...rows].sort()) t.diagnostic(`${family.padEnd(32)} ${right} of ${all}`)
  assert.deepEqual(wrong, [])
})

const containers = ["png", "jpeg", "webp", "tiff", "gif", "avif", "heic", "jxl"]

test("what real files hold in whatever container, a vector of the tests holds too", { skip }, (t) => {
  const real = new Map<string, number>()
  for (const { found } of results) {
    const families = new Set(
      found.signals.map(({ family, carrier }) => (carrier?.startsWith("pixels:stealth") ? "stealth" : family)),
    )
    for (const family of families) {
      const cell = `${family} ${found.format}`
      real.set(cell, (real.get(cell) ?? 0) + 1)
    }
  }
  const made = new Set(provenanceVectors.map(({ family, format }) => `${family} ${format}`))
  // Made by the tests of their readers.
  const inPixels = ["stealth", "invisible-watermark"]
  for (const family of inPixels) for (const format of ["png", "webp"]) made.add(`${family} ${format}`)
  const families = [...new Set([...provenanceVectors.map(({ family }) => family), ...inPixels])].sort()
  const row = (name: string, cells: readonly string[]) =>
    t.diagnostic(name.padEnd(22) + cells.map((cell) => cell.padEnd(7)).join(""))
  row("real files, synthetic", containers)
  for (const family of families) {
    const cells = containers.map((container) => {
      const cell = `${family} ${container}`
      return [real.get(cell), made.has(cell) && "syn"].filter(Boolean).join("+") || "·"
    })
    row(family, cells)
  }
  const uncovered = [...real.keys()].filter((cell) => !made.has(cell))
  assert.deepEqual(uncovered, [])
})
