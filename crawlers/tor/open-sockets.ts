import { readdir, readFile, readlink } from "node:fs/promises"
import type { SocksAddress } from "./socks-request.ts"

/**
 * Counts this process's own sockets that have a peer outside this machine and outside `allowed`. Listeners and peers on loopback are
 * not foreign; a connected or bound UDP socket beyond loopback is.
 *
 * @returns undefined where the system has no /proc (Linux only)
 */
export async function foreignSockets(
  allowed: readonly SocksAddress[],
): Promise<{ readonly total: number; readonly foreign: number } | undefined> {
  const own = await ownSockets()
  if (!own) return undefined
  let total = 0
  let foreign = 0
  for (const protocol of ["tcp", "tcp6", "udp", "udp6"]) {
    const table = await readFile(`/proc/self/net/${protocol}`, "latin1").catch(() => "")
    for (const row of table.split("\n").slice(1)) {
      const [, local = "", remote = "", , , , , , , inode = ""] = row.trim().split(/\s+/)
      if (!own.has(inode)) continue
      total++
      const address = peerOf(remote) ?? (protocol.startsWith("udp") ? peerOf(local, true) : undefined)
      if (
        address &&
        !isLoopback(address.host) &&
        !allowed.some((a) => a.host === address.host && a.port === address.port)
      )
        foreign++
    }
  }
  return { total, foreign }
}

/** Inodes of this process's sockets; undefined where there is no /proc. */
async function ownSockets(): Promise<Set<string> | undefined> {
  const files = await readdir("/proc/self/fd").catch(() => undefined)
  if (!files) return undefined
  const targets = await Promise.all(files.map((file) => readlink(`/proc/self/fd/${file}`).catch(() => "")))
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []))
}

/** An address as the kernel's tables write it: little-endian words in hexadecimal, colon, port. Undefined for "no peer". */
function peerOf(text: string, unbound = false): SocksAddress | undefined {
  const [hex = "", portHex = "0"] = text.split(":")
  const port = Number.parseInt(portHex, 16)
  if (port === 0 || (/^0+$/.test(hex) && !unbound)) return undefined
  const bytes = hex.match(/.{8}/g)!.flatMap((word) =>
    word
      .match(/../g)!
      .reverse()
      .map((byte) => Number.parseInt(byte, 16)),
  )
  if (bytes.length === 4) return { host: bytes.join("."), port }
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  if (mapped) return { host: bytes.slice(12).join("."), port }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bytes[index * 2]! << 8) | bytes[index * 2 + 1]!).toString(16),
  )
  return { host: groups.join(":"), port }
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "0:0:0:0:0:0:0:1"
}
