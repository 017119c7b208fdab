import assert from "node:assert/strict"
import { test } from "node:test"
import { hostileFiles } from "../fuzz/hostile-files.ts"
import { runFuzz } from "../fuzz/run-fuzz.ts"

/** Some seconds of what `npm run fuzz` does at length: every file made to do harm, and mutations that are the same in every run. */
test("hostile files and mutated ones cost no worker, and each gets a hash or an error code", async (t) => {
  const files = Object.keys(hostileFiles).length + 1500
  const report = await runFuzz({ files, seed: 20261125, limitMs: 20_000 })
  t.diagnostic(`${files} files in ${report.seconds.toFixed(1)} s; slowest ${report.slowest.ms.toFixed(0)} ms`)
  t.diagnostic(`at most ${Math.round(report.peakMb)} MiB; ${JSON.stringify(report.outcomes)}`)
  // Timings are no tests, but a hang is: the limit is ten times that of `npm run fuzz`, for a machine that does other things too.
  assert.deepEqual(report.failures, [])
  assert.ok(report.outcomes.hashed! > 100 && report.signals > 100, JSON.stringify(report))
})

test("the same seed and number make the same file again", async () => {
  const [one, other] = [
    await runFuzz({ files: 60, seed: 7, from: 1000 }),
    await runFuzz({ files: 60, seed: 7, from: 1000 }),
  ]
  assert.deepEqual([one.outcomes, one.signals], [other.outcomes, other.signals])
})
