import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { type CommandPlace, runCommand, startCommand } from "../support/workspace-command.ts"

const pdqOf = (name: string) => createHash("sha256").update(name).digest("hex")

async function workspace(t: TestContext): Promise<CommandPlace & { file(name: string, text: string): string }> {
  const folder = mkdtempSync(join(tmpdir(), "watchline-known-"))
  t.after(() => rmSync(folder, { recursive: true }))
  const home = join(folder, "home")
  const place = { home, env: {} }
  assert.equal((await runCommand(place, "init", "--organisation", "Gnome Office")).exit, 0)
  return {
    ...place,
    file(name, text) {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    },
  }
}

async function json(place: CommandPlace, ...args: string[]) {
  const { exit, stdout, stderr } = await runCommand(place, ...args)
  assert.equal(exit, 0, stderr)
  return { ...JSON.parse(stdout), stderr }
}

test("an import that is killed goes on where it was, and the set is complete: nothing twice, nothing missing", async (t) => {
  const place = await workspace(t)
  const count = 60_000
  const file = place.file(
    "set.csv",
    `algorithm,value\n${Array.from({ length: count }, (_, n) => `pdq,${pdqOf(`gnome ${n}`)}`).join("\n")}\npdq,broken\n`,
  )
  const words = ["known", "import", file, "--format", "csv", "--source", "set", "--json"]
  const imports = join(place.home, "imports")
  const interrupted = startCommand(place, ...words)
  while (!(existsSync(imports) && readdirSync(imports).length > 0)) await sleep(5)
  await sleep(100)
  interrupted.process.kill("SIGKILL")
  assert.equal((await interrupted.ended).exit, "SIGKILL")

  const resumed = await json(place, ...words)
  assert.ok(resumed.resumedAfter >= 1000 && resumed.resumedAfter < count, `after ${resumed.resumedAfter}`)
  assert.ok(resumed.imported < count)
  assert.deepEqual(readdirSync(imports), [])
  assert.equal(resumed.rejected, 1)
  assert.deepEqual(resumed.problems, [{ line: count + 2, problem: "pdq has 64 digits, this value 6" }])
  for (const n of [0, 500, resumed.resumedAfter, count - 1]) {
    const [found, ...more] = (await json(place, "known", "match", pdqOf(`gnome ${n}`), "--json")).hashes[0].matches
    assert.equal(found.distance, 0)
    assert.deepEqual(more, [])
  }

  // The index over so many hashes is a file by now; a flipped byte is told, and costs nothing but time.
  const index = join(place.home, "store", "known-pdq.index")
  const bytes = readFileSync(index)
  bytes[bytes.length >> 1]! ^= 4
  writeFileSync(index, bytes)
  const repaired = await json(place, "known", "match", pdqOf("gnome 7"), "--json")
  assert.equal(repaired.hashes[0].matches.length, 1)
  assert.match(repaired.stderr, /checksum/)
  assert.match(repaired.stderr, /built from the store again/)
  const quiet = await json(place, "known", "match", pdqOf("gnome 7"), "--json")
  assert.equal(quiet.stderr, "")

  assert.equal((await json(place, "known", "withdraw", "set", "--json")).withdrawn, count)
  assert.deepEqual((await json(place, "known", "match", pdqOf("gnome 7"), "--json")).hashes[0].matches, [])
  assert.ok(!existsSync(index), "withdrawn hashes must not stay in the index file")
})

test("an update withdraws, renews and adds in its own order; terms and rejected lines are as the command says", async (t) => {
  const place = await workspace(t)
  const line = (entry: object) => JSON.stringify(entry)
  const first = place.file(
    "a.jsonl",
    ["a", "b", "c"].map((one) => line({ algorithm: "pdq", value: pdqOf(one) })).join("\n"),
  )
  const update = place.file(
    "b.jsonl",
    [
      line({ algorithm: "pdq", value: pdqOf("a"), deleted: true }),
      line({ algorithm: "pdq", value: pdqOf("d"), expires: "2020-01-01" }),
      line({ algorithm: "pdq", value: pdqOf("e") }),
      line({ algorithm: "pdq", value: pdqOf("e"), deleted: true }),
      line({ algorithm: "pdq", value: pdqOf("b"), deleted: true }),
      line({ algorithm: "pdq", value: pdqOf("b") }),
      line({ algorithm: "pdq", value: "secret" }),
    ].join("\n"),
  )
  const terms = ["--source", "set", "--licence", "agreement 7", "--json"]
  await json(place, "known", "import", first, "--format", "jsonl", ...terms)
  const rejected = join(place.home, "..", "rejected.tsv")
  const summary = await json(place, "known", "import", update, "--format", "jsonl", "--rejected", rejected, ...terms)
  assert.equal(summary.rejected, 1)
  assert.equal(readFileSync(rejected, "utf8"), "7\tpdq has 64 digits, this value 6\n")
  const { hashes } = await json(place, "known", "match", ...["a", "b", "c", "d", "e"].map(pdqOf), "--json")
  assert.deepEqual(
    hashes.map((h: { matches: { licence: string }[] }) => h.matches.map((m) => m.licence)),
    [[], ["agreement 7"], ["agreement 7"], [], []],
  )
})
