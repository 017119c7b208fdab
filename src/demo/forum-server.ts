import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { crc32, deflateSync, gzipSync } from "node:zlib"
import { cardFile } from "./card-files.ts"
import { escapeHtml } from "./escape-html.ts"
import { type ForumPages, forumPages } from "./forum-pages.ts"
import type { ForumPlan, PlannedImage } from "./planned-forum.ts"
import type { Linker } from "./post-markup.ts"

/** What visitors asked for. A well-behaved crawler leaves `thumbnails`, `decoration` and `offLimits` at 0. */
interface RequestCounts {
  readonly total: number
  readonly index: number
  readonly boards: number
  readonly threads: number
  readonly images: number
  /** Attached files that are no pictures. */
  readonly files: number
  /** Pictures asked for at least once. */
  readonly distinctImages: number
  readonly thumbnails: number
  /** Avatars, smilies, ranks, style sheets. */
  readonly decoration: number
  /** Members' pages: log-in, posting, search, profiles, moderation, feeds. */
  readonly offLimits: number
  readonly robots: number
  readonly missing: number
}

export interface DemoForum {
  readonly port: number
  requests(): RequestCounts
  close(): Promise<void>
}

type Counted = Exclude<keyof RequestCounts, "total" | "distinctImages">

const offLimits = /^\/(?:memberlist|ucp|posting|search|mcp|report|viewonline|cron|app)\.php/
const robots =
  "User-agent: *\nDisallow: /memberlist.php\nDisallow: /posting.php\nDisallow: /search.php\nDisallow: /ucp.php\n"
const SESSION_COOKIE = "phpbb3_gnome_sid"

/** Serves a planned forum from memory, on one address of this machine; nothing is written anywhere. */
export async function serveForum(
  plan: ForumPlan,
  pictures: ReadonlyMap<string, Uint8Array>,
  { port = 0, host = "127.0.0.1" }: { readonly port?: number; readonly host?: string } = {},
): Promise<DemoForum> {
  const images = new Map(plan.images.map((image) => [image.id, image]))
  const files = new Map(plan.files.map((file) => [file.id, file]))
  const pages = forumPages(plan, (id) => pictures.get(images.get(id)?.name ?? "")?.length ?? 0)
  const counts: Record<Counted, number> = {
    index: 0,
    boards: 0,
    threads: 0,
    images: 0,
    files: 0,
    thumbnails: 0,
    decoration: 0,
    offLimits: 0,
    robots: 0,
    missing: 0,
  }
  const seen = new Set<number>()
  let total = 0
  let visitors = 0

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    total++
    const url = URL.parse(request.url ?? "/", "http://forum.invalid")
    const path = url?.pathname ?? ""
    const query = url?.searchParams ?? new URLSearchParams()
    const number = (name: string) => Number.parseInt(query.get(name) ?? "", 10) || 0
    if (!url || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(405).end()
      return
    }

    const session = sessionOf(request, query) ?? createHash("md5").update(`${plan.seed}:${++visitors}`).digest("hex")
    const hasCookie = request.headers.cookie?.includes(`${SESSION_COOKIE}=`) ?? false
    const link: Linker = (address) =>
      escapeHtml(hasCookie ? address : `${address}${address.includes("?") ? "&" : "?"}sid=${session}`)
    const page = (kind: Counted, html: string | undefined) => {
      counts[html === undefined ? "missing" : kind]++
      if (!hasCookie) {
        const end = "expires=Tue, 23-Nov-2027 00:00:00 GMT; path=/; HttpOnly"
        response.setHeader("Set-Cookie", [
          `phpbb3_gnome_u=1; ${end}`,
          `phpbb3_gnome_k=; ${end}`,
          `${SESSION_COOKIE}=${session}; ${end}`,
        ])
      }
      sendHtml(request, response, html === undefined ? 404 : 200, html ?? pages.missing(link))
    }

    if (path === "/" || path === "/index.php") page("index", pages.index(link))
    else if (path === "/viewforum.php") page("boards", pages.board(number("f"), number("start"), link))
    else if (path === "/viewtopic.php") page("threads", threadPage(pages, number, link))
    else if (path === "/download/file.php" && files.has(number("id"))) {
      counts.files++
      const file = files.get(number("id"))!
      response.writeHead(200, {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(file.title)}`,
      })
      response.end(cardFile(file))
    } else if (path === "/download/file.php" && query.has("id")) {
      const image = images.get(number("id"))
      const kind = !image ? "missing" : query.has("t") ? "thumbnails" : "images"
      counts[kind]++
      if (image && kind === "images") seen.add(image.id)
      sendImage(response, image, kind === "thumbnails" ? dot : pictures.get(image?.name ?? ""))
    } else if (path === "/download/file.php" || /^\/(?:images|styles|assets)\//.test(path)) {
      counts.decoration++
      if (path.endsWith(".css")) response.writeHead(200, { "Content-Type": "text/css" }).end("body{}")
      else response.writeHead(200, { "Content-Type": "image/png", "Content-Length": dot.length }).end(dot)
    } else if (path === "/robots.txt") {
      counts.robots++
      response.writeHead(200, { "Content-Type": "text/plain" }).end(robots)
    } else if (offLimits.test(path)) page("offLimits", pages.logIn(link))
    else page("missing", undefined)
  }

  const server = createServer(answer)
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => ({ ...counts, total, distinctImages: seen.size }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function sessionOf(request: IncomingMessage, query: URLSearchParams): string | undefined {
  const cookie = new RegExp(`${SESSION_COOKIE}=([0-9a-f]{32})`).exec(request.headers.cookie ?? "")?.[1]
  const parameter = query.get("sid") ?? ""
  return cookie ?? (/^[0-9a-f]{32}$/.test(parameter) ? parameter : undefined)
}

/** By thread and start, or by a post, whose page is shown then. */
function threadPage(pages: ForumPages, number: (name: string) => number, link: Linker): string | undefined {
  const place = number("t") > 0 ? { thread: number("t"), start: number("start") } : pages.placeOf(number("p"))
  return place && pages.thread(place.thread, place.start, link)
}

function sendHtml(request: IncomingMessage, response: ServerResponse, status: number, html: string): void {
  const plain = Buffer.from(html)
  const packed = /\bgzip\b/.test(`${request.headers["accept-encoding"] ?? ""}`)
    ? gzipSync(plain, { level: 1 })
    : undefined
  const body = packed ?? plain
  response.writeHead(status, {
    "Content-Type": "text/html; charset=UTF-8",
    "Cache-Control": 'private, no-cache="set-cookie"',
    Vary: "Accept-Encoding",
    "Content-Length": body.length,
    ...(packed ? { "Content-Encoding": "gzip" } : {}),
  })
  response.end(request.method === "HEAD" ? undefined : body)
}

function sendImage(response: ServerResponse, image: PlannedImage | undefined, bytes: Uint8Array | undefined): void {
  if (!image || !bytes) {
    response
      .writeHead(404, { "Content-Type": "text/html; charset=UTF-8" })
      .end("<p>The selected attachment does not exist anymore.</p>")
    return
  }
  // The name is the poster's and may lie about the type; the software looks at the bytes for the type.
  response.writeHead(200, {
    "Content-Type": bytes === dot ? "image/png" : `image/${image.format}`,
    "Content-Disposition": `inline; filename*=UTF-8''${encodeURIComponent(image.title)}`,
    "Content-Length": bytes.length,
  })
  response.end(bytes)
}

/** An 8 × 8 grey PNG for everything that only decorates. */
const dot: Uint8Array = (() => {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data])
    const out = Buffer.alloc(8 + body.length)
    out.writeUInt32BE(data.length)
    body.copy(out, 4)
    out.writeUInt32BE(crc32(body), 4 + body.length)
    return out
  }
  const rows = Buffer.concat(Array.from({ length: 8 }, () => Buffer.from([0, ...new Array<number>(8).fill(0x90)])))
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0])),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ])
})()
