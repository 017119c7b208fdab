import assert from "node:assert/strict"
import type { RequestListener } from "node:http"
import { test } from "node:test"
import { crc32, deflateSync } from "node:zlib"
import { type Crawled, crawled, goodPosts } from "../support/hostile-crawl.ts"
import { hostileRoutes } from "../support/hostile-server.ts"
import { onion } from "../support/local-forum.ts"
import { phpbbBoard, phpbbIndex, phpbbThread, plainBoard, plainThread, sendHtml } from "../support/small-forum.ts"

/** What became of an address: the codes of its visits, errors and alarms alike. */
function outcomesOf({ visits }: Crawled, path: string): Set<string> {
  const own = visits.filter((visit) => visit.url === `http://${onion}${path}`)
  return new Set(own.map((visit) => visit.error ?? visit.alarm ?? "ok"))
}

const hostilePages: readonly [fact: string, path: string, outcome: string][] = [
  ["an endless page is refused as too large", "/endless", "body_too_large"],
  ["a page with endless headers is refused as too large", "/header-flood", "body_too_large"],
  ["a redirect loop ends after a few hops", "/redirect-loop", "too_many_redirects"],
  ["a redirect out of scope is refused", "/redirect-out", "mandate_out_of_scope"],
  ["a gzip bomb is recognised", "/gzip-bomb", "decompression_bomb"],
  ["a slow drip ends by its time", "/slow-drip", "fetch_timeout"],
  ["a page that breaks off is not taken for a whole one", "/truncated", "fetch_interrupted"],
  ["a 200 error page where a topic was promised is an alarm", "/error-page", "error_page"],
  ["a topic that yields no posts is an alarm", "/empty-topic", "no_posts"],
  ["a picture that calls itself a page is no topic", "/image-as-html", "page_unexpected"],
  ["a topic that is gone is recorded as such", "/gone", "http_refused"],
]

const own: Readonly<Record<string, RequestListener>> = {
  "/redirect-out": (_, to) => to.writeHead(302, { location: "http://elsewhere.example/topic" }).end(),
}

test("a phpBB forum of hostile pages", { timeout: 120_000 }, async (t) => {
  const posts = goodPosts(12)
  const label = { "content-type": "text/html; charset=iso-8859-1" }
  const odd = `<a href="/viewtopic.php?t=77\n&amp;x=\u0001">a</a> <a href='java\tscript:gnome()'>b</a> <a href='\u0000/x'>c</a> <a href="http://[::1">d</a>`
  const topics: Record<number, string> = Object.fromEntries(
    posts.map((post) => [post.id, phpbbThread(post.id, [post])]),
  )
  const crawl = await crawled(t, {
    "/": sendHtml(phpbbIndex()),
    "/viewforum.php": sendHtml(
      phpbbBoard([...hostilePages.map(([, path]) => path), "/latin.html", "/odd.html", ...posts.map(({ id }) => id)]),
    ),
    "/viewtopic.php": sendHtml((query) => topics[Number(query.get("t"))]),
    ...own,
    "/empty-topic": sendHtml(phpbbThread(90, [])),
    "/latin.html": (_, to) => to.writeHead(200, label).end(phpbbThread(91, [{ id: 910, text: "Gärten im Süden" }])),
    "/odd.html": sendHtml(phpbbThread(92, [{ id: 920, text: `Odd links: ${odd}` }])),
  })
  for (const [fact, path, outcome] of hostilePages)
    await t.test(fact, () => assert.deepEqual(outcomesOf(crawl, path), new Set([outcome])))

  await t.test("all other topics are there, each post once", () => {
    for (const { id, text } of posts) assert.equal(crawl.texts.get(String(id)), text)
    assert.equal(crawl.summary.ended, "nothing due")
  })
  await t.test("a wrong charset costs no letter", () => assert.equal(crawl.texts.get("910"), "Gärten im Süden"))
  await t.test("links with control characters cost nothing and lead nowhere", () => {
    assert.match(crawl.texts.get("920") ?? "", /^Odd links/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.ok(!crawl.requests.some((request) => /[\u0000-\u001f]|%0[01]|javascript|gnome\(/.test(request)))
  })
  await t.test("every alarm is in the findings and in the crawl's summary", () => {
    const alarms = crawl.alarms.map(({ alarm }) => alarm)
    assert.deepEqual(new Set(alarms), new Set(["error_page", "no_posts"]))
    assert.equal(crawl.summary.alarms, alarms.length)
  })
  await t.test("nobody but the forum is contacted", () => assert.deepEqual(crawl.hosts, new Set([onion])))
})

test("a forum without known software, of hostile pages", { timeout: 120_000 }, async (t) => {
  const posts = goodPosts(12)
  const at = (path: string) => `/thread/${path.replace(/\W+/g, "-").replace(/^-/, "9-")}`
  const good = (id: number) => `/thread/${id}-gnome`
  const pairs = [0, 2, 4, 6, 8, 10].map((i) => posts.slice(i, i + 2))
  const crawl = await crawled(t, {
    "/": sendHtml(plainBoard([...hostilePages.map(([, path]) => at(path)), ...pairs.map(([post]) => good(post!.id))])),
    ...Object.fromEntries(pairs.map((pair) => [good(pair[0]!.id), sendHtml(plainThread(pair))])),
    ...Object.fromEntries(
      hostilePages.map(([, path]) => [at(path), { ...hostileRoutes, ...own }[path] ?? sendHtml(plainThread([]))]),
    ),
  })
  for (const [fact, path, outcome] of hostilePages)
    await t.test(fact, () => assert.deepEqual(outcomesOf(crawl, at(path)), new Set([outcome])))
  await t.test("all other threads are there, each post once", () => {
    const said = new Set([...crawl.texts.values()])
    for (const { text } of posts) assert.ok(said.has(text), text)
    assert.equal(crawl.texts.size, posts.length)
    assert.deepEqual(crawl.hosts, new Set([onion]))
  })
})

test("a topic of hostile pictures", { timeout: 120_000 }, async (t) => {
  const dot = png(64, 64, 8)
  const hostilePictures: Record<string, { body: Buffer | RequestListener; outcome: string }> = {
    "/good.png": { body: dot, outcome: "ok" },
    "/truncated-data.png": { body: png(300, 300, 8).subarray(0, -40), outcome: "image_truncated" },
    "/vast.png": { body: png(30_000, 30_000, 1), outcome: "image_too_large" },
    "/polyglot.png": {
      body: Buffer.concat([png(80, 64, 8), Buffer.from("PK\x03\x04<script>gnome()</script>")]),
      outcome: "ok",
    },
    "/text.png": { body: Buffer.from("no picture at all, but a gnome's diary"), outcome: "image_not_image" },
    "/empty.png": { body: Buffer.alloc(0), outcome: "image_not_image" },
    "/endless.png": { body: hostileRoutes["/endless.png"]!, outcome: "body_too_large" },
    "/gzip-bomb.png": { body: hostileRoutes["/gzip-bomb.png"]!, outcome: "decompression_bomb" },
    "/slow-drip.png": { body: hostileRoutes["/slow-drip.png"]!, outcome: "fetch_timeout" },
    "/truncated.png": { body: hostileRoutes["/truncated.png"]!, outcome: "fetch_interrupted" },
    "/html.png": { body: hostileRoutes["/html.png"]!, outcome: "http_refused" },
    "/loop.png": { body: hostileRoutes["/redirect-loop"]!, outcome: "too_many_redirects" },
  }
  const names = Object.keys(hostilePictures)
  const shown = names.map((name) => `<img src="${name}">`).join(" ")
  const served = Object.entries(hostilePictures).map(([name, { body }]): [string, RequestListener] => [
    name,
    typeof body === "function" ? body : (_, to) => to.writeHead(200, { "content-type": "image/png" }).end(body),
  ])
  const crawl = await crawled(t, {
    "/": sendHtml(phpbbIndex()),
    "/index.php": sendHtml(phpbbIndex()),
    "/viewforum.php": sendHtml(phpbbBoard([1])),
    "/viewtopic.php": sendHtml(
      phpbbThread(1, [
        { id: 11, text: `See: ${shown}` },
        { id: 12, text: "Nice." },
      ]),
    ),
    ...Object.fromEntries(served),
    "/redirect-loop": hostileRoutes["/redirect-loop"]!,
  })
  const prints = new Map(
    crawl.sightings.map(({ url, fingerprint }) => [url, crawl.fingerprints.get(fingerprint)!] as const),
  )
  const failures = new Map(crawl.visits.flatMap((v) => v.imageFailures.map(({ url, error }) => [url, error] as const)))
  for (const [name, { outcome }] of Object.entries(hostilePictures)) {
    await t.test(`${name.slice(1)} ends as ${outcome}`, () => {
      const url = `http://${onion}${name}`
      const print = prints.get(url)
      assert.equal(failures.get(url) ?? (print ? (print.error ?? "ok") : "not seen"), outcome)
      if (print) assert.match(print.sha256, /^[0-9a-f]{64}$/)
    })
  }
  await t.test("what hides behind a picture is a fact of its fingerprint", () => {
    const polyglot = prints.get(`http://${onion}/polyglot.png`)
    assert.equal(polyglot?.format, "png")
    assert.deepEqual(polyglot?.facts, ["trailing-bytes"])
  })
  await t.test("the topic's posts are there all the same", () => {
    assert.deepEqual([...crawl.texts.keys()].sort(), ["11", "12"])
    assert.equal(crawl.summary.pageFailures, 0)
  })
})

/** A grey PNG. */
function png(width: number, height: number, depth: 1 | 8): Buffer {
  const row = Math.ceil((width * depth) / 8)
  const rows = Buffer.alloc((row + 1) * height)
  if (depth === 8) for (let at = 0; at < rows.length; at++) rows[at] = at % (row + 1) === 0 ? 0 : (at * at) % 251
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head[8] = depth
  const signature = Buffer.from("89504e470d0a1a0a", "hex")
  const end = chunk("IEND", Buffer.alloc(0))
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 1 })), end])
}
