import { idOf, instant } from "../../src/model/record.ts"
import type { Indexed } from "../../src/ports/findings.ts"
import { aFinding, aFingerprint, aMembership, aPost, aSighting, aSignal, aVisit } from "../contract/records.ts"

const minute = 60_000
const start = Date.UTC(2026, 3, 25)

/**
 * A garden that grew over weeks: for each number a post, its picture, the picture posted, its cluster, often a finding; every tenth time a
 * visit, every twentieth an edited post.
 */
export function gardenRecords(count: number): Indexed[] {
  return Array.from({ length: count }, (_, n) => grown(n)).flat()
}

function grown(n: number): Indexed[] {
  const at = instant(start + n * 37 * minute)
  const forum = `garden-${n % 5}.example`
  const author = `pseudonym-${n % 40}`
  // as long as a usual post, and as hard to compress as what is sealed
  const data = Array.from({ length: 8 }, (_, part) => idOf("sealed", n, part)).join("")
  const sealed = { bucket: "r30-2026-05-20", nonce: "gnomegnomegnome", data }
  const post = aPost(String(n), { forum, thread: `t${n % 50}`, postedAt: at, seenAt: at, author, sealed })
  const leader = aFingerprint(`gnome ${n - (n % 3)}`)
  const signals = n % 4 === 0 ? [aSignal("a1111", "strong", "gnome-webui")] : []
  const image = aFingerprint(`gnome ${n}`, { signals, seenAt: at })
  const records: Indexed[] = [
    { kind: "post", record: post },
    { kind: "fingerprint", record: image },
    { kind: "sighting", record: aSighting(post, image) },
    { kind: "membership", record: aMembership(image, leader) },
  ]
  if (n % 4 === 0) records.push({ kind: "finding", record: aFinding(image, "ai-image", { signals, seenAt: at }) })
  if (n % 3 === 0) {
    const about = `urn:air:sdxl:lora:civitai:${n % 30}@1`
    records.push({ kind: "finding", record: aFinding(post, "model-link", { about, platform: "civitai", seenAt: at }) })
  }
  if (n % 10 === 0) {
    const failure = { post: post.id, url: `http://${forum}/lost-${n}.png`, error: "http_refused" }
    records.push({ kind: "visit", record: aVisit(post.threadUrl, at, { forum, imageFailures: [failure] }) })
  }
  if (n % 20 === 0) {
    const seenAt = instant(start + n * 37 * minute + minute)
    const version = post.version.split("").reverse().join("")
    records.push({ kind: "post", record: { ...post, seenAt, version, links: ["http://beds.example/"] } })
  }
  return records
}
