import { readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { WatchlineError } from "../../src/errors.ts"
import { followBootstrap, type TorProgress } from "./bootstrap.ts"
import { openTorControl, type TorControl } from "./control-client.ts"
import type { SocksAddress } from "./socks-request.ts"
import { cookieFileOf, startTorProcess } from "./tor-process.ts"

interface ManagedTorOptions {
  /** The workspace's folder for Tor. */
  readonly directory: string
  /** Further torrc lines: the demo's private network, a bridge. */
  readonly extraLines?: readonly string[] | undefined
  readonly onProgress?: ((progress: TorProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** How long the bootstrap may stay at one percentage, in milliseconds. Default 90,000. */
  readonly stallMs?: number | undefined
}

export interface ManagedTor {
  readonly socks: SocksAddress
  readonly control: TorControl
  readonly pid: number
  /** False where another process of this workspace started it. */
  readonly owned: boolean
  /** Resolves when this tor is gone: what uses it waits and opens again. */
  readonly ended: Promise<void>
  /** Ends the process if it is ours, else only our connection to it. */
  stop(): Promise<void>
}

/**
 * Client only: no relay, no other entrance than one SOCKS port on loopback. Requests with different user names never share a circuit
 * (IsolateSOCKSAuth, on by default). SafeSocks refuses requests for bare addresses, so a name that somebody resolved outside Tor shows at
 * once; RFC 1918 and loopback are refused as well, also on a private network. `tor check` relies on ExtendedErrors (proposal 304).
 */
const clientLines = [
  "SocksPort 127.0.0.1:auto ExtendedErrors",
  "ClientOnly 1",
  "SafeSocks 1",
  "ClientRejectInternalAddresses 1",
  "ORPort 0",
  "DirPort 0",
  "DNSPort 0",
  "TransPort 0",
  "NATDPort 0",
  "HTTPTunnelPort 0",
  "DormantCanceledByStartup 1",
]

/**
 * The workspace's own tor, ready for use.
 *
 * One tor per directory. Whoever finds none running starts it and owns it; others borrow it. Tor's lock on its data directory decides
 * between two that start at once (the kernel frees it with the process, so nothing stale can block). It ends with its owner; borrowers
 * see `ended`, and the next who opens starts it anew: a short pause, never a request past Tor.
 *
 * Errors: `setup_incomplete` (tor is not installed), `tor_not_ready` (with percentage and reason), `interrupted` (the signal).
 */
export async function openManagedTor(options: ManagedTorOptions): Promise<ManagedTor> {
  const running = await borrow(options)
  if (running) return running
  try {
    return await start(options)
  } catch (error) {
    // Another process may have been quicker: then its tor holds the lock, and ours has just given up on it.
    const other = error instanceof WatchlineError && error.code === "tor_not_ready" ? await borrow(options) : undefined
    if (other) return other
    throw error
  }
}

async function start(options: ManagedTorOptions): Promise<ManagedTor> {
  const { directory, extraLines = [], ...rest } = options
  const tor = await startTorProcess({ ...rest, directory, lines: [...clientLines, ...extraLines] })
  try {
    await announce(directory, { pid: tor.pid, controlPort: tor.control.port })
    await tor.bootstrapped()
    const socks = await socksOf(tor.control)
    return { socks, control: tor.control, pid: tor.pid, owned: true, ended: tor.ended, stop: tor.stop }
  } catch (error) {
    await tor.stop()
    throw error
  }
}

/** A tor that another process runs here; undefined where none answers. */
async function borrow(options: ManagedTorOptions): Promise<ManagedTor | undefined> {
  const { directory, signal } = options
  const control = await controlOfRunning(directory)
  if (!control) return undefined
  try {
    const pid = Number(await control.getInfo("process/pid"))
    await followBootstrap(control, options)
    const socks = await socksOf(control)
    return { socks, control, pid, owned: false, ended: control.closed, stop: async () => control.close() }
  } catch (error) {
    control.close()
    if (signal?.aborted) throw new WatchlineError("interrupted", { cause: error })
    // It went away while we looked: as if there were none.
    if (error instanceof WatchlineError && error.code === "tor_unreachable") return undefined
    throw error
  }
}

async function controlOfRunning(directory: string): Promise<TorControl | undefined> {
  let found: { pid: number; controlPort: number }
  try {
    found = JSON.parse(await readFile(runningFile(directory), "utf8"))
  } catch {
    return undefined
  }
  try {
    const control = await openTorControl(found.controlPort, cookieFileOf(directory), AbortSignal.timeout(5_000))
    if (Number(await control.getInfo("process/pid")) === found.pid) return control
    control.close()
  } catch {
    // A note that a killed process left; its port is free or somebody else's, and our cookie opens nothing there.
  }
  return undefined
}

/** Written in one step, so that a reader never sees half of it. */
async function announce(directory: string, running: { pid: number; controlPort: number }): Promise<void> {
  const draft = `${runningFile(directory)}.${process.pid}`
  await writeFile(draft, JSON.stringify(running), { mode: 0o600 })
  await rename(draft, runningFile(directory))
}

function runningFile(directory: string): string {
  return join(directory, "running.json")
}

async function socksOf(control: TorControl): Promise<SocksAddress> {
  // The port opens with the network, so after a bootstrap it is there; a moment's patience costs nothing.
  for (let tries = 0; tries < 20; tries++) {
    const listener = /"([\d.]+):(\d+)"/.exec(await control.getInfo("net/listeners/socks"))
    if (listener) return { host: listener[1]!, port: Number(listener[2]) }
    await sleep(100)
  }
  throw new WatchlineError("tor_not_ready", {
    message: "Tor opened no SOCKS port.",
    remedy: "Look for SocksPort among the extra lines for Tor and remove it.",
  })
}
