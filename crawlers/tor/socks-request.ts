import { connect, type Socket } from "node:net"

export interface SocksAddress {
  readonly host: string
  readonly port: number
}

/** How far a request came. Only "connected" and "reply" are answers of a SOCKS5 proxy to the request itself. */
export type SocksOutcome =
  /** The proxy connected; the caller owns the socket. */
  | { readonly stage: "connected"; readonly socket: Socket }
  /** RFC 1928 reply code other than 0, or Tor's extended ones, 0xF0 to 0xF7. */
  | { readonly stage: "reply"; readonly code: number }
  /** For "resolve": the address as text. */
  | { readonly stage: "resolved"; readonly address: string }
  /** The proxy wants no user and password (RFC 1929), or refused them. */
  | { readonly stage: "no-passwords" }
  /** Something else than SOCKS5 listens there. */
  | { readonly stage: "not-socks" }
  /** The port cannot be reached; a code of the system, such as ECONNREFUSED. */
  | { readonly stage: "no-port"; readonly code: string }
  /** Nothing came in time. */
  | { readonly stage: "silent" }

interface SocksRequest {
  readonly socks: SocksAddress
  /** "resolve" is Tor's own command 0xF0 (socks-extensions). Default "connect". */
  readonly command?: "connect" | "resolve"
  readonly host: string
  readonly port: number
  /** Sent by RFC 1929; Tor puts different users on different circuits (IsolateSOCKSAuth). */
  readonly username: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * One SOCKS5 request (RFC 1928, RFC 1929). Own, because the client behind socks-proxy-agent gives Tor's extended reply codes only as the
 * text "undefined". It never throws but for the signal.
 */
export async function socksRequest(request: SocksRequest): Promise<SocksOutcome> {
  request.signal?.throwIfAborted()
  const socket = connect(request.socks)
  const { promise, resolve, reject } = Promise.withResolvers<SocksOutcome>()
  const aborted = () => reject(request.signal!.reason)
  const timer = setTimeout(() => resolve({ stage: "silent" }), request.timeoutMs)
  request.signal?.addEventListener("abort", aborted)
  socket.on("error", (error: NodeJS.ErrnoException) => resolve({ stage: "no-port", code: error.code ?? "unknown" }))
  socket.once("connect", () => {
    shakeHands(socket, request).then(resolve, () => resolve({ stage: "not-socks" }))
  })
  let outcome: SocksOutcome | undefined
  try {
    outcome = await promise
    return outcome
  } finally {
    clearTimeout(timer)
    request.signal?.removeEventListener("abort", aborted)
    if (outcome?.stage !== "connected") socket.destroy()
  }
}

/** Throws where the peer closes in the middle or answers with another protocol. */
async function shakeHands(socket: Socket, request: SocksRequest): Promise<SocksOutcome> {
  socket.write(Uint8Array.of(5, 1, 2))
  const [version, method] = await take(socket, 2)
  if (version !== 5) return { stage: "not-socks" }
  if (method !== 2) return { stage: "no-passwords" }
  const user = Buffer.from(request.username)
  socket.write(Uint8Array.of(1, user.length, ...user, 1, 0x30))
  if ((await take(socket, 2))[1] !== 0) return { stage: "no-passwords" }
  const host = Buffer.from(request.host)
  const command = request.command === "resolve" ? 0xf0 : 1
  socket.write(Uint8Array.of(5, command, 0, 3, host.length, ...host, request.port >> 8, request.port & 255))
  const [replyVersion, code = 1, , type = 0] = await take(socket, 4)
  if (replyVersion !== 5) return { stage: "not-socks" }
  if (code !== 0) return { stage: "reply", code }
  const size = type === 1 ? 4 : type === 4 ? 16 : (await take(socket, 1))[0]!
  const address = await take(socket, size + 2)
  if (request.command !== "resolve") return { stage: "connected", socket }
  return {
    stage: "resolved",
    address: type === 1 ? address.subarray(0, 4).join(".") : address.subarray(0, size).toString("hex"),
  }
}

/** Exactly `size` bytes; later ones stay in the socket for whoever owns it then. */
function take(socket: Socket, size: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const closed = () => reject(new Error("closed"))
  const read = () => {
    const bytes = socket.read(size) as Buffer | null
    if (bytes?.length === size) resolve(bytes)
    else if (bytes) closed()
  }
  socket.on("readable", read).on("end", closed).on("close", closed)
  read()
  return promise.finally(() => socket.off("readable", read).off("end", closed).off("close", closed))
}
