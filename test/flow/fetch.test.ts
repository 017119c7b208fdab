import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { test } from "node:test"
import { promisify } from "node:util"
import type { FetchLimits } from "../../crawlers/limits.ts"
import lean from "../../src/lean-process.json" with { type: "json" }
import { type FetchReport, fetchScript } from "../support/fetch-script.ts"
import { fetchWorld, gnomeHost } from "../support/fetch-world.ts"
import { gnomePage, gnomePicture } from "../support/hostile-server.ts"

const never = new AbortController().signal

/** Short enough for a test, long enough for a busy machine. */
const impatient: Partial<FetchLimits> = { slowMs: 400, firstByteMs: 600, connectMs: 600 }

const MiB = 1024 * 1024

// hostile pages: what came of it, by error code

const pages: readonly [fact: string, path: string, code: string][] = [
  ["an endless page", "/endless", "body_too_large"],
  ["a page that announces more than the limit", "/announces-too-much", "body_too_large"],
  ["a flood of headers", "/header-flood", "body_too_large"],
  ["a gzip bomb", "/gzip-bomb", "decompression_bomb"],
  ["a brotli bomb", "/brotli-bomb", "decompression_bomb"],
  ["a page packed twice", "/gzip-in-gzip", "http_refused"],
  ["a page packed in an unknown way", "/unknown-coding", "http_refused"],
  ["a slow drip", "/slow-drip", "fetch_timeout"],
  ["a host that never answers", "/never-answers", "fetch_timeout"],
  ["a host that closes at once", "/closes-at-once", "fetch_interrupted"],
  ["a page shorter than announced", "/truncated", "fetch_interrupted"],
  ["a packed page that breaks off", "/truncated-gzip", "fetch_interrupted"],
  ["a service that does not speak HTTP", "/not-http", "http_refused"],
  ["a redirect loop", "/redirect-loop", "too_many_redirects"],
  ["a redirect without an address", "/redirect-nowhere", "http_refused"],
  ["a redirect to another scheme", "/redirect?to=file:///etc/hosts", "url_invalid"],
  ["a picture where a page was expected", "/image", "page_unexpected"],
  ["a picture that calls itself a page", "/image-as-html", "page_unexpected"],
  ["a host that is busy", "/busy", "http_busy"],
  ["a host that counts requests", "/too-many", "http_busy"],
  ["a page that is gone", "/gone", "http_refused"],
]

for (const [fact, path, code] of pages) {
  test(`${fact} ends as ${code} and the next page comes`, async (t) => {
    const { fetcher, at } = await fetchWorld(t, { limits: impatient })
    await assert.rejects(fetcher.page(at(path), never), { code })
    assert.equal((await fetcher.page(at("/"), never)).html, gnomePage)
  })
}

const pictures: readonly [fact: string, path: string, code: string][] = [
  ["an endless picture", "/endless.png", "body_too_large"],
  ["a gzip bomb of a picture", "/gzip-bomb.png", "decompression_bomb"],
  ["a picture that drips", "/slow-drip.png", "fetch_timeout"],
  ["a picture shorter than announced", "/truncated.png", "fetch_interrupted"],
  ["a page where a picture was expected", "/html.png", "http_refused"],
  ["a picture for members only, without a session", "/members.png", "http_refused"],
]

for (const [fact, path, code] of pictures) {
  test(`${fact} ends as ${code}, and the next picture comes`, async (t) => {
    const { fetcher, at } = await fetchWorld(t, { limits: { ...impatient, imageBytes: 16 * MiB } })
    await assert.rejects(fetcher.picture(at(path), never), { code })
    assert.deepEqual(Buffer.from(await fetcher.picture(at("/picture.png"), never)), gnomePicture())
  })
}

test("a picture is taken whatever its type says: the examiner looks at its bytes", async (t) => {
  const { fetcher, at } = await fetchWorld(t)
  assert.deepEqual(Buffer.from(await fetcher.picture(at("/octets.png"), never)), gnomePicture())
  assert.equal(Buffer.from(await fetcher.picture(at("/html-as-image.png"), never)).toString(), gnomePage)
})

test("a picture comes in memory of exactly its length", async (t) => {
  const size = 300_001
  const { fetcher, at } = await fetchWorld(t, {
    routes: {
      "/announced.png": (_, response) => response.writeHead(200, { "content-length": size }).end(gnomePicture(size)),
      "/chunked.png": (_, response) => {
        response.write(gnomePicture(size).subarray(0, 100_000))
        response.end(gnomePicture(size).subarray(100_000))
      },
    },
  })
  for (const path of ["/announced.png", "/chunked.png"]) {
    const bytes = await fetcher.picture(at(path), never)
    assert.deepEqual([bytes.byteOffset, bytes.length, bytes.buffer.byteLength], [0, size, size])
    assert.ok(gnomePicture(size).equals(bytes))
  }
})

test("a 200 error page is delivered as the page it is, for the parser's alarm to name", async (t) => {
  const { fetcher, at } = await fetchWorld(t)
  assert.match((await fetcher.page(at("/error-page"), never)).html, /General Error/)
})

test("links with control characters arrive untouched, for the parser to judge", async (t) => {
  const { fetcher, at } = await fetchWorld(t)
  assert.match((await fetcher.page(at("/control-links"), never)).html, /java\tscript:/)
})

test("every packing that is asked for is unpacked", async (t) => {
  const { fetcher, at } = await fetchWorld(t)
  for (const path of ["/gzip", "/deflate", "/raw-deflate", "/brotli", "/zstd"]) {
    assert.equal((await fetcher.page(at(path), never)).html, gnomePage, path)
  }
})

test("wrong, unknown and broken charsets give text, never an error", async (t) => {
  const { fetcher, at } = await fetchWorld(t)
  assert.match((await fetcher.page(at("/wrong-charset"), never)).html, /Gärten im Süden/)
  assert.match((await fetcher.page(at("/unknown-charset"), never)).html, /Гном/)
  assert.match((await fetcher.page(at("/broken-utf8"), never)).html, /gn\ufffdme/)
})

test("a redirect whose own body never ends leads to its page", async (t) => {
  const { fetcher, at } = await fetchWorld(t)
  const page = await fetcher.page(at("/redirect-endless-body"), never)
  assert.deepEqual([page.url, page.status, page.mediaType, page.bytes], [at("/"), 200, "text/html", gnomePage.length])
})

test("a total time ends a page that is never too slow at any moment", async (t) => {
  const { fetcher, at } = await fetchWorld(t, { limits: { pageMs: 500, slowBytes: 1 } })
  await assert.rejects(fetcher.page(at("/slow-drip"), never), { code: "fetch_timeout" })
})

test("a fetch that is stopped while Tor builds its circuit ends then and leaves no stream behind", {
  timeout: 10_000,
}, async (t) => {
  const streams: Socket[] = []
  const silent = createServer((socket) => streams.push(socket)).listen(0, "127.0.0.1")
  await once(silent, "listening")
  t.after(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const { fetcher, at } = await fetchWorld(t, { socks: { host: "127.0.0.1", port } })
  const stop = new AbortController()
  const page = assert.rejects(fetcher.page(at("/"), stop.signal), { code: "interrupted" })
  await once(silent, "connection")
  stop.abort()
  await page
  await once(streams[0]!.resume(), "close")
})

test("a fetcher that is closed ends what is in flight and opens nothing more", async (t) => {
  const { fetcher, at, socks } = await fetchWorld(t)
  const page = assert.rejects(fetcher.page(at("/never-answers"), never), { code: "interrupted" })
  await fetcher.close()
  await page
  const before = socks.connections.length
  await assert.rejects(fetcher.page(at("/"), never), { code: "interrupted" })
  assert.equal(socks.connections.length, before)
})

test("requests look like Tor Browser's and say nothing of where they come from", async (t) => {
  const { fetcher, at, server } = await fetchWorld(t)
  await fetcher.page(at("/"), never)
  await fetcher.picture(at("/picture.png"), never)
  for (const headers of server.headers) {
    assert.match(
      headers["user-agent"] ?? "",
      /^Mozilla\/5\.0 \(Windows NT 10\.0; rv:\d+\.0\) Gecko\/20100101 Firefox\/\d+\.0$/,
    )
    assert.equal(headers.referer, undefined)
  }
})

test("a kept connection that the host closed meanwhile costs no failure", async (t) => {
  let answered = 0
  const { fetcher, at } = await fetchWorld(t, {
    routes: {
      "/sulky": (request, response) => {
        if (++answered % 2 === 0) return void request.socket.destroy()
        response.writeHead(200, { "content-type": "text/html" }).end(gnomePage)
      },
    },
  })
  await fetcher.page(at("/sulky"), never)
  await fetcher.page(at("/sulky"), never)
  assert.equal(answered, 3)
})

test("endless pages, bombs and floods, one after another, never take much more memory than one body", async (t) => {
  const { server, socks } = await fetchWorld(t)
  const paths = ["/", "/endless", "/gzip-bomb", "/brotli-bomb", "/header-flood", "/redirect-endless-body", "/"]
  const plan = {
    socks: { host: socks.host, port: socks.port },
    host: gnomeHost,
    pages: [...paths, ...paths],
    pictures: ["/endless.png"],
  }
  const run = promisify(execFile)
  // as `watchline crawl` runs: by itself V8 lets garbage lie for as long as it likes
  const { stdout } = await run(
    process.execPath,
    [...lean.flags, fetchScript, JSON.stringify({ ...plan, imageBytes: 8 * MiB })],
    { env: { ...process.env, ...lean.env } },
  )
  const { outcomes, startMiB, peakMiB } = JSON.parse(stdout) as FetchReport
  assert.deepEqual(new Set(outcomes), new Set(["ok", "body_too_large", "decompression_bomb"]))
  assert.ok(server.seen.length >= plan.pages.length)
  assert.ok(peakMiB - startMiB < 100, `grew from ${startMiB} to ${peakMiB} MiB over bodies of at most 8 MiB`)
})
