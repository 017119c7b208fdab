import { connect } from "node:net"
import type { TorControl } from "../../crawlers/tor/control-client.ts"
import { type ManagedTor, openManagedTor } from "../../crawlers/tor/managed-tor.ts"
import { WatchlineError } from "../errors.ts"

/** HOST:PORT of the SOCKS port in use. */
export interface TorEndpoint {
  readonly host: string
  readonly port: number
  /** Of the workspace's own tor. */
  readonly control?: TorControl
}

/** The way to Tor: the configured one, or the workspace's own process. */
export interface TorConnection {
  /** The SOCKS port; the workspace's own tor is started now if it is not running. */
  endpoint(signal: AbortSignal, onProgress?: (percent: number, what: string) => void): Promise<TorEndpoint>
  /** Whether it accepts connections. Throws `tor_unreachable` where it never will again: the own tor ended, its port with it. */
  answers(endpoint: TorEndpoint): Promise<boolean>
  /** The workspace's own tor ended; `endpoint` starts another, on another port. */
  ownEnded(): boolean
  close(): Promise<void>
}

/** @param socks HOST:PORT of an external Tor; empty: one of our own, in `directory` */
export function openTorConnection(socks: string, directory: string): TorConnection {
  let managed: Promise<ManagedTor> | undefined
  let ended = false
  return {
    async endpoint(signal, onProgress) {
      if (socks) {
        const [host, port] = socks.split(/:(?=\d+$)/)
        return { host: host!.replaceAll(/[[\]]/g, ""), port: Number(port) }
      }
      managed ??= openManagedTor({
        directory,
        signal,
        onProgress: ({ percent, summary }) => onProgress?.(percent, summary),
      })
      try {
        const running = await managed
        ended = false
        void running.ended.then(() => {
          ended = true
          managed = undefined
        })
        return { ...running.socks, control: running.control }
      } catch (error) {
        managed = undefined
        throw error
      }
    },
    async answers(endpoint) {
      if (ended) throw torAway(endpoint)
      return listens(endpoint)
    },
    ownEnded: () => ended,
    async close() {
      await managed?.then((running) => running.stop()).catch(() => {})
    },
  }
}

export function torAway({ host, port }: TorEndpoint): WatchlineError {
  return new WatchlineError("tor_unreachable", {
    message: `Nothing listens on ${host}:${port}.`,
    remedy: "Start Tor there, or set tor.socks to a running one; `watchline tor check` says what is missing.",
  })
}

/** Whether something accepts connections there. Nothing is sent. */
function listens({ host, port }: TorEndpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 })
    const end = (up: boolean) => {
      socket.destroy()
      resolve(up)
    }
    socket.once("connect", () => end(true))
    socket.once("error", () => end(false))
    socket.once("timeout", () => end(false))
  })
}
