import assert from "node:assert/strict"
import { test } from "node:test"
import { type FetchPlan, type FetchReport, fetchScript } from "../support/fetch-script.ts"
import { fetchWorld, gnomeHost } from "../support/fetch-world.ts"
import { contactsBeside, observeNetwork, readTrace } from "../support/network-observer.ts"

const timeoutMs = 120_000

function fetching(plan: FetchPlan): [string, ...string[]] {
  return [process.execPath, fetchScript, JSON.stringify(plan)]
}

test("fetching pages and pictures reaches nothing but the SOCKS port: no DNS, no direct socket", async (t) => {
  const { server, socks } = await fetchWorld(t)
  const plan = {
    socks: { host: socks.host, port: socks.port },
    host: gnomeHost,
    pages: [
      "/",
      "/redirect?to=http://out-of-scope.example/",
      "/redirect-loop",
      "/gone",
      "/closes-at-once",
      "/truncated",
      "/gzip",
    ],
    pictures: ["/picture.png", "/html.png", "/redirect?to=http://192.0.2.1/picture.png", "/gzip-bomb.png"],
  }
  const seen = await observeNetwork({ command: fetching(plan), timeoutMs })
  assert.equal(seen.exitCode, 0, seen.stderr)
  assert.deepEqual((JSON.parse(seen.stdout) as FetchReport).outcomes, [
    "ok",
    "mandate_out_of_scope",
    "too_many_redirects",
    "http_refused",
    "fetch_interrupted",
    "fetch_interrupted",
    "ok",
    "ok",
    "http_refused",
    "mandate_out_of_scope",
    "decompression_bomb",
  ])
  assert.ok(server.seen.length > plan.pages.length)
  const port = `${socks.host}:${socks.port}`
  assert.ok(
    seen.contacts.some((contact) => contact.peer === port),
    "the observer did not see the SOCKS port itself",
  )
  assert.deepEqual(contactsBeside([port], seen.contacts), [])
})

test("a Tor that is killed in the middle lets nothing else out: every later fetch waits for Tor", async (t) => {
  const { socks } = await fetchWorld(t, {
    routes: {
      "/tor-dies-here": (_, response) => {
        response.writeHead(200, { "content-type": "text/html" }).write("<p>half a page")
        void socks.stop()
      },
    },
  })
  const plan = {
    socks: { host: socks.host, port: socks.port },
    host: gnomeHost,
    pages: ["/", "/tor-dies-here", "/", "/error-page"],
    pictures: ["/picture.png", "/members.png"],
  }
  const seen = await observeNetwork({ command: fetching(plan), timeoutMs })
  const away = "tor_unreachable"
  assert.deepEqual((JSON.parse(seen.stdout) as FetchReport).outcomes, ["ok", away, away, away, away, away])
  assert.deepEqual(contactsBeside([`${socks.host}:${socks.port}`], seen.contacts), [])
})

test("the observer sees a look-up, a direct connection and a datagram, on every thread and in children", async () => {
  const leak = `
    const { spawnSync } = require("node:child_process")
    require("node:net").connect(9, "127.0.0.1").on("error", () => {})
    require("node:net").connect(9, "::1").on("error", () => {})
    require("node:dgram").createSocket("udp4").send("x", 53, "127.0.0.53", function () { this.close() })
    require("node:dns").lookup("leak.invalid", () => {})
    if (!process.argv[1]) spawnSync(process.execPath, ["-e", "require('node:net').connect(10, '127.0.0.1').on('error', () => {})"])
  `
  const seen = await observeNetwork({ command: [process.execPath, "-e", leak], timeoutMs })
  const peers = seen.contacts.map((contact) => contact.peer)
  for (const peer of ["127.0.0.1:9", "[::1]:9", "127.0.0.53:53", "127.0.0.1:10"])
    assert.ok(peers.includes(peer), `${peer} in ${peers}`)
  assert.ok(
    contactsBeside(["127.0.0.1:9", "[::1]:9", "127.0.0.53:53", "127.0.0.1:10"], seen.contacts).length > 0,
    "no look-up was seen",
  )
})

test("a trace that cannot be read is a contact that nobody allows", () => {
  const trace = [
    '12 connect(21, {sa_family=AF_INET, sin_port=htons(9050), sin_addr=inet_addr("127.0.0.1")}, 16 <unfinished ...>',
    "12 <... connect resumed>) = -1 EINPROGRESS (Operation now in progress)",
    "12 connect(22, 0x7ffc12, 110) = 0",
    '13 sendto(3, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "fe80::1", &sin6_addr), sin6_scope_id=0}, 28) = 1',
    '13 sendto(3, "x", 1, MSG_NOSIGNAL, NULL, 0) = 1',
    '13 connect(4, {sa_family=AF_UNIX, sun_path="/run/nscd/socket"}, 110) = -1 ENOENT',
    "14 io_uring_setup(64, {flags=0}) = 5",
    "14 io_uring_setup(64, {flags=0} <unfinished ...>",
    "14 <... io_uring_setup resumed>) = -1 ENOSYS (Function not implemented) (INJECTED)",
  ]
  const contacts = readTrace(trace.join("\n"))
  assert.deepEqual(
    contactsBeside(["127.0.0.1:9050"], contacts).map((contact) => contact.peer),
    [trace[2], "[fe80::1]:53", "unix:/run/nscd/socket", trace[6]],
  )
})

test("without strace the observer says how to get it", async () => {
  const command = [process.execPath, "-e", ""] as const
  await assert.rejects(observeNetwork({ command, timeoutMs, env: { PATH: "" } }), /apt-get install strace/)
})
