import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type TestContext, test } from "node:test"
import type { Collectable } from "../../src/model/mandate.ts"
import { instant } from "../../src/model/record.ts"
import { createWorkspace, openSystem } from "../../src/system.ts"
import { type HostileServer, startHostileServer } from "../support/hostile-server.ts"
import { onion, quickSettings } from "../support/local-forum.ts"
import { phpbbRoutes, phpbbThread } from "../support/small-forum.ts"
import { type SocksServer, startSocksServer } from "../support/socks-server.ts"
import { type CommandPlace, runCommand } from "../support/workspace-command.ts"

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)

interface Scene extends CommandPlace {
  readonly server: HostileServer
  readonly socks: SocksServer
}

/** A workspace and a forum of six topics with a picture each. */
async function scene(t: TestContext, routes: Parameters<typeof startHostileServer>[0] = {}): Promise<Scene> {
  const topics = Object.fromEntries(
    [1, 2, 3, 4, 5, 6].map((id) => [
      id,
      phpbbThread(id, [{ id: id * 10, text: `A gnome of topic ${id}. <img src="/picture${id}.png">` }]),
    ]),
  )
  const sendPicture: NonNullable<NonNullable<typeof routes.routes>[string]> = (_, response) =>
    response.writeHead(200, { "content-type": "image/png" }).end(picture)
  const pictures = Object.fromEntries(Object.keys(topics).map((id) => [`/picture${id}.png`, sendPicture]))
  const server = await startHostileServer({ routes: { ...phpbbRoutes(topics), ...pictures, ...routes.routes } })
  const socks = await startSocksServer({ hosts: new Map([[onion, server.port]]) })
  const home = mkdtempSync(join(tmpdir(), "watchline-mandate-"))
  t.after(async () => {
    await socks.stop()
    await server.close()
    rmSync(home, { recursive: true, force: true })
  })
  await createWorkspace(home, "Gnome Office")
  return { home, env: quickSettings(socks), server, socks }
}

interface Terms {
  readonly startsInMs?: number
  readonly endsInMs?: number
  readonly collect?: Collectable[]
}

/** A signed mandate's id. */
async function signed(place: Scene, terms: Terms = {}): Promise<string> {
  const { startsInMs = -60_000, endsInMs = 3_600_000, collect = ["posts", "text", "fingerprints"] } = terms
  const system = await openSystem(place.home, { env: place.env })
  try {
    const draft = {
      issuingBody: "Gnome Office",
      legalBasis: "a test",
      reference: "TEST-1",
      hosts: [onion],
      collect,
      retentionDays: 30,
      start: instant(Date.now() + startsInMs),
      expiry: instant(Date.now() + endsInMs),
      robots: "honour",
    }
    return (await system.signMandate(draft, "kim")).id
  } finally {
    await system.close()
  }
}

async function addForum(place: Scene, mandate: string): Promise<void> {
  const system = await openSystem(place.home, { env: place.env })
  try {
    const forum = { url: `http://${onion}/`, mandate, engine: "auto", id: "gnomes", timeZone: "UTC", person: "kim" }
    await system.addForum(forum)
  } finally {
    await system.close()
  }
}

async function json<T>(place: CommandPlace, ...args: string[]): Promise<T> {
  const { exit, stdout, stderr } = await runCommand(place, "--json", ...args)
  assert.equal(exit, 0, stderr)
  return JSON.parse(stdout) as T
}

interface ExportedPost {
  readonly postId: string
  readonly author?: string
  readonly text?: string
  readonly images: readonly { readonly url: string; readonly sha256: string | null }[]
}

const exportedPosts = async (place: Scene, ...open: string[]) =>
  (await json<{ posts: ExportedPost[] }>(place, "export", "posts", ...open)).posts

const storeFile = (place: Scene, name: string) => join(place.home, "store", name)

test("a mandate that expires in mid-crawl ends it with exit 3 and a sentence; what was collected is whole", {
  timeout: 60_000,
}, async (t) => {
  const reached = Promise.withResolvers<void>()
  const place = await scene(t, {
    routes: { "/picture3.png": () => reached.resolve() }, // never answers: the crawl is in the middle of it at the end
  })
  const mandate = await signed(place, { endsInMs: 7_000 })
  await addForum(place, mandate)
  const crawl = runCommand(place, "crawl", "--once")
  await reached.promise
  const { exit, stderr } = await crawl
  assert.equal(exit, 3)
  assert.match(stderr, /The mandate TEST-1 expired at 20.*renew it.*\(mandate_expired\)/s)
  const asked = place.server.seen.length
  assert.equal((await runCommand(place, "crawl", "--once")).exit, 3)
  assert.equal(place.server.seen.length, asked, "an expired mandate contacts nobody")

  const work = await json<{ stages: { stage: string; dead: number }[] }>(place, "work", "--once")
  assert.deepEqual(
    work.stages.map((s) => s.dead),
    [0, 0, 0, 0],
  )
  const posts = await exportedPosts(place, "--open", "comparison")
  assert.ok(posts.length >= 2 && posts.length < 6, `${posts.length} posts`)
  for (const post of posts) {
    assert.equal(post.text, `A gnome of topic ${Number(post.postId) / 10}.`)
    assert.equal(post.images.filter((image) => image.sha256 !== null).length, 1)
  }
})

test("a mandate altered by one byte in the store, not yet valid, or not for this host: exit 3, nobody is contacted", {
  timeout: 60_000,
}, async (t) => {
  const place = await scene(t)
  const mandate = await signed(place)
  const elsewhere = await runCommand(place, "forum", "add", "http://elsewhere.example/", "--mandate", mandate)
  assert.equal(elsewhere.exit, 3)
  assert.match(elsewhere.stderr, /does not cover the host elsewhere\.example/)

  await addForum(place, mandate)
  const future = await signed(place, { startsInMs: 3_600_000, endsInMs: 7_200_000 })
  const early = await runCommand(place, "forum", "add", `http://${onion}/`, "--mandate", future)
  assert.equal(early.exit, 3)
  assert.match(early.stderr, /not valid before .*\(mandate_not_yet_valid\)/s)

  const store = new DatabaseSync(storeFile(place, "case.db"))
  const altered = store.prepare("UPDATE mandate SET json = replace(json, 'a test', 'a tesT') WHERE id = ?").run(mandate)
  store.close()
  assert.equal(Number(altered.changes), 1)
  const crawl = await runCommand(place, "crawl", "--once")
  assert.equal(crawl.exit, 3)
  assert.match(crawl.stderr, /signature of mandate TEST-1 does not match its text.*\(mandate_invalid\)/s)
  assert.equal(place.socks.connections.length, 0)
})

test("a redirect out of scope is refused and recorded, and nobody there is contacted", {
  timeout: 60_000,
}, async (t) => {
  const place = await scene(t, {
    routes: {
      "/picture2.png": (_, response) => response.writeHead(302, { location: "http://elsewhere.example/p.png" }).end(),
      "/viewforum.php": (request, response) => {
        const start = new URL(request.url!, "http://x").searchParams.get("start")
        if (start) return response.writeHead(302, { location: "http://elsewhere.example/board" }).end()
        const { "/viewforum.php": board } = phpbbRoutes({ 1: "", 2: "" }, ["./viewforum.php?f=1&start=25"])
        return board!(request, response)
      },
    },
  })
  await addForum(place, await signed(place))
  const crawl = await json<{ forums: { posts: number; pageFailures: number; pictureFailures: number }[] }>(
    place,
    "crawl",
    "--once",
  )
  const [{ posts, pageFailures, pictureFailures } = { posts: 0, pageFailures: 0, pictureFailures: 0 }] = crawl.forums
  assert.deepEqual({ posts, pageFailures, pictureFailures }, { posts: 2, pageFailures: 1, pictureFailures: 1 })
  assert.deepEqual(new Set(place.socks.connections.map((c) => c.host)), new Set([onion]))
  await json(place, "work", "--once")
  const index = new DatabaseSync(storeFile(place, "findings.db"))
  const recorded = index
    .prepare("SELECT json FROM visit")
    .all()
    .map((row) => JSON.parse(String(row.json)))
  index.close()
  assert.deepEqual(
    recorded.flatMap((visit) => visit.error ?? visit.imageFailures.map((f: { error: string }) => f.error)),
    ["mandate_out_of_scope", "mandate_out_of_scope"],
  )
})

test("a record that its mandate does not cover is a dead letter with its reason, and can be replayed", {
  timeout: 60_000,
}, async (t) => {
  const place = await scene(t)
  const mandate = await signed(place)
  await addForum(place, mandate)
  await json(place, "crawl", "--once")
  // the mandate vanishes from the store before the consumers ran
  const store = new DatabaseSync(storeFile(place, "case.db"))
  const kept = store.prepare("SELECT json FROM mandate WHERE id = ?").get(mandate) as { json: string }
  store.prepare("UPDATE mandate SET id = 'gone' || substr(id, 5)").run()
  await json(place, "work", "--once")
  assert.deepEqual(await exportedPosts(place), [])
  interface Letters {
    letters: { stage: string; kind: string; code: string; reason: string }[]
  }
  const { letters } = await json<Letters>(place, "dead", "list")
  assert.ok(letters.length >= 6 * 3)
  assert.deepEqual(new Set(letters.map((l) => l.code)), new Set(["record_outside_mandate"]))
  assert.match(letters[0]!.reason, /^Mandate [0-9a-f]{12} is not registered\.$/)

  store.prepare("UPDATE mandate SET id = ?").run(mandate)
  store.close()
  assert.ok(kept)
  const { replayed } = await json<{ replayed: Record<string, number> }>(place, "dead", "replay", "store")
  assert.equal(replayed.store, letters.filter((l) => l.stage === "store").length)
  await json(place, "work", "--once")
  assert.equal((await exportedPosts(place)).length, 6)
  assert.deepEqual((await json<Letters>(place, "dead", "list")).letters, [])
})

test("without `text` nothing is sealed, without `fingerprints` no picture is asked for, without `posts` no post is kept", {
  timeout: 90_000,
}, async (t) => {
  const place = await scene(t)
  await addForum(place, await signed(place, { collect: ["posts"] }))
  await json(place, "crawl", "--once")
  await json(place, "work", "--once")
  const posts = await exportedPosts(place, "--open", "comparison")
  assert.equal(posts.length, 6)
  assert.ok(posts.every((post) => post.text === undefined && post.author === undefined))
  assert.ok(posts.every((post) => post.images.every((image) => image.sha256 === null)))
  assert.ok(!place.server.seen.some((request) => request.includes("picture")))
  const store = new DatabaseSync(storeFile(place, "events.db"))
  const sealed = store.prepare("SELECT count(*) AS count FROM message WHERE value LIKE '%sealed%'").get()
  store.close()
  assert.equal(sealed?.count, 0)

  const bare = await scene(t)
  await addForum(bare, await signed(bare, { collect: ["fingerprints"] }))
  await json(bare, "crawl", "--once")
  await json(bare, "work", "--once")
  assert.deepEqual(await exportedPosts(bare), [])
  assert.equal((await json<{ images: unknown[] }>(bare, "export", "images")).images.length, 1)
})
