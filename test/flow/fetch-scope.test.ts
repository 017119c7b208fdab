import assert from "node:assert/strict"
import { test } from "node:test"
import { fetchWorld, gnomeHost } from "../support/fetch-world.ts"
import { gnomePage } from "../support/hostile-server.ts"
import { selfSignedCertificate } from "../support/self-signed-certificate.ts"
import { testGate } from "../support/test-mandate.ts"

const never = new AbortController().signal

test("a page or picture out of scope is refused before a socket is opened", async (t) => {
  const { fetcher, socks, server } = await fetchWorld(t)
  await assert.rejects(fetcher.page("http://other.onion/", never), { code: "mandate_out_of_scope" })
  await assert.rejects(fetcher.picture("http://other.onion/picture.png", never), { code: "mandate_out_of_scope" })
  assert.deepEqual([socks.connections, server.seen], [[], []])
})

test("a redirect out of scope is refused before a socket is opened, of pages and of pictures", async (t) => {
  const { fetcher, socks, at } = await fetchWorld(t)
  const path = "/redirect?to=http://other.onion/"
  await assert.rejects(fetcher.page(at(path), never), { code: "mandate_out_of_scope" })
  await assert.rejects(fetcher.picture(at(path), never), { code: "mandate_out_of_scope" })
  assert.deepEqual(new Set(socks.connections.map((connection) => connection.host)), new Set([gnomeHost]))
})

test("the socket is refused by itself where everything before it has let the host pass", async (t) => {
  const gate = testGate([gnomeHost])
  const { fetcher, socks } = await fetchWorld(t, { gate: { ...gate, allowUrl: () => {} } })
  await assert.rejects(fetcher.page("http://other.onion/", never), { code: "mandate_out_of_scope" })
  assert.deepEqual(socks.connections, [])
})

test("a mandate that expires between two pages stops the second, also on a connection that is still open", async (t) => {
  let now = Date.now()
  const gate = testGate([gnomeHost], {}, () => now)
  const { fetcher, socks, server, at } = await fetchWorld(t, { gate })
  await fetcher.page(at("/"), never)
  now = Date.parse(gate.mandate.expiry)
  await assert.rejects(fetcher.page(at("/"), never), { code: "mandate_expired", next: "stop" })
  await assert.rejects(fetcher.picture(at("/picture.png"), never), { code: "mandate_expired" })
  assert.deepEqual([server.seen.length, socks.connections.length], [1, 1])
})

test("a mandate that expires in the middle of a page ends the page", async (t) => {
  const gate = testGate([gnomeHost], { expiry: new Date(Date.now() + 400).toISOString() })
  const { fetcher, at } = await fetchWorld(t, { gate })
  await assert.rejects(fetcher.page(at("/slow-drip"), never), { code: "mandate_expired" })
})

test("a mandate that has not begun opens no socket", async (t) => {
  const gate = testGate([gnomeHost], { start: new Date(Date.now() + 60_000).toISOString() })
  const { fetcher, socks, at } = await fetchWorld(t, { gate })
  await assert.rejects(fetcher.page(at("/"), never), { code: "mandate_not_yet_valid" })
  assert.deepEqual(socks.connections, [])
})

test("user names and passwords in an address are never sent", async (t) => {
  const { fetcher, server } = await fetchWorld(t)
  await fetcher.page(`http://gnome:secret@${gnomeHost}/`, never)
  assert.equal(server.headers[0]?.authorization, undefined)
})

// robots.txt

test("where the mandate honours robots.txt, what it excludes is refused, and the file is read once a day", async (t) => {
  let now = Date.now()
  const gate = testGate([gnomeHost], { robots: "honour", expiry: new Date(now + 9e8).toISOString() }, () => now)
  const { fetcher, server, at } = await fetchWorld(t, { gate, clock: () => now })
  await fetcher.page(at("/"), never)
  await assert.rejects(fetcher.page(at("/private/"), never), { code: "robots_disallowed", exit: 3 })
  await assert.rejects(fetcher.picture(at("/private/"), never), { code: "robots_disallowed" })
  await assert.rejects(fetcher.page(at("/redirect?to=/private/"), never), { code: "robots_disallowed" })
  const reads = () => server.seen.filter((request) => request.endsWith("/robots.txt")).length
  assert.equal(reads(), 1)
  assert.ok(!server.seen.includes(`${gnomeHost} /private/`))
  now += 25 * 3_600_000
  await fetcher.page(at("/"), never)
  assert.equal(reads(), 2)
})

test("a mandate that does not honour robots.txt does not read it", async (t) => {
  const { fetcher, server, at } = await fetchWorld(t)
  await fetcher.page(at("/private/"), never)
  assert.deepEqual(server.seen, [`${gnomeHost} /private/`])
})

test("no robots.txt allows everything; one that cannot be served now means wait", async (t) => {
  let status = 503
  const { fetcher, at } = await fetchWorld(t, {
    gate: testGate([gnomeHost], { robots: "honour" }),
    routes: { "/robots.txt": (_, response) => response.writeHead(status).end() },
  })
  await assert.rejects(fetcher.page(at("/private/"), never), { code: "http_busy" })
  status = 404
  assert.equal((await fetcher.page(at("/private/"), never)).html, gnomePage)
})

// Tor away

test("Tor away is told apart from a host that is away, and Tor back again is used again", async (t) => {
  const { fetcher, socks, at } = await fetchWorld(t, { gate: testGate([gnomeHost, "away.onion"]) })
  await fetcher.page(at("/"), never)
  await socks.stop()
  await assert.rejects(fetcher.page(at("/"), never), { code: "tor_unreachable", next: "later", exit: 4 })
  await assert.rejects(fetcher.picture(at("/picture.png"), never), { code: "tor_unreachable" })
  await socks.restart()
  await assert.rejects(fetcher.page("http://away.onion/", never), { code: "host_unreachable", next: "retry" })
  assert.equal((await fetcher.page(at("/"), never)).html, gnomePage)
})

test("a Tor that dies in the middle of a page is not held against the page", async (t) => {
  const { fetcher, socks, at } = await fetchWorld(t, {
    routes: {
      "/half": (_, response) => {
        response.writeHead(200, { "content-type": "text/html", "content-length": 1000 }).write("<p>half")
        void socks.stop()
      },
    },
  })
  await assert.rejects(fetcher.page(at("/half"), never), { code: "tor_unreachable" })
})

test("a SOCKS address that is a name is refused: looking it up would be a DNS query", async (t) => {
  await assert.rejects(fetchWorld(t, { socks: { host: "tor.example", port: 9050 } }), { code: "config_invalid" })
})

// HTTPS

test("an onion service needs no certificate authority, any other host does", async (t) => {
  const { fetcher, server, socks } = await fetchWorld(t, {
    tls: selfSignedCertificate("clear.example"),
    gate: testGate([gnomeHost, "clear.example"]),
  })
  assert.equal((await fetcher.page(`https://${gnomeHost}/`, never)).html, gnomePage)
  await assert.rejects(fetcher.page("https://clear.example/", never), { code: "host_unreachable" })
  assert.equal(server.seen.length, 1)
  assert.deepEqual(
    socks.connections.map(({ host, port }) => `${host}:${port}`),
    [`${gnomeHost}:443`, "clear.example:443"],
  )
})
