import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

export interface TcpProxy {
  readonly port: number
  /** Where it forwards to, on loopback. */
  target: number
  /** Each piece of data waits for so long. */
  delayMs: number
  /** Nothing comes through any more and nothing is said about it, as on a cut cable; new connections hang too. */
  cut(): void
  /** What hung is closed; new connections come through. */
  heal(): void
  close(): Promise<void>
}

/** A network between a client and a server of this machine, which can be slow or cut. */
export async function startTcpProxy(): Promise<TcpProxy> {
  const open = new Set<Socket>()
  let isCut = false
  const proxy = { target: 0, delayMs: 0 }

  function forward(from: Socket, to: Socket): void {
    let earlier = Promise.resolve()
    from.on("data", (data) => {
      earlier = earlier.then(async () => {
        if (proxy.delayMs > 0) await sleep(proxy.delayMs)
        if (!isCut && to.writable) to.write(data)
      })
    })
    from.on("close", () => !isCut && to.destroy())
    from.on("error", () => {})
    open.add(from)
    from.once("close", () => open.delete(from))
  }

  const server = createServer((client) => {
    const upstream = connect(proxy.target, "127.0.0.1")
    forward(client, upstream)
    forward(upstream, client)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const closeAll = () => {
    for (const socket of open) socket.destroy()
  }
  return Object.assign(proxy, {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true
    },
    heal() {
      isCut = false
      closeAll()
    },
    async close() {
      closeAll()
      server.close()
      await once(server, "close")
    },
  })
}
