import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { describeError, WatchlineError } from "../errors.ts"
import type { Metrics } from "./metrics.ts"

/** Something that a process needs to do its work, and whether it is there. Rejects where it is not. */
export interface Need {
  readonly name: string
  check(): Promise<void>
}

export interface StatusServer {
  readonly url: string
  close(): Promise<void>
}

const checkMs = 5000
const onlyThisMachine = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/

/**
 * What a supervisor and Prometheus ask of a crawl or a worker.
 *
 * - `GET /status/live`: 200 as long as this process answers at all. If it does not, restart it: nothing else helps, and nothing is lost.
 * - `GET /status/ready`: 200 where everything that it needs is there, else 503 with what is missing. Do not restart it for that: it waits
 *   and goes on by itself. The two differ so that an engine that is away does not make a supervisor kill workers over and over.
 * - `GET /metrics`: Prometheus.
 *
 * Nothing here names an address of a forum or shows a record. On a loopback address, requests under another host name are refused (CWE-350).
 *
 * @param listen HOST:PORT; port 0 for any free one
 */
export async function openStatusServer(
  listen: string,
  parts: { readonly metrics: Metrics; readonly needs: readonly Need[] },
): Promise<StatusServer> {
  const [host, port] = listen.split(/:(?=\d+$)/) as [string, string]
  const address = host.replaceAll(/[[\]]/g, "")
  const isLocal = onlyThisMachine.test(host)

  const answer = async (request: IncomingMessage): Promise<{ status: number; type: string; body: string }> => {
    if (isLocal && !onlyThisMachine.test(request.headers.host ?? "")) return json(421, { error: "This machine only." })
    if (request.method !== "GET" && request.method !== "HEAD") return json(405, { error: "GET only." })
    switch (request.url?.split("?")[0]) {
      case "/status/live":
        return json(200, { live: true })
      case "/status/ready": {
        const checks = await Promise.all(parts.needs.map(checked))
        const ready = checks.every(({ ok }) => ok)
        return json(ready ? 200 : 503, { ready, checks })
      }
      case "/metrics":
        return { status: 200, type: parts.metrics.contentType, body: await parts.metrics.text() }
      default:
        return json(404, { error: "There are /status/live, /status/ready and /metrics." })
    }
  }
  const server = createServer((request, response: ServerResponse) => {
    answer(request)
      .catch((error: unknown) => json(500, { error: describeError(error).code }))
      .then(({ status, type, body }) =>
        response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body),
      )
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(Number(port), address, resolve)
  }).catch((cause: unknown) => {
    throw new WatchlineError("config_invalid", {
      message: `status.listen: ${listen} cannot be listened on (${describeError(cause).code}).`,
      remedy: "Choose another port, or an address of this machine.",
      cause,
    })
  })
  const bound = server.address() as { port: number }
  return {
    url: `http://${host}:${bound.port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function checked({ name, check }: Need): Promise<{ name: string; ok: boolean; says?: string }> {
  const late = AbortSignal.timeout(checkMs)
  const tooLate = new Promise<never>((_, reject) => {
    late.addEventListener("abort", () => reject(new Error(`no answer within ${checkMs / 1000} s`)), { once: true })
  })
  try {
    await Promise.race([check(), tooLate])
    return { name, ok: true }
  } catch (error) {
    const { code, message } = describeError(error)
    return { name, ok: false, says: error instanceof WatchlineError ? `${code}: ${message}` : message }
  }
}

function json(status: number, value: unknown) {
  return { status, type: "application/json; charset=utf-8", body: JSON.stringify(value) }
}
