import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { examine } from "../../classifiers/image/examine.ts"
import { canaryOf } from "../../src/demo/pictures.ts"
import { openSystem } from "../../src/system.ts"
import { type LocalForum, onion, prepareWorkspace, quickSettings, startLocalForum } from "../support/local-forum.ts"
import {
  bytesNeedle,
  filesUnder,
  type Needle,
  pixelNeedle,
  searchResidue,
  textNeedle,
} from "../support/residue-search.ts"
import { type CommandPlace, commandEnv, runCommand, startCommand } from "../support/workspace-command.ts"

const root = join(import.meta.dirname, "../..")

/** A workspace, and beside it a temporary folder that is the commands' own. */
async function workspace(forum: LocalForum, name: string): Promise<CommandPlace & { readonly folders: string[] }> {
  const [home, temporary] = [join(forum.directory, name), join(forum.directory, `${name}-tmp`)]
  mkdirSync(temporary)
  await prepareWorkspace(home, forum)
  const folders = { TMPDIR: temporary, XDG_CACHE_HOME: temporary, HOME: temporary }
  return { home, env: { ...quickSettings(forum.socks), ...folders }, folders: [home, temporary] }
}

/** Every picture by its canary, as text and as pixels, and by bytes from its middle, which no comment holds. */
function pictureNeedles({ plan, pictures }: LocalForum): Needle[] {
  const marks = [textNeedle("any canary", "WATCHLINE-CANARY-"), pixelNeedle("any canary's pixels", "WATCHLINE-CANARY-")]
  const own = plan.images.flatMap(({ name }) => {
    const bytes = pictures.get(name)!
    const middle = bytes.subarray(bytes.length >> 1, (bytes.length >> 1) + 24)
    return [textNeedle(`canary of ${name}`, canaryOf(name)), bytesNeedle(`middle of ${name}`, middle)]
  })
  return [...marks, ...own]
}

/** Handles, titles and what the posts say, but for links and names of models, which findings are made of. */
function textNeedles({ plan }: LocalForum): Needle[] {
  const wrote = new Set(plan.posts.map((post) => post.author))
  const names = plan.authors.filter(({ id }) => wrote.has(id)).map(({ name }) => name)
  const said = plan.posts.flatMap((post) =>
    post.blocks.flatMap((block) =>
      block.kind === "paragraph" ? block.runs.flatMap((run) => ("text" in run ? [run.text.trim()] : [])) : [],
    ),
  )
  const sentences = [...new Set(said)].filter((text) => text.length > 20 && !/safetensors|LoRA|model/.test(text))
  assert.ok(names.length > 10 && sentences.length > 50)
  return [...names, ...plan.threads.map((thread) => thread.title), ...sentences].map((text) => textNeedle(text, text))
}

test("a search finds what is there: canaries as text, pixels, base64 and hexadecimal, in files and outputs", async (t) => {
  const forum = await startLocalForum(t, 5)
  const needles = pictureNeedles(forum)
  const folder = join(forum.directory, "planted/deep")
  mkdirSync(folder, { recursive: true })
  const lossless = forum.plan.images.find((image) => image.lossless)!
  const picture = Buffer.from(forum.pictures.get(lossless.name)!)
  const canary = canaryOf(lossless.name)
  const pixels = Buffer.from([...canary.matchAll(/.{3}/gs)].flatMap(([three]) => [...Buffer.from(three), 255]))
  const planted: Record<string, Buffer> = {
    "kept.png": picture,
    "half.bin": picture.subarray(picture.length >> 1),
    "json.txt": Buffer.from(JSON.stringify({ image: Buffer.from(`xx${canary}`).toString("base64") })),
    "dump.hex": Buffer.from(Buffer.from(canary).toString("hex")),
    "decoded.rgba": pixels,
  }
  for (const [name, bytes] of Object.entries(planted)) writeFileSync(join(folder, name), bytes)
  const store = new DatabaseSync(join(folder, "store.db"))
  store.exec("PRAGMA journal_mode = WAL; CREATE TABLE kept (bytes BLOB)")
  store.prepare("INSERT INTO kept VALUES (?)").run(picture)
  const { hits } = searchResidue([join(forum.directory, "planted")], needles, { stderr: `oops ${canary}` })
  store.close()
  const found = new Set(hits.map(({ where }) => basename(where)))
  assert.deepEqual(found, new Set([...Object.keys(planted), "store.db-wal", "stderr"]))
})

test("after crawl, work, list and export, nothing at rest holds a picture, a post's text or a handle; nor does a debug log", {
  timeout: 120_000,
}, async (t) => {
  const forum = await startLocalForum(t, 5)
  const place = await workspace(forum, "calm")
  const loud = { ...place, env: { ...place.env, WATCHLINE_LOG_LEVEL: "debug" } }
  const outputs: Record<string, string> = {}
  const logs: string[] = []
  for (const words of [
    ["crawl", "--once"],
    ["work", "--once"],
    ["list", "publish"],
    ["list", "export"],
    ["export", "posts", "--jsonl"],
    ["export", "images", "--jsonl"],
    ["export", "findings", "--jsonl"],
    ["report", "--json"],
  ]) {
    const { exit, stdout, stderr } = await runCommand(loud, ...words)
    assert.equal(exit, 0, stderr)
    writeFileSync(join(place.home, `${words.join("-")}.out`), stdout)
    outputs[`stderr of ${words.join(" ")}`] = stderr
    logs.push(stderr)
  }
  const images = await runCommand(place, "--json", "export", "images")
  const unique = new Set([...forum.pictures.values()].map((bytes) => createHash("sha256").update(bytes).digest("hex")))
  assert.ok((JSON.parse(images.stdout) as { images: unknown[] }).images.length > 20 && unique.size > 20)

  const { files, hits } = searchResidue(place.folders, [...pictureNeedles(forum), ...textNeedles(forum)], outputs)
  assert.ok(files > 10, `${files} files`)
  assert.deepEqual(hits, [])
  const log = logs.join("")
  assert.ok(!/https?:|onion|\/viewtopic|\/download/.test(log), log)
  assert.ok(!log.includes(onion.slice(0, 16)), log)
})

test("a crawl that is killed in the middle of pictures leaves none of them anywhere", {
  timeout: 120_000,
}, async (t) => {
  const forum = await startLocalForum(t, 5)
  const place = await workspace(forum, "killed")
  const needles = pictureNeedles(forum)
  for (const more of [2, 7, 12]) {
    const before = forum.server.requests().images
    const crawl = startCommand(place, "crawl", "--once")
    while (forum.server.requests().images < before + more && crawl.process.exitCode === null) await sleep(2)
    crawl.process.kill("SIGKILL")
    const { exit, stdout, stderr } = await crawl.ended
    assert.equal(exit, "SIGKILL", `the crawl was over before picture ${more}`)
    assert.deepEqual(searchResidue(place.folders, needles, { stdout, stderr }).hits, [])
  }
})

test("the launcher switches core dumps off, and a crash in the middle of pictures leaves neither core nor picture", {
  timeout: 120_000,
}, async (t) => {
  const forum = await startLocalForum(t, 5)
  const place = await workspace(forum, "crashed")
  const { launcher, root: own } = launcherOfItsOwn(forum.directory)
  // as a machine that allows core dumps, in the folder where one would be written
  const words = [process.execPath, launcher, "--home", place.home, "crawl", "--once"]
  const child = spawn("/bin/sh", ["-c", 'ulimit -c unlimited 2>/dev/null; exec "$@"', "sh", ...words], {
    cwd: place.folders[1],
    env: commandEnv(place.env),
    stdio: ["ignore", "pipe", "pipe"],
  })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk))
  const ended = once(child, "close")
  while (forum.server.requests().images < 5 && child.exitCode === null) await sleep(2)
  const [crawl] = childrenOf(child.pid!)
  assert.ok(crawl, Buffer.concat(output).toString())
  const limits = readFileSync(`/proc/${crawl}/limits`, "utf8")
  assert.match(limits, /^Max core file size +0 +0 /m)
  process.kill(crawl, "SIGSEGV")
  const [code] = (await ended) as [number]
  assert.notEqual(code, 0)
  const cores = [...place.folders, own].flatMap(filesUnder).filter((file) => /^core(\.\d+)?$/.test(basename(file)))
  assert.deepEqual(cores, [])
  const outputs = { output: Buffer.concat(output).toString("latin1") }
  assert.deepEqual(searchResidue(place.folders, pictureNeedles(forum), outputs).hits, [])
})

test("the examiner overwrites the bytes that it was given, whether it could read them or not", async (t) => {
  const forum = await startLocalForum(t, 5)
  for (const picture of [...forum.pictures.values()].slice(0, 6)) {
    for (const end of [picture.length, picture.length >> 1]) {
      const memory = new Uint8Array(end + 2).fill(1)
      memory.set(picture.subarray(0, end), 1)
      await examine(memory.subarray(1, end + 1))
      assert.deepEqual([memory[0], memory[end + 1]], [1, 1])
      assert.ok(memory.subarray(1, end + 1).every((byte) => byte === 0))
    }
  }
})

test("when its bucket's key is destroyed no text opens again, and the key is nowhere in the workspace", {
  timeout: 60_000,
}, async (t) => {
  const forum = await startLocalForum(t, 5)
  const place = await workspace(forum, "expired")
  for (const command of ["crawl", "work"]) assert.equal((await runCommand(place, command, "--once")).exit, 0)
  const store = new DatabaseSync(join(place.home, "store/case.db"))
  const keys = store.prepare("SELECT bucket, key FROM bucket_key").all() as { bucket: string; key: Uint8Array }[]
  store.close()
  assert.ok(keys.length > 0)
  const wrapped = keys.map(({ bucket, key }) => bytesNeedle(bucket, key.slice(12)))
  assert.equal(searchResidue(place.folders, wrapped).hits.length > 0, true, "the search sees the key while it is there")

  const later = await openSystem(place.home, { env: place.env, clock: () => Date.now() + 60 * 24 * 3_600_000 })
  try {
    assert.deepEqual(
      await later.vault.expire(later.clock()),
      keys.map(({ bucket }) => bucket),
    )
    const posts = []
    for await (const { id, sealed } of later.findings.posts({})) posts.push({ recordId: id, sealed: sealed! })
    assert.equal(posts.length, forum.plan.posts.length)
    const opened = await later.vault.open(posts, { actor: "test", reason: "after the end" })
    assert.ok(
      opened.every((content) => content instanceof Error && "code" in content && content.code === "text_key_destroyed"),
    )
  } finally {
    await later.close()
  }
  const { stdout } = await runCommand(place, "--json", "export", "posts", "--open", "after the end")
  const exported = (JSON.parse(stdout) as { posts: { text: string | null; author: string | null }[] }).posts
  assert.ok(exported.length > 0 && exported.every((post) => post.text === null && post.author === null))
  assert.deepEqual(searchResidue(place.folders, wrapped).hits, [])
})

/** The launcher as a fresh clone has it, its packages installed already, so that it installs nothing in the real one. */
function launcherOfItsOwn(directory: string): { launcher: string; root: string } {
  const own = join(directory, "clone")
  mkdirSync(join(own, "src"), { recursive: true })
  mkdirSync(join(own, "node_modules/.bin"), { recursive: true })
  cpSync(join(root, "src/launch.mjs"), join(own, "src/launch.mjs"))
  writeFileSync(join(own, "package-lock.json"), "{}")
  writeFileSync(join(own, "node_modules/.installed-from"), createHash("sha256").update("{}").digest("hex"))
  symlinkSync(process.execPath, join(own, "node_modules/.bin/node"))
  symlinkSync(join(root, "src/cli"), join(own, "src/cli"))
  return { launcher: join(own, "src/launch.mjs"), root: own }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number)
}
