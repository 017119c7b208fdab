import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { before, test } from "node:test"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import { corpusFolder, type Expectation, hasCorpus, judge, readCorpus } from "../support/provenance-corpus.ts"
import { containers, families, hasVector, rowsOf, whyEmpty } from "../support/provenance-table.ts"

const skip = hasCorpus(corpusFolder) ? false : `no corpus at ${corpusFolder}`

const results: { expected: Expectation; found: Examination }[] = []

before(async () => {
  if (skip) return
  const pool = openExaminerPool({ workers: 1, verifierTimeoutMs: 30_000 })
  for (const expected of await readCorpus(corpusFolder)) {
    const found = await pool.examine(new Uint8Array(await readFile(join(corpusFolder, expected.file))))
    results.push({ expected, found })
  }
  await pool.close()
})

test("every file of the corpus is examined: digests always, a hash or a reason", { skip }, () => {
  assert.ok(results.length > 200)
  for (const { expected, found } of results) {
    assert.equal(found.sha256, expected.sha256, expected.file)
    assert.ok((found.pdq === undefined) === (found.error !== undefined), expected.file)
  }
})

test("no file without a generator's trace has a signal, and no credentials of another kind are called generated", {
  skip,
}, () => {
  const clean = results.filter(({ expected }) => expected.grade === null)
  assert.ok(clean.length > 100)
  const wrong = clean.filter(({ expected, found }) => !judge(expected, found.signals).named)
  assert.deepEqual(
    wrong.map(({ expected, found }) => [expected.file, found.signals]),
    [],
  )
})

test("a full trace is strong or more and names its generator; a partial one is moderate", { skip }, (t) => {
  const rows = new Map<string, { right: number; all: number }>()
  const wrong: unknown[] = []
  for (const { expected, found } of results) {
    const { expect, grade, file } = expected
    if (grade === null) continue
    const { named, graded } = judge(expected, found.signals)
    const row = rows.get(expect.join(" ")) ?? { right: 0, all: 0 }
    rows.set(expect.join(" "), { right: row.right + Number(named && graded), all: row.all + 1 })
    if (!named || !graded) wrong.push([file, found.signals])
  }
  for (const [family, { right, all }] of [...rows].sort()) t.diagnostic(`${family.padEnd(32)} ${right} of ${all}`)
  assert.deepEqual(wrong, [])
})

test("conclusive is only what carries a signature that holds over these bytes", { skip }, () => {
  for (const { found, expected } of results) {
    if (!found.signals.some(({ strength }) => strength === "conclusive")) continue
    assert.ok(found.c2pa?.bindingOk && found.c2pa.signatureOk, expected.file)
  }
  assert.ok(results.some(({ found }) => found.signals.some(({ strength }) => strength === "conclusive")))
})

test("every cell of families and containers has a vector made byte by byte, or a reason why there is none", () => {
  for (const family of families) {
    for (const format of containers) {
      assert.notEqual(hasVector(family, format), whyEmpty(family, format) !== undefined, `${family} in ${format}`)
    }
  }
})

test("what real files hold in whatever container, a vector of the tests holds too", { skip }, (t) => {
  const real = new Map<string, number>()
  for (const { found } of results) {
    for (const family of rowsOf(found.signals)) {
      const cell = `${family} ${found.format}`
      real.set(cell, (real.get(cell) ?? 0) + 1)
    }
  }
  const row = (name: string, cells: readonly string[]) =>
    t.diagnostic(name.padEnd(22) + cells.map((cell) => cell.padEnd(7)).join(""))
  row("real files, synthetic", containers)
  for (const family of families) {
    row(
      family,
      containers.map((format) => {
        const count = real.get(`${family} ${format}`)
        return [count, hasVector(family, format) && "syn"].filter(Boolean).join("+") || "n/a"
      }),
    )
  }
  const covered = families.flatMap((family) =>
    containers.filter((format) => hasVector(family, format)).map((format) => `${family} ${format}`),
  )
  assert.deepEqual(
    [...real.keys()].filter((cell) => !covered.includes(cell)),
    [],
  )
})
