import assert from "node:assert/strict"
import { test } from "node:test"
import { fetchWorld, gnomeHost } from "../support/fetch-world.ts"
import { testGate } from "../support/test-mandate.ts"

const never = new AbortController().signal

test("pages share one circuit and one connection; pictures use others, several at once", async (t) => {
  const { fetcher, socks, at } = await fetchWorld(t, { circuits: 3 })
  for (const path of ["/", "/error-page", "/"]) await fetcher.page(at(path), never)
  assert.equal(socks.connections.length, 1)
  await Promise.all(Array.from({ length: 6 }, () => fetcher.picture(at("/picture.png"), never)))
  const [page, ...pictures] = socks.connections.map((connection) => connection.username)
  assert.equal(new Set(pictures).size, 3)
  assert.ok(!pictures.includes(page!))
})

test("two forums, and two runs of one forum, share no circuit", async (t) => {
  const { fetcher, socks, open, at } = await fetchWorld(t)
  await fetcher.page(at("/"), never)
  await open({ forum: { id: "roses", url: `http://${gnomeHost}/` } }).page(at("/"), never)
  await open().page(at("/"), never)
  assert.equal(new Set(socks.connections.map(({ username, password }) => `${username}:${password}`)).size, 3)
  for (const { username } of socks.connections) assert.match(username, /^[0-9a-f]{64}$/)
})

test("the same random bytes give different forums different identities", async (t) => {
  const random = (bytes: number) => new Uint8Array(bytes)
  const { fetcher, socks, open, at } = await fetchWorld(t, { random })
  await fetcher.page(at("/"), never)
  await fetcher.picture(at("/picture.png"), never)
  await open({ random, forum: { id: "roses", url: `http://${gnomeHost}/` } }).page(at("/"), never)
  assert.equal(new Set(socks.connections.map((connection) => connection.username)).size, 3)
})

test("one forum's cookies are sent to it again, and never by another forum's fetcher or with pictures", async (t) => {
  const { fetcher, server, open, at } = await fetchWorld(t)
  await fetcher.page(at("/set-cookie"), never)
  await fetcher.page(at("/"), never)
  await fetcher.picture(at("/picture.png"), never)
  await open({ forum: { id: "roses", url: `http://${gnomeHost}/` } }).page(at("/"), never)
  assert.deepEqual(
    server.headers.map((headers) => headers.cookie),
    [undefined, "sid=gnome", undefined, undefined],
  )
})

test("cookies go to the host that set them only", async (t) => {
  const gate = testGate([gnomeHost, "other.onion"])
  const { fetcher, server, at } = await fetchWorld(t, { gate })
  await fetcher.page(at("/set-cookie"), never)
  await fetcher.page(at("/redirect?to=http://other.onion/"), never)
  assert.deepEqual(
    server.headers.map((headers) => [headers.host, headers.cookie]),
    [
      [gnomeHost, undefined],
      [gnomeHost, "sid=gnome"],
      ["other.onion", undefined],
    ],
  )
})

test("a picture for members is fetched again with the imported session, on the session's circuit, from then on at once", async (t) => {
  const { fetcher, server, socks, at } = await fetchWorld(t, { cookies: ["sid=gnome; Path=/"] })
  await fetcher.page(at("/"), never)
  await fetcher.picture(at("/members.png"), never)
  await fetcher.picture(at("/members.png?second"), never)
  assert.deepEqual(
    server.headers.map((headers) => headers.cookie),
    ["sid=gnome", undefined, "sid=gnome", "sid=gnome"],
  )
  assert.equal(socks.connections.length, 2)
})

test("the session is not shown to another host that asks for one", async (t) => {
  const gate = testGate([gnomeHost, "other.onion"])
  const { fetcher, server } = await fetchWorld(t, { gate, cookies: ["sid=gnome; Path=/"] })
  await assert.rejects(fetcher.picture("http://other.onion/members.png", never), { code: "http_refused" })
  assert.deepEqual(
    server.headers.map((headers) => headers.cookie),
    [undefined],
  )
})

test("a host that sends ever new cookies fills neither the jar nor the requests", async (t) => {
  let round = 0
  const { fetcher, server, at } = await fetchWorld(t, {
    routes: {
      "/cookies": (_, response) => {
        round++
        const lines = Array.from({ length: 150 }, (_, index) => `gnome${round}-${index}=x; Path=/`)
        response.writeHead(200, { "content-type": "text/html", "set-cookie": lines }).end()
      },
    },
  })
  for (let page = 0; page < 4; page++) await fetcher.page(at("/cookies"), never)
  assert.equal(server.headers.at(-1)?.cookie?.split("; ").length, 50)
})

test("a circuit that reached nothing is replaced by a new one; one that works is kept", async (t) => {
  const gate = testGate([gnomeHost, "away.onion"])
  const { fetcher, socks, at } = await fetchWorld(t, { gate })
  await assert.rejects(fetcher.page("http://away.onion/", never), { code: "host_unreachable" })
  await fetcher.page(at("/"), never)
  await assert.rejects(fetcher.page(at("/gone"), never), { code: "http_refused" })
  await fetcher.page(at("/"), never)
  const [failed, fresh, ...more] = socks.connections
  assert.equal(failed?.username, fresh?.username)
  assert.notEqual(failed?.password, fresh?.password)
  assert.deepEqual(more, [])
})
