import { hasAny, matchesOf } from "./character-runs.ts"
import type { FoundArtefact } from "./found-artefact.ts"

const magnet = /magnet:\?[^\s<>"'`\]]{1,2000}/gi
const topic = /(?:[?&]|&amp;)xt(?:\.\d)?=urn:btih:([0-9a-f]{40}|[a-z2-7]{32})(?![0-9a-z])/i
const secondTopic = /(?:[?&]|&amp;)xt(?:\.\d)?=urn:btmh:1220([0-9a-f]{64})(?![0-9a-z])/i
const display = /(?:[?&]|&amp;)dn=([^&]{1,300})/i
const infoHash =
  /(?<![\w])(?:info[ _-]?hash|btih|torrent[ _-]hash|magnet(?: link)?(?: hash)?|urn:btih)(?![\w])["'`]?\s{0,2}(?:is)?\s{0,2}[:=]?\s{0,2}["'`]?([0-9a-f]{40}|[A-Z2-7]{32})(?!\w)/gi
const cid = "(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,110})"
const ipfs = new RegExp(
  `(?:ipfs:\\/\\/(?:ipfs\\/)?|(?:dweb:)?\\/ipfs\\/|ipfs:)${cid}(?!\\w)|(?<![\\w])${cid}\\.ipfs\\.[\\w.-]{1,80}|(?<![\\w/.-])((?:bafy|bafk)[a-z2-7]{50,60})(?!\\w)|(?<![\\w/.-])(Qm[1-9A-HJ-NP-Za-km-z]{44})(?!\\w)`,
  "g",
)
const ed2k = /ed2k:\/\/\|file\|([^|\s]{1,300})\|(\d{1,15})\|([0-9a-f]{32})\|/gi

/** Systems and programs that are handed out by torrent; a distribution's own trackers say the same. */
export const softwareName =
  /(?:^|[^a-z])(?:ubuntu|kubuntu|xubuntu|lubuntu|debian|fedora|centos|almalinux|rocky(?:[ -]?linux)?|rhel|opensuse|suse|arch ?linux|manjaro|endeavouros|linux ?mint|mint|kali|parrot|tails|whonix|qubes|gentoo|slackware|alpine|nixos|void(?:linux)?|zorin|pop[!_ -]?os|elementary|mageia|puppy|solus|proxmox|truenas|freenas|freebsd|openbsd|netbsd|raspbian|raspios|raspberry ?pi ?os|libreelec|libreoffice|openoffice|blender|gimp|inkscape|linux|distro)(?:[^a-z]|$)|[-_. ](?:amd64|x86_64|arm64|aarch64|netinst|live-?cd|desktop-?cinnamon)(?:[^a-z]|$)|\.(?:iso|img|img\.xz|qcow2|vhdx?|dmg|deb|rpm|appimage|msi|txt|md|pdf|epub|mp3|flac|mkv|mp4)(?:\.torrent)?$/i
const softwareTracker =
  /[?&]tr=[^&]*(?:ubuntu|debian|fedoraproject|archlinux|linuxtracker|centos|kali|opensuse|linuxmint)/i
const modelFile = /\.(?:safetensors|ckpt|gguf|pth?|bin|sft|onnx)$/i
const contextRadius = 80
const magnetLimit = 500

/** Magnets (BEP 9, BEP 52), info-hashes, ED2K and IPFS addresses: files whose content only their own network knows. */
export function findPeerLinks(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  const magnets: [number, number][] = []
  for (const match of hasAny(text, ["agnet:", "AGNET:"]) ? matchesOf(magnet, text) : []) {
    const link = match[0]
    const v1 = topic.exec(link)?.[1]
    const v2 = secondTopic.exec(link)?.[1]
    const ids = [
      ...(v1 ? [`bittorrent:btih:${hexadecimal(v1)}`] : []),
      ...(v2 ? [`bittorrent:btmh:${v2.toLowerCase()}`] : []),
    ]
    if (ids.length === 0) continue
    const end = match.index + link.length
    if (magnets.length < magnetLimit) magnets.push([match.index, end])
    const name = nameIn(link)
    if (isSoftware(name, link, text, match.index, end)) continue
    const aliases = [...ids.slice(1), ...(name && modelFile.test(name) ? [`file:${name.toLowerCase()}`] : [])]
    found.push({
      id: ids[0]!,
      platform: "bittorrent",
      kind: "file",
      ...(aliases.length > 0 ? { aliases } : {}),
      start: match.index,
      end,
    })
  }
  // What a magnet was left out for counts for its hash too.
  const inMagnet = (at: number) => magnets.some(([start, end]) => at >= start && at < end)
  for (const match of hasAny(text, ["ash", "btih", "agnet", "HASH"]) ? matchesOf(infoHash, text) : []) {
    const end = match.index + match[0].length
    if (inMagnet(match.index) || isSoftware(undefined, "", text, match.index, end)) continue
    found.push({
      id: `bittorrent:btih:${hexadecimal(match[1]!)}`,
      platform: "bittorrent",
      kind: "file",
      start: match.index,
      end,
    })
  }
  for (const match of text.includes("ed2k:") ? matchesOf(ed2k, text) : []) {
    const name = decoded(match[1]!)
    if (softwareName.test(name)) continue
    const end = match.index + match[0].length
    const aliases = modelFile.test(name) ? { aliases: [`file:${name.toLowerCase()}`] } : {}
    found.push({
      id: `ed2k:file:${match[3]!.toLowerCase()}`,
      platform: "ed2k",
      kind: "file",
      ...aliases,
      start: match.index,
      end,
    })
  }
  for (const match of hasAny(text, ["ipfs", "bafy", "bafk", "Qm"]) ? matchesOf(ipfs, text) : []) {
    const end = match.index + match[0].length
    const bare = match[4]
    if (
      bare &&
      !/\b(?:ipfs|cid|pin(?:ned|s)?|gateway|kubo)\b/i.test(
        text.slice(Math.max(0, match.index - contextRadius), end + contextRadius),
      )
    )
      continue
    found.push({
      id: `ipfs:cid:${match[1] ?? match[2] ?? match[3] ?? bare}`,
      platform: "ipfs",
      kind: "file",
      start: match.index,
      end,
    })
  }
  return found
}

/** An image of an operating system is no artefact, whatever brings it: its name, its tracker, or the words before a nameless magnet. */
function isSoftware(name: string | undefined, link: string, text: string, start: number, end: number): boolean {
  if (name !== undefined) return softwareName.test(name) && !modelFile.test(name)
  if (softwareTracker.test(link)) return true
  const words = `${text.slice(Math.max(0, start - contextRadius), start)} ${text.slice(end, end + contextRadius / 2)}`
  return softwareName.test(words.trim()) || /\b(?:iso|distro|live (?:cd|usb))\b/i.test(words)
}

function nameIn(link: string): string | undefined {
  const written = display.exec(link)?.[1]
  return written === undefined ? undefined : decoded(written.replaceAll("+", " ")).trim().toWellFormed()
}

function decoded(written: string): string {
  try {
    return decodeURIComponent(written)
  } catch {
    return written
  }
}

/** 40 digits of hexadecimal, or 32 of base32 (RFC 4648) as such: both forms of an info-hash are one id. */
function hexadecimal(hash: string): string {
  if (hash.length === 40) return hash.toLowerCase()
  let value = 0n
  for (const digit of hash.toLowerCase())
    value = value * 32n + BigInt("abcdefghijklmnopqrstuvwxyz234567".indexOf(digit))
  return value.toString(16).padStart(40, "0")
}
