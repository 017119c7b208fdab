import { isIPv6 } from "node:net"

/**
 * Dotted decimals of a host that is an IPv4 address in any notation that `inet_aton` takes: one to four parts, each decimal, octal or
 * hexadecimal; the last one fills the bytes that are left, surplus high bits fall off (as in Safe Browsing's Go client). Undefined: it is a
 * name.
 */
export function dottedIPv4(host: string): string | undefined {
  const parts = host.split(".")
  if (parts.length > 4) return undefined
  const bytes: number[] = []
  for (const [index, part] of parts.entries()) {
    const value = partValue(part)
    if (value === undefined) return undefined
    const size = index === parts.length - 1 ? 4 - index : 1
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) bytes.push((value >>> shift) & 0xff)
  }
  return bytes.join(".")
}

function partValue(part: string): number | undefined {
  if (!/^(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.test(part)) return undefined
  const value = /^0[0-7]/.test(part) ? Number.parseInt(part, 8) : Number(part)
  return value <= 0xffff_ffff ? value : undefined
}

/**
 * An IPv6 literal in its shortest form (RFC 5952) with brackets. IPv4-mapped addresses and the NAT64 prefix `64:ff9b::/96` give the IPv4
 * address that they carry. Undefined: it is none.
 */
export function normalIPv6(host: string): string | undefined {
  const address = /^\[([0-9a-f:.]+)\]$/i.exec(host)?.[1]
  if (address === undefined || !isIPv6(address)) return undefined
  const shortest = URL.parse(`http://[${address}]/`)?.hostname
  if (shortest === undefined) return undefined
  const groups = groupsOf(shortest.slice(1, -1))
  const prefix = groups.slice(0, 6).join(":")
  if (prefix !== "0:0:0:0:0:ffff" && prefix !== "64:ff9b:0:0:0:0") return shortest
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff])
    .join(".")
}

function groupsOf(address: string): string[] {
  const [head = "", tail] = address.split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  return [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right]
}
