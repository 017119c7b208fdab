import { once } from "node:events"
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo } from "node:net"
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib"

export interface HostileServer {
  readonly port: number
  /** Every request so far, as "host path". */
  readonly seen: readonly string[]
  /** Headers of every request so far, in the same order. */
  readonly headers: readonly IncomingMessage["headers"][]
  close(): Promise<void>
}

export interface HostileServerOptions {
  /** Adds routes or replaces them; "/robots.txt" is one of them. */
  readonly routes?: Readonly<Record<string, RequestListener>>
  /** Serves HTTPS with this certificate, both PEM. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

export const gnomePage = "<!doctype html><title>Gnomes</title><p>A gnome with a red hat.</p>"

/** A picture by its first bytes; the rest is a pattern that tests can look for. */
export function gnomePicture(size = 4096): Buffer {
  const bytes = Buffer.alloc(size, "gnome-canary.")
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(bytes)
  return bytes
}

/**
 * A web server on loopback that does what the web does to crawlers. Each route is one behaviour, named as it is; `?to=URL` says where
 * "/redirect" leads.
 */
export async function startHostileServer(options: HostileServerOptions = {}): Promise<HostileServer> {
  const seen: string[] = []
  const headers: IncomingMessage["headers"][] = []
  const known: Readonly<Record<string, RequestListener>> = { ...hostileRoutes, ...options.routes }
  const answer: RequestListener = (request, response) => {
    seen.push(`${request.headers.host ?? ""} ${request.url ?? ""}`)
    headers.push(request.headers)
    const path = (request.url ?? "").split("?")[0]!
    const route = known[path] ?? ((_, to) => to.writeHead(404).end("no such gnome"))
    route(request, response)
  }
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    headers,
    async close() {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const html = { "content-type": "text/html; charset=utf-8" }

function send(type: string, body: string | Buffer, more: Readonly<Record<string, string>> = {}): RequestListener {
  return (_, response) => response.writeHead(200, { "content-type": type, ...more }).end(body)
}

/** Writes as fast as the other side reads, until it goes away. */
function forever(response: ServerResponse, chunk: Buffer): void {
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on("drain", more)
  more()
}

/** Two letters a tenth of a second: alive, and never ready. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write("ab"), 100)
  response.on("close", () => clearInterval(timer))
}

export const hostileRoutes: Readonly<Record<string, RequestListener>> = {
  "/": send("text/html; charset=utf-8", gnomePage),
  "/picture.png": send("image/png", gnomePicture()),
  "/robots.txt": send("text/plain", "User-agent: *\nDisallow: /private/\n"),
  "/private/": send("text/html", gnomePage),

  // endless and heavy
  "/endless": (_, response) => forever(response.writeHead(200, html), Buffer.alloc(64 * 1024, "<p>gnome</p>")),
  "/endless.png": (_, response) =>
    forever(response.writeHead(200, { "content-type": "image/png" }), Buffer.alloc(64 * 1024, 7)),
  "/announces-too-much": (_, response) => response.writeHead(200, { ...html, "content-length": 1e12 }).write("<p>"),
  "/header-flood": (request) => {
    request.socket.write("HTTP/1.1 200 OK\r\n")
    const timer = setInterval(() => request.socket.write(`X-Gnome: ${"g".repeat(8000)}\r\n`), 1)
    request.socket.on("close", () => clearInterval(timer))
  },
  "/gzip-bomb": send("text/html", gzipSync(Buffer.alloc(40 * 1024 * 1024)), { "content-encoding": "gzip" }),
  "/brotli-bomb": send("text/html", brotliCompressSync(Buffer.alloc(40 * 1024 * 1024)), { "content-encoding": "br" }),
  "/gzip-bomb.png": send("image/png", gzipSync(Buffer.alloc(40 * 1024 * 1024)), { "content-encoding": "gzip" }),
  "/gzip-in-gzip": send("text/html", gzipSync(gzipSync(gnomePage)), { "content-encoding": "gzip, gzip" }),
  "/unknown-coding": send("text/html", gnomePage, { "content-encoding": "gnome" }),

  // packed honestly
  "/gzip": send("text/html", gzipSync(gnomePage), { "content-encoding": "gzip" }),
  "/deflate": send("text/html", deflateSync(gnomePage), { "content-encoding": "deflate" }),
  "/raw-deflate": send("text/html", deflateRawSync(gnomePage), { "content-encoding": "deflate" }),
  "/brotli": send("text/html", brotliCompressSync(gnomePage), { "content-encoding": "br" }),
  "/zstd": send("text/html", zstdCompressSync(Buffer.from(gnomePage)), { "content-encoding": "zstd" }),

  // slow, silent, broken off
  "/slow-drip": (_, response) => drip(response.writeHead(200, html)),
  "/slow-drip.png": (_, response) => drip(response.writeHead(200, { "content-type": "image/png" })),
  "/never-answers": () => {},
  "/closes-at-once": (request) => request.socket.destroy(),
  "/truncated": (_, response) => cut(response.writeHead(200, { ...html, "content-length": 5000 }), gnomePage),
  "/truncated.png": (_, response) =>
    cut(response.writeHead(200, { "content-type": "image/png", "content-length": 5000 }), gnomePicture(2000)),
  "/truncated-gzip": send("text/html", gzipSync(gnomePage.repeat(50)).subarray(0, 60), { "content-encoding": "gzip" }),
  "/not-http": (request) => request.socket.end("220 gnome ESMTP ready\r\n"),

  // redirects
  "/redirect": (request, response) =>
    redirect(response, new URL(request.url!, "http://x").searchParams.get("to") ?? "/"),
  "/redirect-loop": (_, response) => redirect(response, "/redirect-loop"),
  "/redirect-nowhere": (_, response) => response.writeHead(302).end(),
  "/redirect-endless-body": (_, response) =>
    forever(response.writeHead(302, { location: "/" }), Buffer.alloc(64 * 1024, "x")),

  // lies
  "/error-page": send("text/html; charset=utf-8", "<!doctype html><title>General Error</title><p>SQL ERROR</p>"),
  "/image-as-html": send("text/html; charset=utf-8", gnomePicture()),
  "/image": send("image/png", gnomePicture()),
  "/html-as-image.png": send("image/png", gnomePage),
  "/html.png": send("text/html", gnomePage),
  "/octets.png": send("application/octet-stream", gnomePicture()),
  "/control-links": send(
    "text/html",
    "<a href=\"/viewtopic.php?t=1\n&amp;x=\u0001\">a</a><a href='java\tscript:gnome()'>b</a><a href='\u0000/x'>c</a>",
  ),
  "/wrong-charset": send("text/html; charset=iso-8859-1", "<!doctype html><meta charset=utf-8><p>Gärten im Süden</p>"),
  "/unknown-charset": send(
    "text/html; charset=gnomish",
    Buffer.from('<!doctype html><meta charset="windows-1251"><p>\xc3\xed\xee\xec</p>', "latin1"),
  ),
  "/broken-utf8": send("text/html; charset=utf-8", Buffer.from("<p>gn\xf6me</p>", "latin1")),

  // statuses
  "/busy": (_, response) => response.writeHead(503, { "retry-after": "120" }).end(),
  "/too-many": (_, response) => response.writeHead(429).end(),
  "/gone": (_, response) => response.writeHead(410).end(),

  // sessions
  "/set-cookie": (_, response) =>
    response.writeHead(200, { ...html, "set-cookie": "sid=gnome; Path=/; Secure" }).end(gnomePage),
  "/members.png": (request, response) => {
    if (request.headers.cookie?.includes("sid=gnome")) return void send("image/png", gnomePicture())(request, response)
    response.writeHead(403, html).end("members only")
  },
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end()
}

function cut(response: ServerResponse, body: string | Buffer): void {
  response.write(body, () => response.destroy())
}
