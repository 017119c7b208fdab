import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

/** One CONNECT request as it arrived, whatever came of it. */
export interface SocksConnection {
  /** As the client sent it: a name, or the text of an IP address. */
  readonly host: string
  readonly port: number
  /** The RFC 1929 user; empty where the client sent none. */
  readonly username: string
  readonly password: string
}

export interface SocksServer {
  readonly host: string
  readonly port: number
  /** Every request so far, in order of arrival. */
  readonly connections: readonly SocksConnection[]
  /** Closes the port and cuts every connection at once, as a proxy that dies. */
  stop(): Promise<void>
  /** Listens on the same port again. */
  restart(): Promise<void>
}

/** A client that went away in the middle of the handshake: its socket is closed, nothing else happens. */
class HandshakeEnded extends Error {}

/**
 * A real SOCKS5 proxy (RFC 1928, RFC 1929) for tests. It resolves a host by `hosts` alone and connects to that port on 127.0.0.1,
 * whatever port was asked for; so it reaches nothing but loopback. Names that are not in the map are answered with "host unreachable",
 * addresses with "not allowed". `hosts` may change while it runs.
 *
 * @param options.latencyMs how long each CONNECT waits before it is answered
 */
export async function startSocksServer(options: {
  readonly hosts: ReadonlyMap<string, number>
  readonly latencyMs?: number
}): Promise<SocksServer> {
  const connections: SocksConnection[] = []
  const sockets = new Set<Socket>()
  let server: Server | undefined

  function track(socket: Socket): void {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
    socket.on("error", () => socket.destroy())
  }

  async function serve(client: Socket): Promise<void> {
    const request = await readRequest(client)
    connections.push(request)
    if (options.latencyMs) await sleep(options.latencyMs)
    const port = options.hosts.get(request.host.toLowerCase())
    if (port === undefined) {
      client.end(reply(/^[\d.]+$|:/.test(request.host) ? 0x02 : 0x04))
      return
    }
    const target = connect({ host: "127.0.0.1", port })
    track(target)
    target.on("close", () => client.destroy())
    client.on("close", () => target.destroy())
    target.once("connect", () => {
      client.write(reply(0x00))
      client.pipe(target).pipe(client)
    })
    target.once("error", () => client.end(reply(0x05)))
  }

  async function listen(port: number): Promise<void> {
    server = createServer((client) => {
      track(client)
      serve(client).catch((error: unknown) => {
        client.destroy()
        if (!(error instanceof HandshakeEnded)) throw error
      })
    })
    server.listen(port, "127.0.0.1")
    await once(server, "listening")
  }

  async function stop(): Promise<void> {
    const closing = server
    server = undefined
    if (!closing) return
    const closed = once(closing, "close")
    closing.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  await listen(0)
  const { port } = server!.address() as AddressInfo
  return { host: "127.0.0.1", port, connections, stop, restart: () => stop().then(() => listen(port)) }
}

async function readRequest(client: Socket): Promise<SocksConnection> {
  const [version, methodCount] = await take(client, 2)
  if (version !== 5) throw new HandshakeEnded("not SOCKS5")
  const methods = await take(client, methodCount!)
  let username = ""
  let password = ""
  if (methods.includes(0x02)) {
    client.write(Uint8Array.of(5, 0x02))
    username = (await take(client, (await take(client, 2))[1]!)).toString("utf8")
    password = (await take(client, (await take(client, 1))[0]!)).toString("utf8")
    client.write(Uint8Array.of(1, 0))
  } else {
    client.write(Uint8Array.of(5, 0x00))
  }
  const [, command, , addressType] = await take(client, 4)
  if (command !== 0x01) {
    client.end(reply(0x07))
    throw new HandshakeEnded("only CONNECT is served")
  }
  const host = await readHost(client, addressType!)
  return { host, port: (await take(client, 2)).readUInt16BE(), username, password }
}

async function readHost(client: Socket, addressType: number): Promise<string> {
  if (addressType === 0x03) return (await take(client, (await take(client, 1))[0]!)).toString("latin1")
  if (addressType === 0x01) return [...(await take(client, 4))].join(".")
  const groups = await take(client, 16)
  return Array.from({ length: 8 }, (_, index) => groups.readUInt16BE(index * 2).toString(16)).join(":")
}

function reply(code: number): Uint8Array {
  return Uint8Array.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0)
}

/** Exactly `size` bytes; what follows stays in the socket for whoever reads next. */
async function take(socket: Socket, size: number): Promise<Buffer> {
  if (size === 0) return Buffer.alloc(0)
  for (;;) {
    const chunk = socket.read(size) as Buffer | null
    if (chunk?.length === size) return chunk
    if (socket.readableEnded || socket.destroyed) throw new HandshakeEnded("closed")
    await new Promise<void>((resolve) => {
      const wake = () => {
        for (const event of ["readable", "end", "close"]) socket.off(event, wake)
        resolve()
      }
      for (const event of ["readable", "end", "close"]) socket.on(event, wake)
    })
  }
}
