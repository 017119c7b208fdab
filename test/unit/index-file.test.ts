import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { readIndexFile, writeIndexFile } from "../../src/matching/index-file.ts"
import { matchRadius, PdqIndex } from "../../src/matching/pdq-index.ts"
import { everyNeighbour, flipped, randomHash } from "../support/pdq-oracle.ts"
import { seededRandom } from "../support/seeded-random.ts"

const random = seededRandom(16)
const entries = Array.from({ length: 40_000 }, (_, key) => ({ key, pdq: randomHash(random) }))

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "watchline-index-"))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

/** One sealed segment, one open, one hash taken out of each. */
function anIndex(): PdqIndex {
  const index = new PdqIndex()
  index.addAll(entries.slice(0, 36_000))
  for (const { key, pdq } of entries.slice(36_000)) index.add(key, pdq)
  for (const place of [7, 39_000]) index.remove(place, entries[place]!.pdq)
  return index
}

test("an index read from its file answers as before, takes more, and knows its stamp", (t) => {
  const path = join(folder(t), "pdq.index")
  const index = anIndex()
  writeIndexFile(path, index, "store a, row 39999")
  const read = readIndexFile(path)
  assert.ok("index" in read)
  assert.equal(read.stamp, "store a, row 39999")
  assert.equal(read.index.size, 39_998)
  const kept = entries.filter(({ key }) => key !== 7 && key !== 39_000)
  for (let n = 0; n < 50; n++) {
    const needle = flipped(entries[n * 800 + (n === 0 ? 7 : 0)]!.pdq, n % 32, random)
    assert.deepEqual(read.index.within(needle, matchRadius), everyNeighbour(kept, needle, matchRadius))
  }
  const late = randomHash(random)
  read.index.add(50_000, late)
  assert.deepEqual(read.index.within(late, 0), [{ key: 50_000, distance: 0 }])
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test("any flipped byte is found, and so is a file that is cut, another's, or not there", (t) => {
  const path = join(folder(t), "pdq.index")
  writeIndexFile(path, anIndex(), "stamp")
  const whole = readFileSync(path)
  const places = [
    0,
    9,
    13,
    40,
    whole.length - 1,
    ...Array.from({ length: 25 }, () => Math.floor(random() * whole.length)),
  ]
  for (const place of places) {
    const damaged = Buffer.from(whole)
    damaged[place]! ^= 1 << (place & 7)
    writeFileSync(path, damaged)
    const read = readIndexFile(path)
    assert.ok("problem" in read && read.problem.length > 10, `byte ${place} of ${whole.length}`)
  }
  for (const length of [0, 5, 16, 100, whole.length / 2, whole.length - 1]) {
    writeFileSync(path, whole)
    truncateSync(path, Math.floor(length))
    assert.ok("problem" in readIndexFile(path), `cut to ${length}`)
  }
  rmSync(path)
  assert.deepEqual(readIndexFile(path), { problem: "there is no index file", missing: true })
})

test("a writer killed at any moment leaves the old file or the new one, complete; what it left beside is removed by the next", async (t) => {
  const directory = folder(t)
  const path = join(directory, "pdq.index")
  writeIndexFile(path, anIndex(), "0")
  const backup = join(directory, "first")
  copyFileSync(path, backup)
  const program = `
    import { readIndexFile, writeIndexFile } from ${JSON.stringify(new URL("../../src/matching/index-file.ts", import.meta.url).href)}
    const { index } = readIndexFile(${JSON.stringify(backup)})
    for (let n = 1; ; n++) {
      process.stdout.write("x")
      writeIndexFile(${JSON.stringify(path)}, index, String(n))
    }`
  let leftovers = 0
  let replaced = 0
  for (let kill = 0; kill < 12 || (leftovers === 0 && kill < 60); kill++) {
    const writer = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "ignore"],
    })
    // In its first write or its third: by then it has replaced the file.
    for (let begun = 0; begun < (kill % 2 ? 3 : 1); ) begun += (await once(writer.stdout, "data"))[0].length
    await sleep(random() * 40)
    writer.kill("SIGKILL")
    await once(writer, "exit")
    const read = readIndexFile(path)
    assert.ok("index" in read, "problem" in read ? read.problem : "")
    assert.equal(read.index.size, 39_998)
    replaced += Number(read.stamp !== "0")
    leftovers += Number(readdirSync(directory).length > 2)
  }
  assert.ok(replaced > 0 && leftovers > 0, `${replaced} replaced, ${leftovers} with a rest`)
  writeIndexFile(path, anIndex(), "last")
  assert.deepEqual(readdirSync(directory).sort(), ["first", "pdq.index"])
})
