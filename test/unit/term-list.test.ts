import assert from "node:assert/strict"
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { guideKeysOf } from "../../src/sealing/guide-keys.ts"
import { openTermList } from "../../src/sealing/term-list.ts"

const keys = guideKeysOf(new Uint8Array(32).fill(3))

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "watchline-terms-"))
  t.after(() => rm(path, { recursive: true }))
  return path
}

test("terms come back folded, each once, by keyed ids; the file shows none of them and is for its owner only", async (t) => {
  const home = await folder(t)
  const terms = openTermList(home, keys)
  assert.deepEqual(await terms.read(), [])
  assert.equal(await terms.add(["Pointed  Hat", "pointed hat", "小矮人", "x"]), 2)
  assert.equal(await terms.add(["ｐｏｉｎｔｅｄ hat"]), 0)
  const read = await openTermList(home, keys).read()
  assert.deepEqual(read.map(({ text }) => text).sort(), ["pointed hat", "小矮人"])
  for (const { id } of read) assert.match(id, /^[0-9a-f]{16}$/)
  assert.deepEqual(await readdir(home), ["terms.sealed"])
  const bytes = await readFile(join(home, "terms.sealed"))
  assert.ok(!bytes.includes("pointed") && !bytes.includes("小矮人"))
  assert.equal((await stat(join(home, "terms.sealed"))).mode & 0o777, 0o600)
})

test("another workspace gives the same term another id, and cannot read the list", async (t) => {
  const [home, elsewhere] = [await folder(t), await folder(t)]
  const others = guideKeysOf(new Uint8Array(32).fill(4))
  await openTermList(home, keys).add(["clay gnome"])
  await openTermList(elsewhere, others).add(["clay gnome"])
  const [mine] = await openTermList(home, keys).read()
  const [theirs] = await openTermList(elsewhere, others).read()
  assert.notEqual(mine!.id, theirs!.id)
  await assert.rejects(openTermList(home, others).read(), { code: "sealed_text_invalid" })
})

test("a removed term is gone, an unknown id changes nothing, an altered file is refused", async (t) => {
  const home = await folder(t)
  const terms = openTermList(home, keys)
  await terms.add(["clay gnome", "mossy wall"])
  const [first, second] = await terms.read()
  await assert.rejects(terms.remove([first!.id, "0000000000000000"]), { code: "not_found" })
  assert.equal((await terms.read()).length, 2)
  await terms.remove([first!.id])
  assert.deepEqual(await terms.read(), [second])
  const path = join(home, "terms.sealed")
  const bytes = await readFile(path)
  bytes[20]! ^= 1
  await writeFile(path, bytes)
  await assert.rejects(terms.read(), { code: "sealed_text_invalid" })
})
