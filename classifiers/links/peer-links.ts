import type { FoundArtefact } from "./found-artefact.ts"

const magnet = /magnet:\?[^\s<>"'`\]]{1,2000}/gi
const topic = /[?&]xt(?:\.\d)?=urn:(?:btih:([0-9a-f]{40}|[a-z2-7]{32})|btmh:1220([0-9a-f]{64}))(?=&|$)/i
const ipfs =
  /(?:ipfs:\/\/(?:ipfs\/)?|\/ipfs\/)(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,110})(?!\w)|\b(b[a-z2-7]{50,110})\.ipfs\.[\w.-]{1,80}/g

/** Magnets (BEP 9, BEP 52) and IPFS addresses: files whose content only their own network knows. */
export function findPeerLinks(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  for (const match of text.matchAll(magnet)) {
    const [, v1, v2] = topic.exec(match[0]) ?? []
    const hash = v1 ? `btih:${v1.length === 40 ? v1.toLowerCase() : hexOfBase32(v1)}` : v2 && `btmh:${v2.toLowerCase()}`
    if (!hash) continue
    const end = match.index + match[0].length
    found.push({ id: `bittorrent:${hash}`, platform: "bittorrent", kind: "file", start: match.index, end })
  }
  for (const match of text.matchAll(ipfs)) {
    const end = match.index + match[0].length
    const cid = match[1] ?? match[2]!
    found.push({ id: `ipfs:cid:${cid}`, platform: "ipfs", kind: "file", start: match.index, end })
  }
  return found
}

/** 32 digits of base32 (RFC 4648) as 40 of hexadecimal: both forms of an info-hash are one id. */
function hexOfBase32(digits: string): string {
  let value = 0n
  for (const digit of digits.toLowerCase()) {
    value = value * 32n + BigInt("abcdefghijklmnopqrstuvwxyz234567".indexOf(digit))
  }
  return value.toString(16).padStart(40, "0")
}
