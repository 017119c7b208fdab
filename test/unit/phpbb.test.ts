import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import type { PageInput } from "../../crawlers/forums/forum-engine.ts"
import { phpbb } from "../../crawlers/forums/phpbb.ts"
import { detectEngine, engineByName, engineDetector } from "../../crawlers/forums/registry.ts"

const now = Date.UTC(2026, 7, 5, 12)
const input = (html: string, path = "viewtopic.php?f=3&t=12"): PageInput => ({
  url: `http://gnomes.test/${path}`,
  html,
  timeZone: "UTC",
  now,
})
const fixture = (name: string) => readFileSync(new URL(`../fixtures/forums/${name}.html`, import.meta.url), "utf8")
const body = (content: string, section = "viewtopic") =>
  `<html><body id="phpbb" class="section-${section} ltr"><div id="page-body">${content}</div></body></html>`
const post = (id: number, content: string, date = "Mon Jan 05, 2026 3:04 pm") =>
  `<div id="p${id}" class="post bg1"><div class="inner"><dl class="postprofile"><dt><a class="username" href="./memberlist.php?u=2">Alder</a></dt></dl><div class="postbody"><p class="author">by <strong>Alder</strong> » ${date}</p><div class="content">${content}</div></div></div></div>`
const words = (content: string) => phpbb.parse(input(body(post(1, content)))).posts[0]!

test("a phpBB 3.3 topic yields its posts without quotes, signature and captions", () => {
  const page = phpbb.parse(input(fixture("phpbb-3.3-thread")))
  assert.equal(page.kind, "thread")
  assert.equal(page.title, "Gnome paint")
  assert.equal(page.thread, "12")
  assert.equal(page.threadUrl, "http://gnomes.test/viewtopic.php?t=12")
  assert.deepEqual(page.posts, [
    {
      postId: "101",
      url: "http://gnomes.test/viewtopic.php?p=101",
      author: "Alder",
      postedAt: "2026-01-05T15:04:00.000Z",
      text: "Fresh paint :) on the hat.\nSecond line\n\n1. wash\n2. paint\na = 1\n  b = 2\nsee https://models.test/gnomes/very-long-address/that-goes-on/model.safetensors and mail js\ngnomes.zip",
      links: [
        "https://models.test/gnomes/very-long-address/that-goes-on/model.safetensors",
        "http://gnomes.test/download/file.php?id=7",
      ],
      images: [
        "http://pics.test/a.png",
        "http://pics.test/big.jpg",
        "http://gnomes.test/download/file.php?id=5",
        "http://gnomes.test/download/file.php?id=6&mode=view",
      ],
      attachments: [],
    },
  ])
})

test("a phpBB 3.0 topic is read in the zone of its footer, summer time included", () => {
  const page = phpbb.parse(input(fixture("phpbb-3.0-thread")))
  const [first, second] = page.posts
  assert.equal(page.thread, "12")
  assert.equal(first!.author, "Alder")
  assert.equal(first!.postedAt, "2026-08-03T13:04:00.000Z")
  assert.equal(first!.text, "Fresh paint :) on the hat.\nSecond line\n1. wash\n2. paint\na = 1\n  b = 2\ngnomes.zip")
  assert.deepEqual(first!.images, ["http://pics.test/a.png", "http://gnomes.test/download/file.php?id=6&mode=view"])
  assert.equal(second!.author, "Passer-by")
  assert.equal(second!.postedAt, "2026-08-04T21:30:00.000Z")
  assert.equal(second!.text, "Nice.")
  assert.deepEqual(second!.images, [])
})

test("a topic names its further pages once, without session, forum and print parameters", () => {
  const { links } = phpbb.parse(input(fixture("phpbb-3.0-thread"), "viewtopic.php?p=101"))
  assert.deepEqual(
    links.map((link) => `${link.kind} ${link.url}`),
    [
      "index http://gnomes.test/index.php",
      "board http://gnomes.test/viewforum.php?f=3",
      "thread http://gnomes.test/viewtopic.php?t=12",
      "thread http://gnomes.test/viewtopic.php?t=12&start=10",
      "thread http://gnomes.test/viewtopic.php?t=12&start=20",
    ],
  )
})

test("a board yields topics, their pages, sub-boards and its own pages, but no link forum, profile, log-in or last post", () => {
  const page = phpbb.parse(input(fixture("phpbb-3.2-board"), "viewforum.php?f=3"))
  assert.equal(page.kind, "board")
  assert.equal(page.title, "Garden")
  assert.deepEqual(page.links.map((link) => `${link.kind} ${link.url.slice("http://gnomes.test/".length)}`).sort(), [
    "board viewforum.php?f=3",
    "board viewforum.php?f=3&start=25",
    "board viewforum.php?f=31",
    "index index.php",
    "thread viewtopic.php?t=1",
    "thread viewtopic.php?t=12",
    "thread viewtopic.php?t=12&start=10",
    "thread viewtopic.php?t=14",
  ])
})

test("a link to a single post is followed only where nothing names a topic or board", () => {
  const lone = body(`<a href="./viewtopic.php?p=5#p5">a post</a>`, "portal")
  assert.deepEqual(phpbb.parse(input(lone, "portal.php")).links, [
    { url: "http://gnomes.test/viewtopic.php?p=5", kind: "thread" },
  ])
  const named = body(`<a href="./viewtopic.php?p=5#p5">a post</a><a href="./viewtopic.php?t=2">topic</a>`, "portal")
  assert.deepEqual(phpbb.parse(input(named, "portal.php")).links, [
    { url: "http://gnomes.test/viewtopic.php?t=2", kind: "thread" },
  ])
})

test("rewritten addresses give the same topic and board on every page", () => {
  const html = body(
    `<h2 class="topic-title"><a href="/garden-f3/gnome-paint-t12.html">Gnome paint</a></h2><div class="pagination"><ul><li><a href="/garden-f3/gnome-paint-t12-10.html">2</a></li></ul></div>${post(1, "words")}`,
  )
  const page = phpbb.parse(input(html, "garden-f3/gnome-paint-t12-20.html"))
  assert.equal(page.thread, "12")
  assert.equal(page.threadUrl, "http://gnomes.test/garden-f3/gnome-paint-t12.html")
  assert.ok(page.links.some((link) => link.url === "http://gnomes.test/garden-f3/gnome-paint-t12-10.html"))
})

test("post dates are read in the formats and languages that boards use", () => {
  const dates: Record<string, string> = {
    "05 Jan 2026, 15:04": "2026-01-05T15:04:00.000Z",
    "Jan 5th, '26, 15:04": "2026-01-05T15:04:00.000Z",
    "January 5th, 2026, 3:04 pm": "2026-01-05T15:04:00.000Z",
    "Mo 5. Jan 2026, 15:04": "2026-01-05T15:04:00.000Z",
    "lun. 5 janv. 2026 15:04": "2026-01-05T15:04:00.000Z",
    "mar. 6 ene 2026 15:04": "2026-01-06T15:04:00.000Z",
    "Пн янв 05, 2026 15:04": "2026-01-05T15:04:00.000Z",
    "2026-01-05 15:04": "2026-01-05T15:04:00.000Z",
    "05.01.2026 15:04": "2026-01-05T15:04:00.000Z",
    "Today, 3:04 pm": "2026-08-05T15:04:00.000Z",
    "Gestern, 15:04": "2026-08-04T15:04:00.000Z",
    "5 minutes ago": "2026-08-05T11:55:00.000Z",
    "less than a minute ago": "2026-08-05T12:00:00.000Z",
  }
  for (const [text, expected] of Object.entries(dates)) {
    assert.equal(phpbb.parse(input(body(post(1, "x", text)))).posts[0]!.postedAt, expected, text)
  }
})

test("a zone that the footer names by name gives winter posts winter time", () => {
  const footer = `<div id="page-footer"><ul><li>All times are <span title="Europe/Berlin">UTC+02:00</span></li></ul></div>`
  const page = phpbb.parse(input(body(post(1, "x", "Mon Jan 05, 2026 3:04 pm") + footer)))
  assert.equal(page.posts[0]!.postedAt, "2026-01-05T14:04:00.000Z")
})

test("the same picture inline and in the attachment box counts once, a thumbnail by its full size", () => {
  const { images } = words(
    `<img src="./download/file.php?id=5&amp;t=1"><dl class="attachbox"><dd><dl class="thumbnail"><dt><a href="./download/file.php?id=5&amp;mode=view"><img src="./download/file.php?id=5&amp;t=1"></a></dt></dl></dd></dl>`,
  )
  assert.deepEqual(images, ["http://gnomes.test/download/file.php?id=5"])
})

test("links with control characters, foreign schemes and data are no links", () => {
  const { links } = words(
    `<a href="java\tscript:alert(1)">a</a><a href="data:text/html,x">b</a><a href="http://a.test/\u0001x">c</a><a href=" \n//cdn.test/m.zip ">d</a><a href="mailto:x@y.test">e</a>`,
  )
  assert.deepEqual(links, ["http://cdn.test/m.zip"])
})

test("relative links start from the page's base address", () => {
  const html = `<html><head><base href="http://gnomes.test/board/"></head>${body(post(1, `<img src="a.png">`))}</html>`
  assert.deepEqual(phpbb.parse(input(html)).posts[0]!.images, ["http://gnomes.test/board/a.png"])
})

test("a page that is a log-in form, a message or an interstitial says so", () => {
  const obstacle = (content: string, section = "viewtopic") => phpbb.parse(input(body(content, section))).obstacle
  const message = (text: string) => `<div class="panel" id="message"><h2>Information</h2><p>${text}</p></div>`
  assert.equal(obstacle(`<form id="login" action="./ucp.php"><input type="password" name="password"></form>`), "log_in")
  assert.equal(obstacle(message("You are not authorised to read this forum.")), "log_in")
  assert.equal(obstacle(message("The requested topic does not exist.")), "error")
  assert.equal(obstacle(message("Sorry but this board is currently unavailable.")), "maintenance")
  assert.equal(
    phpbb.parse(input("<html><title>Just a moment...</title><body><script>go()</script></body></html>")).obstacle,
    "challenge",
  )
  assert.equal(obstacle(post(1, "we speak of maintenance and captcha here")), undefined)
})

test("posts of an unclosed page are each read by themselves", () => {
  const open = (id: number, text: string) => post(id, text).replace(/<\/div>/g, "")
  const { posts } = phpbb.parse(input(body(open(1, "first") + open(2, "second"))))
  assert.deepEqual(
    posts.map(({ postId, text }) => [postId, text]),
    [
      ["1", "first"],
      ["2", "second"],
    ],
  )
})

test("a reply form's topic review and search results are no posts", () => {
  const review = body(`<div id="topicreview">${post(7, "old")}</div>`, "posting")
  assert.deepEqual(phpbb.parse(input(review, "posting.php?mode=reply&t=12")).posts, [])
})

test("one hundred thousand nested elements end neither the stack nor the page", () => {
  const deep = `${"<div>".repeat(100_000)}x${"</div>".repeat(100_000)}`
  assert.equal(phpbb.parse(input(body(deep + post(1, "after")))).posts.length, 1)
  assert.equal(words("<blockquote><div>".repeat(50_000)).text, "")
})

test("a page of a hundred thousand links yields five thousand", () => {
  const html = body(Array.from({ length: 30_000 }, (_, i) => `<a href="viewtopic.php?t=${i + 1}">x</a>`).join(""))
  assert.equal(phpbb.parse(input(html)).links.length, 5000)
})

test("phpBB is told from its structure by two markers or more", () => {
  assert.equal(detectEngine(input(fixture("phpbb-3.0-thread"))).engine.name, "phpbb")
  assert.equal(detectEngine(input(fixture("phpbb-3.2-board"))).engine.name, "phpbb")
  assert.equal(detectEngine(input("<html><body><p>hello</p></body></html>")).engine.name, "generic")
})

test("a crawl is told the engine of each page, whatever page came before", () => {
  const engineOf = engineDetector()
  const pages = [fixture("phpbb-3.0-thread"), "<p>hello</p>", fixture("phpbb-3.2-board"), "<p>hello</p>"]
  assert.deepEqual(
    pages.map((html) => engineOf(input(html)).name),
    ["phpbb", "generic", "phpbb", "generic"],
  )
})

test("an engine's name that is nearly right is refused with the right one", () => {
  assert.throws(() => engineByName("phpb"), { code: "not_found", remedy: /"phpbb"/ })
})

test("a phpBB style with a markup of its own still yields its posts", () => {
  const table = (id: number, who: string, text: string) =>
    `<table class="tablebg"><tr class="row1"><td><a name="p${id}"></a><b class="postauthor">${who}</b></td><td class="gensmall"><a href="./viewtopic.php?p=${id}#p${id}">Post</a><b>Posted:</b> Mon Jan 05, 2026 3:04 pm&nbsp;</td></tr><tr class="row1"><td class="profile"><span class="postdetails"><b>Joined:</b> Sun Nov 02, 2025 9:00 am</span></td><td><div class="postbody">${text}</div></td></tr></table>`
  const html = `<html><body class="ltr"><h2><a class="titles" href="./viewtopic.php?f=3&amp;t=12">Gnome paint</a></h2>${table(1, "Alder", "One gnome.")}${table(2, "Birch", `<div class="quotetitle">Alder wrote:</div><div class="quotecontent">One gnome.</div><br>Two gnomes.`)}</body></html>`
  const { posts, thread } = phpbb.parse(input(html))
  assert.equal(thread, "12")
  assert.deepEqual(
    posts.map(({ postId, author, postedAt, text }) => ({ postId, author, postedAt, text })),
    [
      { postId: "1", author: "Alder", postedAt: "2026-01-05T15:04:00.000Z", text: "One gnome." },
      { postId: "2", author: "Birch", postedAt: "2026-01-05T15:04:00.000Z", text: "Two gnomes." },
    ],
  )
})
