import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { generic } from "../../crawlers/forums/generic.ts"
import { detectEngine } from "../../crawlers/forums/registry.ts"

const input = (html: string, url: string) => ({ url, html, timeZone: "UTC", now: Date.UTC(2026, 0, 7, 12) })
const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/forums/generic/${name}.html`, import.meta.url), "utf8")
const media = "http://gnomes.example/.media/4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce.jpg"

/** Name, address of the thread, its second page, and pictures of the first post. */
const engines: readonly (readonly [string, string, string | undefined, readonly string[]])[] = [
  ["mybb", "showthread.php?tid=12", "showthread.php?tid=12&page=2", ["http://pics.example/pond.jpg"]],
  ["smf", "index.php?topic=12.0", "index.php?topic=12.20", ["http://pics.example/pond.jpg"]],
  ["fluxbb", "viewtopic.php?id=12", "viewtopic.php?id=12&p=2", ["http://pics.example/pond.jpg"]],
  [
    "xenforo",
    "threads/gnome-by-the-pond.12/",
    "threads/gnome-by-the-pond.12/page-2",
    ["http://pics.example/pond.jpg", "http://gnomes.example/attachments/hat-jpg.7/"],
  ],
  [
    "vbulletin4",
    "showthread.php?12-Gnome-by-the-pond",
    "showthread.php?12-Gnome-by-the-pond/page2",
    ["http://pics.example/pond.jpg"],
  ],
  ["vbulletin3", "showthread.php?t=12", "showthread.php?t=12&page=2", ["http://pics.example/pond.jpg"]],
  ["discourse", "t/gnome-by-the-pond/12", "t/gnome-by-the-pond/12?page=2", ["http://pics.example/pond.jpg"]],
  ["vichan", "art/res/101.html", undefined, ["http://gnomes.example/art/src/1767625440000.jpg"]],
  ["lynxchan", "art/res/101.html", undefined, [media]],
  ["unknown", "talk/view?n=12", "talk/view?n=12&page=2", ["http://pics.example/pond.jpg"]],
]

for (const [name, path, next, images] of engines) {
  test(`a thread shaped like ${name} gives authors, times, own words, links and full-size pictures`, () => {
    const page = input(fixture(name), `http://gnomes.example/${path}`)
    const { engine } = detectEngine(page)
    const parsed = engine.parse(page)
    assert.equal(engine.name, "generic")
    assert.equal(parsed.kind, "thread")
    assert.equal(parsed.obstacle, undefined)
    assert.equal(parsed.threadUrl, `http://gnomes.example/${path}`)
    assert.match(parsed.title, /^Gnome by the pond/)
    assert.deepEqual(
      parsed.posts.map((post) => post.author.replace("!Hat", "")),
      ["Alder", "Birch", "Cedar"],
    )
    assert.deepEqual(
      parsed.posts.map((post) => post.postedAt),
      ["2026-01-05T15:04:00.000Z", "2026-01-05T16:10:00.000Z", "2026-01-06T09:30:00.000Z"],
    )
    const [first, second, third] = parsed.posts
    assert.match(first!.text, /^The red gnome stands by the pond\.(\ngnomes\.zip)?$/)
    assert.match(second!.text, /^Mine prefers the rose bed, see/)
    assert.match(third!.text, /Paint the hat twice\.$/)
    assert.deepEqual(first!.images, images)
    assert.deepEqual(second!.images, [])
    assert.deepEqual(second!.links, ["http://roses.example/gnomes"])
    assert.equal(new Set(parsed.posts.map((post) => post.postId)).size, 3)
    if (next) {
      assert.ok(
        parsed.links.some((link) => link.kind === "thread" && link.url === `http://gnomes.example/${next}`),
        "next page",
      )
    }
    for (const link of parsed.links) assert.doesNotMatch(link.url, /login|member|search|profile|register|help/)
  })
}

test("a board of known addresses yields threads, its pages and no profiles", () => {
  const row = (tid: number) =>
    `<tr class="inline_row"><td><span id="tid_${tid}"><a href="showthread.php?tid=${tid}">Gnome ${tid}</a></span> <a href="member.php?action=profile&amp;uid=2">Alder</a></td><td><span class="lastpost">01-05-2026, 03:04 PM <a href="showthread.php?tid=${tid}&amp;action=lastpost">Last Post</a></span></td></tr>`
  const html = `<html><title>Garden</title><body><table>${row(1)}${row(2)}${row(3)}</table><div class="pagination"><a href="forumdisplay.php?fid=3&amp;page=2">2</a></div></body></html>`
  const page = generic.parse(input(html, "http://gnomes.example/forumdisplay.php?fid=3"))
  assert.equal(page.kind, "board")
  assert.deepEqual(page.posts, [])
  assert.deepEqual(page.links.map((link) => `${link.kind} ${link.url.slice("http://gnomes.example/".length)}`).sort(), [
    "board forumdisplay.php?fid=3&page=2",
    "thread showthread.php?tid=1",
    "thread showthread.php?tid=2",
    "thread showthread.php?tid=3",
  ])
})

test("a list of unknown addresses yields threads, on a start page boards", () => {
  const rows = [4, 5, 6].map(
    (n) => `<li class="item"><a href="/talk/view?n=${n}">Gnome number ${n}</a> <i>5 Jan 2026, 15:04</i></li>`,
  )
  const html = `<html><body><nav><a href="/about/us">About us all</a><a href="/about/them">About them all</a></nav><ul>${rows.join("")}</ul></body></html>`
  assert.deepEqual(
    generic
      .parse(input(html, "http://gnomes.example/room/3"))
      .links.map((link) => `${link.kind} ${link.url.slice(22)}`),
    ["thread talk/view?n=4", "thread talk/view?n=5", "thread talk/view?n=6"],
  )
  assert.ok(generic.parse(input(html, "http://gnomes.example/")).links.every((link) => link.kind === "board"))
})

test("an imageboard's overview yields its threads and leaves their posts to them", () => {
  const thread = (n: number) =>
    `<div class="thread" id="thread_${n}"><div class="post op" id="op_${n}"><p class="intro"><span class="name">Alder</span> <time datetime="2026-01-05T15:04:00Z">01/05/26</time> <a class="post_no" href="/art/res/${n}.html#${n}">No.</a> <a href="/art/res/${n}.html">[Reply]</a></p><div class="body">Gnome ${n}</div></div></div>`
  const html = `<html><body>${thread(1)}${thread(2)}<div class="pages"><a href="/art/2.html">2</a></div></body></html>`
  const page = generic.parse(input(html, "http://gnomes.example/art/"))
  assert.equal(page.kind, "board")
  assert.deepEqual(page.links.map((link) => `${link.kind} ${new URL(link.url).pathname}`).sort(), [
    "board /art/2.html",
    "thread /art/res/1.html",
    "thread /art/res/2.html",
  ])
})

test("pages that are no content say what they are", () => {
  const of = (html: string) => generic.parse(input(html, "http://gnomes.example/thread/1")).obstacle
  assert.equal(of("<title>DDoS-Guard</title><body><script>x()</script></body>"), "challenge")
  assert.equal(
    of(`<title>Wait</title><body><h1>Please solve the captcha</h1><img src="/captcha.png"></body>`),
    "challenge",
  )
  assert.equal(of(`<title>Log in</title><body><form><input type="password"></form></body>`), "log_in")
  assert.equal(of("<title>Gnomes</title><body><h1>Down for maintenance</h1></body>"), "maintenance")
  assert.equal(of("<title>404 Not Found</title><body><h1>Not Found</h1></body>"), "error")
})

test("a post without a number is known by what it says", () => {
  const post = (who: string, text: string) =>
    `<div class="comment"><b class="author">${who}</b><time datetime="2026-01-05T15:04:00Z">then</time><div class="text">${text}</div></div>`
  const html = `<html><body>${post("Alder", "One gnome stands here.")}${post("Birch", "Two gnomes stand there.")}</body></html>`
  const url = "http://gnomes.example/thread/gnomes"
  const [first, second] = generic.parse(input(html, url)).posts
  assert.match(first!.postId, /^[0-9a-f]{32}$/)
  assert.notEqual(first!.postId, second!.postId)
  assert.equal(generic.parse(input(html, url)).posts[0]!.postId, first!.postId)
})

test("hostile nesting and endless links end in a bounded answer", () => {
  const url = "http://gnomes.example/thread/1"
  assert.deepEqual(generic.parse(input("<div>".repeat(100_000), url)).posts, [])
  const links = Array.from({ length: 30_000 }, (_, i) => `<a href="/thread/${i + 2}">gnome ${i}</a>`).join("")
  assert.equal(generic.parse(input(links, url)).links.length, 5000)
  assert.ok(generic.parse(input(`\u0000<p <p <<a href='javascript:x'>${"</div>".repeat(1000)}`, url)))
})
