import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type TestContext, test } from "node:test"
import { type LocalForum, onion, quickSettings, startLocalForum } from "../support/local-forum.ts"
import { type Ended, runCommand, startCommand } from "../support/workspace-command.ts"

const threads = 6

/** Commands on one workspace, as a script would call them. */
function scriptOn(home: string, settings: Record<string, string> = {}) {
  const place = { home, env: { WATCHLINE_LOG_LEVEL: "error", ...settings } }
  const run = (...args: string[]) => runCommand(place, ...args)
  return {
    place,
    run,
    /** What it writes with --json: exactly one object. */
    async json(...args: string[]) {
      const result = await run(...args, "--json")
      assert.equal(result.exit, 0, result.stderr)
      assert.match(result.stdout, /^\{.*\}\n$/s, args.join(" "))
      return JSON.parse(result.stdout)
    },
    /** What it writes with --jsonl: one object a line. */
    async lines(...args: string[]) {
      const result = await run(...args, "--jsonl")
      assert.equal(result.exit, 0, result.stderr)
      return linesOf(result)
    },
  }
}

function linesOf({ stdout }: Ended) {
  assert.ok(stdout === "" || stdout.endsWith("\n"))
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "watchline-command-"))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** Refused with a sentence and what to do about it, and nothing on standard output. */
function refused(result: Ended, code: number, says: RegExp): void {
  assert.equal(result.exit, code, result.stderr)
  assert.equal(result.stdout, "")
  assert.match(result.stderr, says)
  assert.doesNotMatch(result.stderr, /\n\s+at /, "no stack trace")
}

test("a script takes a forum from mandate to list by the documented names and reads every answer", async (t) => {
  const forum: LocalForum = await startLocalForum(t, threads)
  const home = join(forum.directory, "workspace")
  const { run, json, lines, place } = scriptOn(home, quickSettings(forum.socks))

  const made = await json("init", "--organisation", "Gnome Office")
  assert.ok(made.made.includes("watchline.toml"))
  for (const key of ["mandate.key", "list.key", "workspace.key"])
    assert.equal(statSync(join(home, "keys", key)).mode & 0o777, 0o600)
  assert.deepEqual((await json("init")).made, [], "a second init makes nothing anew")

  const draft = await run(
    ..."mandate draft --basis B --reference R/1 --until 2099-06-30 --collect posts,text,fingerprints --host".split(" "),
    onion,
  )
  assert.equal(draft.exit, 0, draft.stderr)
  const signed = await runCommand({ ...place, input: draft.stdout }, "mandate", "sign", "-", "--json")
  assert.equal(signed.exit, 0, signed.stderr)
  const { id } = JSON.parse(signed.stdout)
  assert.match(id, /^[0-9a-f]{64}$/)
  assert.equal((await lines("mandate", "list"))[0].state, "in force")

  const url = `http://${onion}/`
  refused(await run("forum", "add", "http://other.onion/", "--mandate", id), 3, /does not cover the host other\.onion/)
  refused(await run("forum", "add", url, "--mandate", id, "--engine", "phpb"), 2, /Did you mean "phpbb"/)
  assert.equal((await json("forum", "detect", url)).engine, "phpbb")
  assert.equal((await json("forum", "add", url, "--mandate", id, "--engine", "phpbb", "--id", "gnomes")).id, "gnomes")
  refused(await run("crawl", "gnoms", "--once"), 2, /Did you mean "gnomes"/)
  refused(await run("work", "juge", "--once"), 2, /Did you mean "judge"/)
  refused(
    await scriptOn(home, { WATCHLINE_TOR_SOCKS: "127.0.0.1:1" }).run("crawl", "--once"),
    4,
    /Nothing listens on 127\.0\.0\.1:1/,
  )

  // a set of one picture's hashes, known before the crawl
  const picture = join(forum.directory, "picture")
  writeFileSync(picture, forum.pictures.get(forum.plan.images[0]!.name)!)
  const [examined] = await lines("examine", picture)
  for (const field of [
    "file",
    "bytes",
    "sha256",
    "sha1",
    "md5",
    "format",
    "width",
    "height",
    "pdq",
    "pdqQuality",
    "signals",
  ])
    assert.ok(field in examined, field)
  writeFileSync(join(forum.directory, "set.csv"), `md5\n${examined.md5}\n`)
  const set = await json("known", "import", join(forum.directory, "set.csv"), "--format", "csv", "--source", "set")
  assert.deepEqual([set.imported, set.rejected], [1, 0])
  assert.equal((await lines("known", "match", examined.md5))[0].matches[0].source, "set")

  const crawled = await json("crawl", "--once")
  assert.equal(crawled.forums[0].ended, "nothing due")
  assert.ok((await json("work", "--once")).stages.every((stage: { dead: number }) => stage.dead === 0))

  const posts = await lines("export", "posts")
  assert.equal(posts.length, forum.plan.posts.length)
  for (const post of posts)
    assert.deepEqual(Object.keys(post), ["forum", "url", "threadUrl", "postId", "postedAt", "images", "links"])
  for (const image of posts.flatMap((post) => post.images)) assert.deepEqual(Object.keys(image), ["url", "sha256"])
  refused(await run("export", "posts", "--jsonl", "--open", "ab"), 2, /needs a reason/)
  const before = (await lines("audit", "list")).length
  const opened = await lines("export", "posts", "--open", "case 2026/17", "--as", "lee")
  assert.ok(opened.every((post) => typeof post.author === "string" && typeof post.text === "string"))
  const events = await lines("audit", "list")
  assert.ok(events.length > before)
  assert.deepEqual(
    [events.at(-1).action, events.at(-1).actor, events.at(-1).reason],
    ["text.open", "lee", "case 2026/17"],
  )

  const [images, findings, clusters] = await Promise.all([
    lines("export", "images"),
    lines("export", "findings"),
    lines("export", "clusters"),
    lines("export", "artefacts"),
  ])
  const digestOf = (name: string) => createHash("sha256").update(forum.pictures.get(name)!).digest("hex")
  assert.deepEqual(
    new Set(images.map((image) => image.sha256)),
    new Set(forum.plan.images.map((image) => digestOf(image.name))),
  )
  assert.ok(findings.length > 0)
  const month = posts[0].postedAt.slice(0, 7)
  const report = await json("report", "--month", month)
  assert.equal(report.posts, posts.filter((post) => post.postedAt.startsWith(month)).length)
  const [trends, , dead, , health] = await Promise.all([
    json("trends", "--of", "posts", "--by", "forum"),
    json("search", "gnomes"),
    json("dead", "list"),
    json("expire"),
    json("doctor"),
  ])
  assert.ok(trends.points.length > 0)
  assert.deepEqual(dead.letters, [])
  assert.ok(health.ok)
  refused(await run("dead", "show", "00"), 2, /no dead letter/)

  const cluster: string = clusters[0].id
  refused(await run("approve", cluster, "--as", "lee"), 2, /./)
  await json("decide", cluster, "--verdict", "confirmed", "--minutes", "2", "--as", "kim")
  refused(await run("approve", cluster, "--as", "kim"), 2, /second_person_required/)
  await json("approve", cluster.slice(0, 16), "--as", "lee")
  const built = await json("list", "build")
  assert.ok(built.entries.length > 0)
  assert.equal((await json("list", "publish", "--as", "lee")).list.entries.length, built.entries.length)
  assert.equal((await json("list", "verify")).valid, true)
  assert.deepEqual((await json("list", "diff", "1", "1")).added, [])
  const received = join(forum.directory, "list.json")
  writeFileSync(received, (await run("list", "export", "--format", "json", "--sequence", "1")).stdout)
  assert.equal((await json("list", "verify", received)).valid, true)
  writeFileSync(received, readFileSync(received, "utf8").replace(onion, onion.replace("gnome", "gnone")))
  const altered = await run("list", "verify", received, "--json")
  assert.deepEqual([altered.exit, JSON.parse(altered.stdout).valid], [1, false])

  await t.test("the dashboard says where it is, serves, and ends when asked", async () => {
    const child = startCommand(place, "dashboard", "--port", "0", "--json")
    t.after(() => child.process.kill("SIGKILL"))
    const [line] = (await once(child.process.stdout!, "data")) as [string]
    const page = await fetch(JSON.parse(line).url)
    assert.equal(page.status, 200)
    await page.body?.cancel()
    child.process.kill("SIGTERM")
    assert.equal((await child.ended).exit, 0)
  })

  await t.test("a crawl that is stopped ends soon, with exit 1, and another finishes it", async () => {
    const second = join(forum.directory, "second")
    const other = scriptOn(second, quickSettings(forum.socks))
    await other.json("init")
    await runCommand({ ...other.place, input: draft.stdout }, "mandate", "sign", "-")
    await other.json("forum", "add", url, "--mandate", (await other.lines("mandate", "list"))[0].id)
    const asked = forum.socks.connections.length
    const child = startCommand(other.place, "crawl", "--once", "--json")
    t.after(() => child.process.kill("SIGKILL"))
    while (forum.socks.connections.length < asked + 3) await new Promise((resolve) => setTimeout(resolve, 10))
    child.process.kill("SIGINT")
    assert.equal((await child.ended).exit, 1)
    await other.json("crawl", "--once")
    await other.json("work", "--once")
    assert.equal((await other.lines("export", "posts")).length, posts.length)
  })

  await t.test("a changed row of the audit log is named", async () => {
    assert.ok((await json("audit", "verify")).ok)
    const store = new DatabaseSync(join(home, "store", "case.db"))
    const guards = store.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_event'")
    for (const { name } of guards.all()) store.exec(`DROP TRIGGER "${name}"`)
    store.exec("UPDATE audit_event SET json = replace(json, 'kim', 'eve') WHERE sequence = 2")
    store.close()
    const verdict = await run("audit", "verify")
    refused(verdict, 1, /event 2/)
  })
})

test("mistyped names get the nearest one and exit 2", async (t) => {
  const { run } = scriptOn(folder(t))
  const cases: [string[], RegExp][] = [
    [["reprot"], /Did you mean report/],
    [["mandate", "sing", "x"], /Did you mean sign/],
    [["report", "--mont", "2026-01"], /Did you mean --month/],
    [["export", "post"], /Did you mean "posts"/],
    [["trends", "--of", "immages"], /Did you mean "images"/],
    [["list", "diff", "one", "2"], /whole number/],
    [["mandate", "draft", "--host", "x"], /required option/],
  ]
  await Promise.all(cases.map(async ([args, says]) => refused(await run(...args), 2, says)))
})

test("a workspace that cannot be used is refused with what to do", async (t) => {
  const directory = folder(t)
  const home = join(directory, "workspace")
  const { run, json } = scriptOn(home)
  refused(await run("report"), 2, /watchline init/)
  await json("init")

  const file = join(home, "watchline.toml")
  const configuration = readFileSync(file)
  writeFileSync(file, "[crawl]\ndelayMS = 3\n")
  refused(await run("report"), 2, /Did you mean "crawl\.delayMs"/)
  writeFileSync(file, "[crawl")
  refused(await run("report"), 2, /no valid TOML/)
  writeFileSync(file, configuration)
  refused(await scriptOn(home, { WATCHLINE_TOR_SOCK: "x" }).run("report"), 2, /Did you mean WATCHLINE_TOR_SOCKS/)

  const key = join(home, "keys", "list.key")
  chmodSync(key, 0o644)
  refused(await run("report"), 2, /chmod 600/)
  chmodSync(key, 0o600)

  const store = join(home, "store", "events.db")
  const damaged = readFileSync(store)
  damaged.fill(0x55, 0, 100)
  writeFileSync(store, damaged)
  rmSync(`${store}-wal`, { force: true })
  refused(await run("report"), 1, /events\.db is damaged/)

  const plain = join(directory, "file")
  writeFileSync(plain, "{")
  refused(await run("init", "--home", plain), 2, /cannot be made in/)
})

test("what cannot be examined or read is a row that says so, and exit 2", async (t) => {
  const directory = folder(t)
  const { run, place } = scriptOn(join(directory, "none"))
  writeFileSync(join(directory, "note.jpg"), "no picture")
  const examined = await run("examine", join(directory, "note.jpg"), join(directory, "gone.png"), "--jsonl")
  assert.equal(examined.exit, 2)
  const rows = linesOf(examined)
  assert.deepEqual(
    rows.map((row) => row.error),
    ["image_not_image", "not_found"],
  )
  assert.equal(rows[0].bytes, 10)
  assert.ok(!existsSync(join(directory, "none")), "no workspace is made, and none is needed")

  const read = await runCommand(
    { ...place, input: '{"id":7,"text":"grab gnome.safetensors"}\nnot json\n' },
    "read",
    "--jsonl",
  )
  assert.equal(read.exit, 2)
  const [answer, broken] = linesOf(read)
  assert.deepEqual(Object.keys(answer), ["id", "artefacts", "characters", "guide"])
  assert.equal(answer.id, 7)
  assert.equal(broken.error, "input_invalid")
})

test("terms are imported, listed by id, opened with a reason, removed; findings of `read` name them by id only", async (t) => {
  const place = { home: join(folder(t), "office"), env: {} }
  const run = (...args: string[]) => runCommand(place, ...args)
  await run("init", "--organisation", "Gnome Office")
  const imported = await runCommand(
    { ...place, input: "# ours\nmossy wall\nclay gnome\n" },
    "terms",
    "import",
    "-",
    "--json",
  )
  assert.deepEqual(JSON.parse(imported.stdout), { lines: 2, added: 2 })
  const ids = linesOf(await run("terms", "list", "--jsonl"))
  assert.deepEqual(
    ids.map((row) => Object.keys(row)),
    [["id"], ["id"]],
  )
  assert.equal((await run("terms", "list", "--open", " ")).exit, 2)
  const opened = linesOf(await run("terms", "list", "--open", "case 7", "--jsonl"))
  assert.deepEqual(opened.map(({ text }) => text).sort(), ["clay gnome", "mossy wall"])
  const input = '{"id":1,"text":"a Mossy  wall, a MOSSY WALL"}\n'
  const [plain] = linesOf(await runCommand({ ...place, input }, "read", "--jsonl"))
  const read = await runCommand({ ...place, input }, "read", "--terms", "--jsonl")
  assert.ok(linesOf(read)[0].guide.score > plain.guide.score)
  const wall = opened.find(({ text }) => text === "mossy wall").id
  assert.ok(read.stdout.includes(`term:${wall}`) && !/mossy/i.test(read.stdout))
  await run("terms", "remove", wall)
  assert.equal(linesOf(await run("terms", "list", "--jsonl")).length, 1)
  assert.equal((await run("terms", "remove", wall)).exit, 2)
  const acts = linesOf(await run("audit", "list", "--jsonl")).map(({ action }) => action)
  assert.deepEqual(
    acts.filter((action: string) => action.startsWith("terms.")),
    ["terms.import", "terms.open", "terms.remove", "terms.remove"],
  )
})

test("every command has a help page with an example", async (t) => {
  const { run } = scriptOn(folder(t))
  const top = await run("--help")
  const commands = [...top.stdout.matchAll(/^ {2}(\w+) /gm)].map((m) => m[1]!)
  assert.ok(commands.length >= 20)
  const groups = ["tor", "mandate", "forum", "dead", "known", "list", "audit"]
  for (const group of groups) assert.ok(commands.includes(group), group)
  const pages = await Promise.all(
    ["doctor", "crawl", "export", "decide", "dashboard"].map((name) => run(name, "--help")),
  )
  for (const page of pages) assert.match(page.stdout, /\nExamples?:\n {2}\$ watchline /)
})
