import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { TestContext } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"

/**
 * What the proxy does with a request that it is to disturb; all others pass.
 *
 * - `refuse`: the server is too busy for the whole request (429).
 * - `half`: it is too busy for every second write; the others are done.
 * - `cut`: the connection ends before the request arrives.
 * - `mute`: the request arrives and is done, and the connection ends before the answer.
 * - `silent`: nothing ever comes back, and nothing arrives.
 * - `slow`: the answer takes a second.
 */
export type ProxyMode = "pass" | "refuse" | "half" | "cut" | "mute" | "silent" | "slow"

export interface ElasticProxy {
  readonly url: string
  mode: ProxyMode
  /** Requests that were disturbed. */
  readonly disturbed: number
}

/** Stands between a client and Elasticsearch, on loopback. @param disturbs path of the requests that it disturbs */
export async function startElasticProxy(
  t: TestContext,
  target: () => string,
  disturbs = /^\/_bulk/,
): Promise<ElasticProxy> {
  const state = { url: "", mode: "pass" as ProxyMode, disturbed: 0 }
  const server = createServer((asked, answer) => {
    void (async () => {
      const body = await bytesOf(asked)
      const mode = disturbs.test(asked.url ?? "") ? state.mode : "pass"
      if (mode !== "pass") state.disturbed += 1
      if (mode === "refuse")
        return send(answer, 429, { error: { type: "es_rejected_execution_exception" }, status: 429 })
      if (mode === "cut") return asked.socket.destroy()
      if (mode === "silent") return
      if (mode === "half") return await half(target(), asked, answer, body.toString())
      const { status, bytes } = await forward(target(), asked, body)
      if (mode === "mute") return asked.socket.destroy()
      if (mode === "slow") await sleep(1000)
      send(answer, status, bytes)
    })().catch(() => asked.socket.destroy()) // Elasticsearch itself is away
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

/** Passes on every second write and says of the others that there was no room in the queue. */
async function half(target: string, asked: IncomingMessage, answer: ServerResponse, body: string): Promise<void> {
  const lines = body.trim().split("\n")
  const writes: string[][] = []
  for (let line = 0; line < lines.length; line += 2) writes.push(lines.slice(line, line + 2))
  const passed = writes.filter((_, place) => place % 2 === 0)
  const { bytes } = await forward(target, asked, Buffer.from(`${passed.flat().join("\n")}\n`))
  const done = (JSON.parse(bytes.toString()) as { items: unknown[] }).items
  const full = { create: { status: 429, error: { type: "es_rejected_execution_exception", reason: "queue is full" } } }
  send(answer, 200, { items: writes.map((_, place) => (place % 2 === 0 ? done[place / 2] : full)) })
}

function forward(target: string, asked: IncomingMessage, body: Buffer): Promise<{ status: number; bytes: Buffer }> {
  const { "content-length": _, "transfer-encoding": __, host: ___, ...headers } = asked.headers
  return new Promise((resolve, reject) => {
    const url = new URL(asked.url ?? "/", target)
    // A connection of its own: a kept one may have been closed by the other side, which is no disturbance that a test asked for.
    const options = { agent: false, method: asked.method, headers: { ...headers, "content-length": body.length } }
    const passing = request(url, options)
    passing.on("error", reject)
    passing.on("response", (response) => {
      bytesOf(response).then((bytes) => resolve({ status: response.statusCode ?? 502, bytes }), reject)
    })
    passing.end(body)
  })
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function send(answer: ServerResponse, status: number, body: Buffer | object): void {
  answer.writeHead(status, {
    "content-type": "application/vnd.elasticsearch+json;compatible-with=9",
    "x-elastic-product": "Elasticsearch",
  })
  answer.end(Buffer.isBuffer(body) ? body : JSON.stringify(body))
}
