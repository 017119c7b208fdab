import { randomBytes } from "node:crypto"
import { isIP } from "node:net"
import { WatchlineError } from "../../src/errors.ts"
import type { Forum } from "../../src/model/forum.ts"
import type { Clock } from "../../src/model/record.ts"
import { defaultLimits, type FetchLimits } from "../limits.ts"
import type { MandateGate } from "../mandate.ts"
import { browserHeaders, torBrowserUserAgent } from "./browser-headers.ts"
import { openCircuits } from "./circuits.ts"
import { type Answer, exchange } from "./exchange.ts"
import type { FetchedPage, Fetcher } from "./fetcher.ts"
import { looksLikeFile, pageText } from "./page-text.ts"
import { openRobots } from "./robots.ts"
import { openSessionCookies } from "./session-cookies.ts"
import { openTasks } from "./tasks.ts"
import type { SocksAddress, TorAgent } from "./tor-agent.ts"

export interface HttpFetcherOptions {
  readonly forum: Pick<Forum, "id" | "url">
  readonly gate: MandateGate
  readonly socks: SocksAddress
  readonly limits?: Partial<FetchLimits>
  /** Circuits for pictures, beside the session's own. */
  readonly circuits: number
  /** A session that an operator holds lawfully: Set-Cookie lines as the forum sent them. */
  readonly cookies?: readonly string[]
  /** Default: that of Tor Browser. */
  readonly userAgent?: string
  readonly clock: Clock
  /** Random bytes for circuit identities; default: the system's. */
  readonly random?: (bytes: number) => Uint8Array
}

/** Where an exchange ended after its redirects. */
interface Arrival {
  readonly url: URL
  readonly answer: Answer
}

interface Route {
  readonly kind: "page" | "picture"
  readonly agent: TorAgent
  /** Whether the session's cookies are sent and kept. */
  readonly session: boolean
  readonly signal: AbortSignal
  /** Asked before every hop, after the mandate. */
  readonly allow: (url: URL) => Promise<void> | undefined
}

const pageTypes = /^(text\/(html|plain|xml)|application\/(json|xml|([\w.-]+\+)(json|xml)))$/
const robotsBytes = 512 * 1024

/**
 * The fetcher for forums that work without scripts. Pages carry the session on its own circuit. Pictures go without it on others; where a
 * host asks for the session (an attachment that only members see), the picture is fetched again with it, on the session's circuit, if it
 * is the forum's own host.
 *
 * @throws `config_invalid` where the SOCKS address is a name: looking it up would be a DNS query
 */
export function openHttpFetcher(options: HttpFetcherOptions): Fetcher {
  const { gate, clock } = options
  const limits: FetchLimits = { ...defaultLimits, ...options.limits }
  const socks = numeric(options.socks)
  const userAgent = options.userAgent ?? torBrowserUserAgent
  const forumUrl = new URL(options.forum.url)
  const cookies = openSessionCookies(forumUrl, options.cookies ?? [])
  const tasks = openTasks(gate)
  const circuits = openCircuits({
    forum: options.forum.id,
    gate,
    socks,
    connectMs: limits.connectMs,
    count: options.circuits,
    random: options.random ?? randomBytes,
  })
  const robots = gate.mandate.robots === "honour" ? openRobots(readRobots, clock) : undefined
  const allow = (url: URL) => robots?.allow(url)
  /** Scripts of the forum that have served files to the session only, as origin and path. */
  const forSession = new Set<string>()

  /** Follows redirects to an answer that is none; asks the mandate before every hop. */
  async function arrive(start: string, route: Route): Promise<Arrival> {
    let url = usable(start, undefined, limits)
    for (let hop = 0; hop <= limits.redirects; hop++) {
      gate.allowUrl(url.href)
      await route.allow(url)
      const headers = browserHeaders(route.kind, url, userAgent, route.session ? cookies.header(url) : undefined)
      const answer = await exchange(url, { agent: route.agent, socks, headers, limits, signal: route.signal })
      if (route.session) cookies.keep(url, answer.headers["set-cookie"])
      if (![301, 302, 303, 307, 308].includes(answer.status)) return { url, answer }
      await answer.discard()
      url = usable(answer.headers.location, url, limits)
    }
    throw new WatchlineError("too_many_redirects", {
      message: `The host redirects more than ${limits.redirects} times.`,
    })
  }

  /** Robots rules live longer than the page that asked first, so they are fetched in a task of their own. */
  async function readRobots(url: URL): Promise<string | undefined> {
    return tasks.run(undefined, limits.pageMs, (within) =>
      circuits.withSession(async (agent) => {
        try {
          const { answer } = await arrive(url.href, {
            kind: "page",
            agent,
            session: true,
            signal: within,
            allow: () => undefined,
          })
          await refuseFailure(answer)
          return pageText(await answer.body(robotsBytes), "text/plain; charset=utf-8")
        } catch (error) {
          if (error instanceof WatchlineError && noRobots.has(error.code)) return undefined
          throw error
        }
      }),
    )
  }

  async function openFile(url: string, session: boolean, { kind, most }: FileKind, within: AbortSignal): Promise<File> {
    const work = async (agent: TorAgent): Promise<File> => {
      const { answer, url: from } = await arrive(url, { kind, agent, session, signal: within, allow })
      const refused = fileRefusal(answer)
      if (!refused) return { bytes: await answer.body(most) }
      await answer.discard()
      return {
        refused,
        sessionMayHelp: !session && from.host === forumUrl.host && [200, 401, 403].includes(answer.status),
      }
    }
    return session ? circuits.withSession(work) : circuits.withoutSession(work)
  }

  function bring(url: string, kind: FileKind, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return tasks.run(signal, limits.imageMs, async (within) => {
      const address = usable(url, undefined, limits)
      const script = address.origin + address.pathname
      const first = await openFile(url, forSession.has(script), kind, within)
      if ("bytes" in first) return first.bytes
      if (!first.sessionMayHelp || address.host !== forumUrl.host || !cookies.header(address)) throw first.refused
      const second = await openFile(url, true, kind, within)
      if (!("bytes" in second)) throw second.refused
      forSession.add(script)
      return second.bytes
    })
  }

  return {
    page: (url, signal) =>
      tasks.run(signal, limits.pageMs, (within) =>
        circuits.withSession(async (agent) => {
          const { url: from, answer } = await arrive(url, { kind: "page", agent, session: true, signal: within, allow })
          return readPage(from, answer, limits)
        }),
      ),

    picture: (url, signal) => bring(url, { kind: "picture", most: limits.imageBytes }, signal),
    attachment: (url, signal) => bring(url, { kind: "page", most: limits.attachmentBytes }, signal),

    async close() {
      tasks.close()
      circuits.close()
    },
  }
}

interface FileKind {
  readonly kind: Route["kind"]
  readonly most: number
}

type File =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly refused: WatchlineError; readonly sessionMayHelp: boolean }

/** Answers to robots.txt that mean that there is none (RFC 9309, 2.3.1.3); a redirect to where we may not go is one of them. */
const noRobots = new Set<string>(["http_refused", "too_many_redirects", "url_invalid", "mandate_out_of_scope"])

function numeric(socks: SocksAddress): SocksAddress {
  const host = socks.host === "localhost" ? "127.0.0.1" : socks.host
  if (isIP(host) !== 0) return { host, port: socks.port }
  throw new WatchlineError("config_invalid", {
    message: "Tor's SOCKS address is a name; looking it up would be a DNS query outside Tor.",
    remedy: "Write tor.socks with an IP address, e.g. 127.0.0.1:9050.",
  })
}

/** An address as it will be asked for: http or https, no user, no fragment, host without trailing dot. */
function usable(text: string | undefined, base: URL | undefined, limits: FetchLimits): URL {
  if (text === undefined)
    throw new WatchlineError("http_refused", { message: "The host redirects without saying where to." })
  // Node reads header bytes as Latin-1; forums write addresses in UTF-8.
  const raw = base ? Buffer.from(text, "latin1").toString("utf8") : text
  const url = raw.length <= limits.urlLength ? URL.parse(raw, base?.href) : null
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.href.length > limits.urlLength) {
    throw new WatchlineError("url_invalid", {
      message: "The address is too long, malformed, or neither http nor https.",
    })
  }
  url.username = ""
  url.password = ""
  url.hash = ""
  url.hostname = url.hostname.replace(/\.$/, "")
  return url
}

/** An answer that is no page or picture by its status. */
function failure(answer: Answer): WatchlineError | undefined {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  const code = status === 429 || status >= 500 ? "http_busy" : "http_refused"
  return new WatchlineError(code, { message: `The host answers ${status}.` })
}

async function refuseFailure(answer: Answer): Promise<void> {
  const failed = failure(answer)
  if (!failed) return
  await answer.discard()
  throw failed
}

/** The type of a picture is read from its bytes, later; only what says that it is a page is taken at its word. */
function fileRefusal(answer: Answer): WatchlineError | undefined {
  const failed = failure(answer)
  if (failed || !/^\s*(text\/html|application\/xhtml)/i.test(answer.headers["content-type"] ?? "")) return failed
  return new WatchlineError("http_refused", { message: "The host sends a page instead of a file." })
}

/** Servers that name no type send HTML. */
function mediaTypeOf(answer: Answer): string {
  return (answer.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase() || "text/html"
}

async function readPage(url: URL, answer: Answer, limits: FetchLimits): Promise<FetchedPage> {
  await refuseFailure(answer)
  const mediaType = mediaTypeOf(answer)
  if (!pageTypes.test(mediaType)) {
    answer.abort()
    throw new WatchlineError("page_unexpected", { message: "The address serves a file, not a page." })
  }
  const body = await answer.body(limits.pageBytes)
  try {
    if (looksLikeFile(body)) {
      throw new WatchlineError("page_unexpected", { message: "The address serves a file that calls itself a page." })
    }
    return {
      url: url.href,
      status: answer.status,
      mediaType,
      html: pageText(body, answer.headers["content-type"]),
      bytes: body.length,
    }
  } finally {
    body.fill(0)
  }
}
