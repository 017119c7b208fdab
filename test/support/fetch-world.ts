import type { TestContext } from "node:test"
import type { Fetcher } from "../../crawlers/fetch/fetcher.ts"
import { type HttpFetcherOptions, openHttpFetcher } from "../../crawlers/fetch/http-fetcher.ts"
import type { MandateGate } from "../../crawlers/mandate.ts"
import { type HostileServer, type HostileServerOptions, startHostileServer } from "./hostile-server.ts"
import { type SocksServer, startSocksServer } from "./socks-server.ts"
import { testGate } from "./test-mandate.ts"

export const gnomeHost = "gnomesgnomesgnomesgnomesgnomesgnomesgnomesgnomesgnomesgn.onion"

export interface FetchWorld {
  readonly server: HostileServer
  readonly socks: SocksServer
  readonly fetcher: Fetcher
  /** An address of the forum's host. */
  at(path: string): string
  /** One more fetcher over the same SOCKS server. */
  open(more?: Partial<HttpFetcherOptions>): Fetcher
}

/** A hostile server behind a SOCKS server, and a fetcher of a forum on it; everything ends with the test. */
export async function fetchWorld(
  t: TestContext,
  options: Partial<HttpFetcherOptions> & HostileServerOptions & { readonly latencyMs?: number } = {},
): Promise<FetchWorld> {
  const { routes, tls, latencyMs, ...fetching } = options
  const server = await startHostileServer({ ...(routes ? { routes } : {}), ...(tls ? { tls } : {}) })
  t.after(() => server.close())
  const hosts = new Map([gnomeHost, "other.onion", "clear.example"].map((host) => [host, server.port]))
  const socks = await startSocksServer({ hosts, latencyMs: latencyMs ?? 0 })
  t.after(() => socks.stop())
  const gate: MandateGate = testGate([gnomeHost])

  function open(more: Partial<HttpFetcherOptions> = {}): Fetcher {
    const fetcher = openHttpFetcher({
      forum: { id: "gnomes", url: `http://${gnomeHost}/` },
      gate,
      socks,
      circuits: 2,
      clock: Date.now,
      ...more,
    })
    t.after(() => fetcher.close())
    return fetcher
  }

  return { server, socks, fetcher: open(fetching), open, at: (path) => `http://${gnomeHost}${path}` }
}
