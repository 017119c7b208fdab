import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { openSqliteStores } from "../../src/adapters/sqlite/stores.ts"
import { knownFindings } from "../../src/stages/judge-image.ts"
import { aFingerprint, aKnownHash } from "../contract/records.ts"

/** A hash of 64 digits, some of whose last bits are turned over. */
const near = (digit: string, bits: number) => {
  const whole = digit.repeat(64)
  const last = [...whole].map((hex, at) => (at >= 64 - bits ? (Number.parseInt(hex, 16) ^ 1).toString(16) : hex))
  return last.join("")
}

async function knownWith(t: TestContext, ...hashes: ReturnType<typeof aKnownHash>[]) {
  const folder = await mkdtemp(join(tmpdir(), "watchline-judge-"))
  const stores = openSqliteStores(folder, { clock: Date.now, random: Math.random })
  t.after(async () => {
    await stores.close()
    await rm(folder, { recursive: true })
  })
  await stores.known.add(hashes)
  return stores.known
}

test("an animation is known by any of its frames, and the finding says which", async (t) => {
  const known = await knownWith(
    t,
    aKnownHash("pdq", near("a", 0), "hotline-a"),
    aKnownHash("pdq", near("c", 0), "hotline-b"),
  )
  const animation = aFingerprint("dancing gnome", {
    pdq: near("5", 0),
    pdqQuality: 90,
    frameCount: 40,
    frames: [
      { index: 13, pdq: near("a", 7), pdqQuality: 80 },
      { index: 26, pdq: near("a", 3), pdqQuality: 80 },
      { index: 39, pdq: near("c", 0), pdqQuality: 49 },
    ],
  })
  const findings = await knownFindings(animation, known)
  assert.deepEqual(
    findings.map(({ about, signals }) => [about, signals[0]!.family, signals[0]!.carrier]),
    [["hotline-a", "known-pdq", "distance 3, frame 26"]],
  )
})

test("the whole image speaks before a frame that lies as near", async (t) => {
  const known = await knownWith(t, aKnownHash("pdq", near("a", 0), "hotline-a"))
  const frames = [{ index: 1, pdq: near("a", 2), pdqQuality: 80 }]
  const [finding] = await knownFindings(
    aFingerprint("gnome", { pdq: near("a", 2), pdqQuality: 80, frameCount: 2, frames }),
    known,
  )
  assert.equal(finding!.signals[0]!.carrier, "distance 2")
})
