import assert from "node:assert/strict"
import { createSocket } from "node:dgram"
import { once } from "node:events"
import { createServer as createHttpServer } from "node:http"
import { type AddressInfo, createServer, type Server } from "node:net"
import { type TestContext, test } from "node:test"
import { readBootstrap } from "../../crawlers/tor/bootstrap.ts"
import { foreignSockets } from "../../crawlers/tor/open-sockets.ts"
import { replyMeaning } from "../../crawlers/tor/socks-reply.ts"
import { startSocksServer } from "../support/socks-server.ts"
import { failingStep, torSteps } from "../support/tor-steps.ts"

async function listening(t: TestContext, server: Server): Promise<{ host: string; port: number }> {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  t.after(() => server.close())
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port }
}

test("a port where nothing listens is named as the step that fails, with the system's code", async () => {
  const server = await startSocksServer({ hosts: new Map() })
  await server.stop()
  const steps = await torSteps({ socks: server })
  assert.equal(failingStep(steps), "SOCKS port")
  assert.equal(steps.length, 1)
  assert.match(steps[0]!.detail, /ECONNREFUSED/)
  assert.match(steps[0]!.remedy ?? "", /WATCHLINE_TOR_SOCKS/)
})

test("a web server on the port is recognised as no SOCKS proxy", async (t) => {
  const socks = await listening(
    t,
    createHttpServer((_, response) => response.end("hello")),
  )
  const steps = await torSteps({ socks, timeoutMs: 2_000 })
  assert.equal(failingStep(steps), "SOCKS identities")
  assert.match(steps.at(-1)!.detail, /does not speak SOCKS5/)
})

test("a server that says nothing is no SOCKS proxy either, and the check ends in its time", async (t) => {
  const socks = await listening(
    t,
    createServer((socket) => socket.on("error", () => undefined)),
  )
  assert.equal(failingStep(await torSteps({ socks, timeoutMs: 300 })), "SOCKS identities")
})

test("a SOCKS5 proxy that takes no passwords is refused: it could not keep forums apart", async (t) => {
  const socks = await listening(
    t,
    createServer((socket) =>
      socket.on("error", () => undefined).once("data", () => socket.write(Uint8Array.of(5, 0xff))),
    ),
  )
  const steps = await torSteps({ socks })
  assert.equal(failingStep(steps), "SOCKS identities")
  assert.match(steps.at(-1)!.detail, /RFC 1929/)
})

test("an ordinary SOCKS5 proxy with passwords is told from Tor before anything is asked through it", async (t) => {
  const server = await startSocksServer({ hosts: new Map() })
  t.after(() => server.stop())
  const steps = await torSteps({ socks: server, onion: "gnomes.onion" })
  assert.equal(failingStep(steps), "really Tor")
  assert.match(steps.at(-1)!.detail, /ordinary SOCKS5 proxy/)
  assert.deepEqual(server.connections, [])
})

test("a proxy that knows Tor's RESOLVE but connects to this machine is refused", async (t) => {
  const proxy = await startSocksServer({ hosts: new Map() })
  t.after(() => proxy.stop())
  // Answers RESOLVE as tor does and every CONNECT with success.
  const socks = await listening(
    t,
    createServer((socket) => {
      const answers = [Uint8Array.of(5, 2), Uint8Array.of(1, 0)]
      socket
        .on("error", () => undefined)
        .on("data", (bytes) => {
          const next = answers.shift()
          const address = bytes[1] === 0xf0 ? [192, 0, 2, 1] : [0, 0, 0, 0]
          socket.write(next ?? Uint8Array.of(5, 0, 0, 1, ...address, 0, 0))
        })
    }),
  )
  assert.equal(failingStep(await torSteps({ socks })), "nothing past Tor")
})

test("a socket of this process that could speak past Tor is counted", async (t) => {
  const before = await foreignSockets([])
  if (!before) return t.skip("this system has no /proc")
  assert.equal(before.foreign, 0)
  const socket = createSocket("udp4")
  t.after(() => socket.close())
  socket.bind(0, "0.0.0.0")
  await once(socket, "listening")
  const after = await foreignSockets([])
  assert.equal(after?.foreign, 1)
  assert.equal(after.total, before.total + 1)
})

test("Tor's bootstrap phase is read with its percentage and the reason why it is stuck", () => {
  const text =
    'WARN BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY="Connecting to a relay" WARNING="Connection refused" REASON=CONNECTREFUSED COUNT=3'
  assert.deepEqual(readBootstrap(text), {
    percent: 5,
    summary: "Connecting to a relay",
    warning: "Connection refused",
    reason: "CONNECTREFUSED",
  })
  assert.equal(readBootstrap("NOTICE ENOUGH_DIR_INFO"), undefined)
})

test("every reply code that Tor gives has a sentence and a remedy of its own", () => {
  const codes = [1, 2, 3, 4, 5, 6, 7, 8, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7]
  const sentences = codes.map((code) => replyMeaning(code).says)
  assert.equal(new Set(sentences).size, codes.length)
  for (const code of codes) assert.doesNotMatch(replyMeaning(code).says, /code \d/)
  assert.match(replyMeaning(0x99).says, /code 153/)
})
