import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import type { RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { crawlAll } from "../../src/cli/crawl-all.ts"
import { openOutput } from "../../src/cli/output.ts"
import { crawled, goodPosts } from "../support/hostile-crawl.ts"
import { startHostileServer } from "../support/hostile-server.ts"
import { onion, prepareWorkspace, withSystem } from "../support/local-forum.ts"
import { phpbbBoard, phpbbIndex, phpbbThread, plainBoard, plainThread, sendHtml } from "../support/small-forum.ts"
import { startSocksServer } from "../support/socks-server.ts"

test("a topic that links to itself under ever new addresses is one topic, and the crawl ends", {
  timeout: 120_000,
}, async (t) => {
  const posts = goodPosts(6)
  let asked = 0
  /** The same two posts under every address, and always two addresses more. */
  const trap = (page: (links: string) => string, link: (n: number) => string): RequestListener => {
    return (_, to) => {
      asked += 1
      const links = [1, 2].map((n) => link(asked * 10 + n)).map((url) => `<a rel="next" href="${url}">next</a>`)
      to.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page(links.join(" ")))
    }
  }
  const trapped = [
    { id: 901, text: "Round and round." },
    { id: 902, text: "The gnome goes." },
  ]
  await t.test("by pages that do not exist, in phpBB", async (t) => {
    asked = 0
    const topic = trap(
      (links) => phpbbThread(90, trapped, `<div class="pagination">${links}</div>`),
      (n) => `./viewtopic.php?t=90&start=${n}&sid=${n}&order=${n}`,
    )
    const topics = Object.fromEntries(posts.map((post) => [post.id, phpbbThread(post.id, [post])]))
    const index = sendHtml(phpbbIndex())
    const crawl = await crawled(t, {
      "/": index,
      "/index.php": index,
      "/viewforum.php": sendHtml(phpbbBoard([90, ...posts.map(({ id }) => id)])),
      "/viewtopic.php": (request, to) =>
        request.url?.includes("t=90")
          ? topic(request, to)
          : sendHtml((query) => topics[Number(query.get("t"))])(request, to),
    })
    assert.ok(asked >= 3 && asked < 30, `${asked} pages of the trap`)
    assert.deepEqual([...crawl.texts.keys()].sort(), [...posts.map(({ id }) => String(id)), "901", "902"])
    assert.deepEqual([crawl.summary.ended, crawl.summary.alarms], ["nothing due", 0])
  })

  await t.test("by parameters, in a forum without known software", async (t) => {
    asked = 0
    const topic = trap(
      (links) => plainThread(trapped, links),
      (n) => `/showthread.php?tid=90&x=${n}`,
    )
    const pairs = new Map(posts.map((post) => [post.id, [post, { id: post.id + 500, text: `Yes, ${post.id}.` }]]))
    const crawl = await crawled(t, {
      "/": sendHtml(plainBoard([90, ...pairs.keys()].map((id) => `/showthread.php?tid=${id}`))),
      "/showthread.php": (request, to) =>
        request.url?.includes("tid=90")
          ? topic(request, to)
          : sendHtml((query) => plainThread(pairs.get(Number(query.get("tid"))) ?? []))(request, to),
    })
    assert.ok(asked >= 3 && asked < 30, `${asked} pages of the trap`)
    assert.equal(crawl.texts.size, posts.length * 2 + trapped.length)
    assert.equal(crawl.summary.ended, "nothing due")
  })
})

test("a forum that makes up new topics without end fills its share of the frontier, raises an alarm, and the crawl ends", {
  timeout: 120_000,
}, async (t) => {
  const posts = goodPosts(6)
  const index = sendHtml(phpbbIndex())
  const crawl = await crawled(
    t,
    {
      "/": index,
      "/index.php": index,
      "/viewforum.php": sendHtml(phpbbBoard([9000, ...posts.map(({ id }) => id)])),
      "/viewtopic.php": sendHtml((query) => {
        const id = Number(query.get("t"))
        const good = posts.find((post) => post.id === id)
        if (good) return phpbbThread(id, [good])
        const more = [1, 2, 3].map((n) => `<a href="./viewtopic.php?t=${id * 3 + n}">and on</a>`)
        return phpbbThread(id, [{ id, text: `Gnome ${id}, made up: ${more.join(" ")}` }])
      }),
    },
    { WATCHLINE_CRAWL_MAX_PAGES: "40" },
  )
  assert.equal(crawl.summary.ended, "nothing due")
  assert.equal(crawl.summary.pages, 40)
  for (const { id, text } of posts) assert.equal(crawl.texts.get(String(id)), text)
  assert.deepEqual(
    crawl.alarms.map(({ url, alarm }) => [url, alarm]),
    [[`http://${onion}/`, "page_limit"]],
  )
  assert.equal(crawl.summary.alarms, 1)
})

test("a forum that moved to another host is crawled anew, to its new posts on later pages", {
  timeout: 60_000,
}, async (t) => {
  const moved = `${"moved".padEnd(55, "b")}d.onion`
  const [first, second] = [goodPosts(2), [{ id: 300, text: "After the move." }]]
  let hasMoved = false
  const index = sendHtml(phpbbIndex())
  const server = await startHostileServer({
    routes: {
      "/": index,
      "/index.php": index,
      "/viewforum.php": sendHtml(phpbbBoard([1])),
      "/viewtopic.php": sendHtml((query) => {
        if (query.has("start")) return phpbbThread(1, second)
        const pages = hasMoved ? `<div class="pagination"><a href="./viewtopic.php?t=1&amp;start=2">2</a></div>` : ""
        return phpbbThread(1, first, pages)
      }),
    },
  })
  const socks = await startSocksServer({ hosts: new Map([onion, moved].map((host) => [host, server.port])) })
  const home = mkdtempSync(join(tmpdir(), "watchline-moved-"))
  t.after(async () => {
    await socks.stop()
    await server.close()
    rmSync(home, { recursive: true, force: true })
  })
  await prepareWorkspace(home, { socks })
  await withSystem(home, { socks }, async (system) => {
    const context = { output: openOutput("json"), signal: new AbortController().signal }
    await crawlAll(system, context, { forums: [], once: true })
    hasMoved = true
    const [{ signed } = assert.fail("the mandate is registered")] = await system.mandates.list()
    const { id } = await system.signMandate({ ...signed.mandate, hosts: [onion, moved] }, "kim")
    const forum = { id: "gnomes", mandate: id, engine: "auto", timeZone: "UTC", person: "kim" }
    await system.addForum({ ...forum, url: `http://${moved}/` })
    await crawlAll(system, context, { forums: [], once: true })
    const posts = new Set((await system.eventLog.read("posts", 100)).map(({ id }) => id))
    assert.equal(posts.size, first.length + second.length)
  })
})

test("a post as large as a page costs no other post, and what is kept of it fits a message", {
  timeout: 60_000,
}, async (t) => {
  const index = sendHtml(phpbbIndex())
  const huge = { id: 21, text: "A very long gnome. ".repeat(200_000) }
  const links = Array.from(
    { length: 4000 },
    (_, n) => `<a href="http://elsewhere.example/${"g".repeat(900)}${n}">x</a>`,
  )
  const patient = { WATCHLINE_CRAWL_TIMEOUT_SECONDS: "60" }
  const routes = {
    "/": index,
    "/index.php": index,
    "/viewforum.php": sendHtml(phpbbBoard([1, 2])),
    "/viewtopic.php": sendHtml((query: URLSearchParams) =>
      query.get("t") === "1"
        ? phpbbThread(1, [{ id: 20, text: "Short." }, huge, { id: 22, text: "Short too." }])
        : phpbbThread(2, [{ id: 23, text: `Links: ${links.join(" ")}` }]),
    ),
  }
  const crawl = await crawled(t, routes, patient)
  assert.deepEqual([...crawl.texts.keys()].sort(), ["20", "21", "22", "23"])
  assert.match(crawl.texts.get("21") ?? "", /^(A very long gnome\. ?){1000}/)
  assert.equal(crawl.summary.pageFailures, 0)
})
