import { once } from "node:events"
import type { ClientRequest, RequestOptions } from "node:http"
import { connect, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { SocksClient } from "socks"
import { SocksProxyAgent } from "socks-proxy-agent"
import { WatchlineError } from "../../src/errors.ts"
import type { MandateGate } from "../mandate.ts"

/** Where Tor's SOCKS port is. An IP address: a name would have to be looked up outside Tor. */
export interface SocksAddress {
  readonly host: string
  readonly port: number
}

/**
 * RFC 1929 user and password. Tor gives each pair circuits of its own (IsolateSOCKSAuth, its default), so a pair is an identity.
 */
export interface SocksCredentials {
  readonly username: string
  readonly password: string
}

/** What a request tells the agent beside what every agent is told. */
export interface TorRequestOptions extends RequestOptions {
  /** Ends the handshake at once. */
  readonly abandon: AbortSignal
}

type ConnectOptions = Parameters<SocksProxyAgent["connect"]>[1] & Partial<Pick<TorRequestOptions, "abandon">>

/** Longest time for the TCP connection to the SOCKS port, which is on this machine or near. */
const dialMs = 10_000
/** A kept connection that nobody used for so long is closed. */
const idleMs = 60_000

/**
 * The only place where sockets to the outside are opened: through SOCKS5 with the name unresolved (socks5h), after asking the mandate, kept
 * alive for the next request to the same host. Certificates of onion services are not checked: their address is their key. All others are.
 *
 * Its parent's `connect` would leave a half-open stream behind when a request is given up, and tells a missing Tor from a missing host by
 * text only; so the handshake is run here, on a socket of our own. A request's `abandon` ends it at once.
 *
 * Errors, on the request: those of the mandate; `tor_unreachable`, `host_unreachable`.
 */
export class TorAgent extends SocksProxyAgent {
  readonly #socks: SocksAddress
  readonly #gate: MandateGate
  readonly #connectMs: number

  constructor(socks: SocksAddress, credentials: SocksCredentials, gate: MandateGate, connectMs: number) {
    super(`socks5h://${credentials.username}:${credentials.password}@127.0.0.1`, { keepAlive: true, timeout: idleMs })
    // Not by the URL: it would write an IPv6 address in brackets, and what is in brackets would be looked up as a name.
    Object.assign(this.proxy, socks)
    this.#socks = socks
    this.#gate = gate
    this.#connectMs = connectMs
  }

  override async connect(_request: ClientRequest, options: ConnectOptions): Promise<Socket> {
    const { host = "", abandon } = options
    this.#gate.allowHost(host)
    abandon?.throwIfAborted()
    const socket = connect({ ...this.#socks, noDelay: true })
    const close = () => socket.destroy()
    abandon?.addEventListener("abort", close, { once: true })
    try {
      await connected(socket)
      const destination = { host, port: Number(options.port) }
      const handshake = { proxy: this.proxy, destination, command: "connect", timeout: this.#connectMs } as const
      await SocksClient.createConnection({ ...handshake, existing_socket: socket })
      return options.secureEndpoint ? await secure(socket, host, options.servername) : socket
    } catch (cause) {
      socket.destroy()
      throw (await torAnswers(this.#socks)) ? unreachable(host, cause) : torUnreachable(this.#socks, cause)
    } finally {
      abandon?.removeEventListener("abort", close)
    }
  }
}

async function connected(socket: Socket): Promise<void> {
  const late = setTimeout(() => socket.destroy(new Error("The SOCKS port did not answer in time.")), dialMs)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject).once("close", reject)
    })
  } finally {
    clearTimeout(late)
  }
}

async function secure(socket: Socket, host: string, servername: string | undefined): Promise<Socket> {
  const secured = connectTls({
    socket,
    host,
    ...(servername ? { servername } : {}),
    rejectUnauthorized: !host.endsWith(".onion"),
  })
  try {
    await once(secured, "secureConnect")
    return secured
  } catch (error) {
    secured.destroy()
    socket.destroy()
    throw error
  }
}

function unreachable(host: string, cause: unknown): WatchlineError {
  return new WatchlineError("host_unreachable", {
    message: `Tor reached no service at ${host}.`,
    remedy:
      "It is tried again later; if it stays away, open its address in Tor Browser to see whether the host has moved.",
    cause,
  })
}

export function torUnreachable(socks: SocksAddress, cause?: unknown): WatchlineError {
  return new WatchlineError("tor_unreachable", {
    message: `Nothing answers at Tor's SOCKS port ${socks.host}:${socks.port}.`,
    remedy: "Start Tor, or set tor.socks to a running one; `watchline tor check` says what is missing.",
    cause,
  })
}

/** Whether the SOCKS port accepts connections now: tells a Tor that is away (wait, blame nobody) from a host that is. */
export async function torAnswers(socks: SocksAddress): Promise<boolean> {
  const socket = connect({ ...socks })
  try {
    await connected(socket)
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
