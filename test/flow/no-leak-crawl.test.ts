import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import type { RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { startHostileServer } from "../support/hostile-server.ts"
import { onion, prepareWorkspace, quickSettings, withSystem } from "../support/local-forum.ts"
import { contactsBeside, observeNetwork } from "../support/network-observer.ts"
import { phpbbRoutes, phpbbThread } from "../support/small-forum.ts"
import { type SocksServer, startSocksServer } from "../support/socks-server.ts"
import { commandEnv, commandWords } from "../support/workspace-command.ts"

const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
)
const sendPicture: RequestListener = (_, response) =>
  response.writeHead(200, { "content-type": "image/png" }).end(picture)

interface Summary {
  readonly forums: readonly {
    readonly posts: number
    readonly pictures: number
    readonly pageFailures: number
    readonly pictureFailures: number
    readonly ended: string
  }[]
}

/** A forum of eight topics that name other hosts in every way that a page can. */
async function temptingForum(t: TestContext, routes: (socks: SocksServer) => Record<string, RequestListener>) {
  const text = (id: number) => `Gnome ${id} <img src="/own${id}.png"> <img src="http://pictures.example/${id}.png">
    <img src="//192.0.2.7/hot.png"> <a href="http://elsewhere.example/viewtopic.php?t=${id}">elsewhere</a>
    <a href="http://192.0.2.8/viewtopic.php?t=9">there</a>`
  const head = `<link rel="dns-prefetch" href="//prefetch.example"><link rel="next" href="http://next.example/viewtopic.php?t=1&amp;start=10">
    <iframe src="http://frame.example/"></iframe><meta http-equiv="refresh" content="900;url=http://refresh.example/">`
  const ids = [1, 2, 3, 4, 5, 6, 7, 8]
  const topics = Object.fromEntries(ids.map((id) => [id, phpbbThread(id, [{ id: id * 10, text: text(id) }], head)]))
  const hosts = new Map<string, number>()
  const socks = await startSocksServer({ hosts })
  const pictures = Object.fromEntries(ids.map((id) => [`/own${id}.png`, sendPicture]))
  const server = await startHostileServer({ routes: { ...phpbbRoutes(topics), ...pictures, ...routes(socks) } })
  hosts.set(onion, server.port)
  const directory = mkdtempSync(join(tmpdir(), "watchline-leak-"))
  t.after(async () => {
    await socks.stop()
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const home = join(directory, "home")
  await prepareWorkspace(home, { socks })
  return { home, socks, ids }
}

async function observedCrawl(home: string, socks: SocksServer) {
  const seen = await observeNetwork({
    command: commandWords("--home", home, "--json", "crawl", "--once"),
    env: commandEnv(quickSettings(socks)),
    timeoutMs: 120_000,
  })
  assert.equal(seen.exitCode, 0, seen.stderr)
  const port = `${socks.host}:${socks.port}`
  assert.ok(
    seen.contacts.some(({ peer }) => peer === port),
    "the observer did not see the SOCKS port itself",
  )
  assert.deepEqual(contactsBeside([port], seen.contacts), [])
  assert.deepEqual(new Set(socks.connections.map((c) => c.host)), new Set([onion]), "Tor is asked for no other host")
  return (JSON.parse(seen.stdout) as Summary).forums[0]!
}

test("a whole crawl reaches nothing but the SOCKS port, whatever its pages name", { timeout: 150_000 }, async (t) => {
  const { home, socks, ids } = await temptingForum(t, () => ({}))
  const { posts, pictures, pageFailures, pictureFailures, ended } = await observedCrawl(home, socks)
  assert.deepEqual(
    { posts, pictures, pageFailures, ended },
    { posts: ids.length, pictures: ids.length, pageFailures: 0, ended: "nothing due" },
  )
  assert.equal(pictureFailures, ids.length * 2, "a hot-linked picture is recorded as not fetched")
})

test("Tor killed in the middle of a page and of a picture: the crawl waits, contacts nobody, and loses nothing", {
  timeout: 150_000,
}, async (t) => {
  let deaths = 0
  /** Half an answer, then Tor is gone for a second. */
  const dieOnce = (type: string, served: RequestListener, socksOf: () => SocksServer): RequestListener => {
    let died = false
    return (request, response) => {
      if (died) return served(request, response)
      died = true
      response.writeHead(200, { "content-type": type, "content-length": 5000 }).write("half of it")
      void sleep(50)
        .then(() => socksOf().stop())
        .then(() => sleep(1000))
        .then(() => socksOf().restart())
        .then(() => deaths++)
    }
  }
  const { home, socks, ids } = await temptingForum(t, (server) => {
    const { "/viewforum.php": board } = phpbbRoutes(Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((id) => [id, ""])))
    return {
      "/viewforum.php": dieOnce("text/html", board!, () => server),
      "/own5.png": dieOnce("image/png", sendPicture, () => server),
    }
  })
  const { posts, pageFailures, ended } = await observedCrawl(home, socks)
  assert.equal(deaths, 2)
  assert.deepEqual({ posts, pageFailures, ended }, { posts: ids.length, pageFailures: 0, ended: "nothing due" })

  const frontier = new DatabaseSync(join(home, "store/frontier.db"))
  const tries = frontier.prepare("SELECT sum(attempt) AS attempts, sum(failed) AS failed FROM page").get()
  frontier.close()
  assert.deepEqual({ ...tries }, { attempts: 0, failed: 0 }, "Tor's absence is nobody's failure")
  await withSystem(home, { socks }, async ({ eventLog }) => {
    const visits = (await eventLog.read("visits", 1000)).map(({ value }) => value as { error?: string })
    assert.deepEqual(
      visits.filter((visit) => visit.error),
      [],
    )
    assert.equal((await eventLog.read("sightings", 1000)).length, ids.length)
  })
})
