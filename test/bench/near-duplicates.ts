import { hammingDistance, pdqOfPixels } from "../../classifiers/image/hash/pdq.ts"
import { matchQuality, matchRadius, PdqIndex } from "../../src/matching/pdq-index.ts"
import { turnedHashes } from "../../src/matching/turned-hash.ts"
import { idOf } from "../../src/model/record.ts"
import { loadLeaders } from "../../src/stages/leaders.ts"
import { type Bench, compare, figure } from "./comparison.ts"
import { changed, changes } from "./picture-changes.ts"
import { corpusPictures, type Picture, scene } from "./picture-hashes.ts"

const scenes = 320
/** Originals within so many bits, as they are or turned, show the same picture: seen on every such pair of the examples. */
const copyRadius = 45
/** Smaller ones are icons and test patterns. */
const leastSide = 128
const turnedBy: Readonly<Record<string, string>> = {
  "mirrored left to right": "flip-y",
  "upside down": "flip-x",
  "turned by 180°": "half",
}

interface Found {
  /** Changed pictures that match their original: as they are, and with the seven turns. */
  plain: number
  turned: number
  /** Changed pictures that match another original. */
  falsePlain: number
  falseTurned: number
  /** In the cluster of their original, when everything arrives. */
  clustered: number
  pictures: number
  distances: number[]
}

/**
 * What PDQ within 31 bits finds of changed pictures, and what it confuses: generated scenes and example pictures, each changed in 18 ways,
 * matched as they are (which is what other matchers do) and turned. The notes are a table in Markdown: infra/measurements holds it.
 */
export const nearDuplicatesBench: Bench = async ({ signal, say }) => {
  const made = Array.from({ length: scenes }, (_, n) => scene(`near ${n}`, 480, 360))
  const corpus = (await corpusPictures(512)).filter(({ width, height }) => Math.min(width, height) >= leastSide)
  const { originals, left } = distinct([...corpus, ...made])
  const painted = originals.filter(({ picture }) => picture.name.startsWith("near ")).length
  say(`${originals.length} originals: ${painted} generated scenes, ${originals.length - painted} example pictures`)

  const index = new PdqIndex()
  for (const [key, { pdq }] of originals.entries()) index.add(key, pdq)
  const found = new Map<string, Found>()
  const arrivals = originals.map(({ pdq }, n) => ({ original: n, change: "original", pdq: pdq as string | undefined }))
  const derived: number[] = []
  for (const change of Object.keys(changes)) {
    signal.throwIfAborted()
    const of: Found = { plain: 0, turned: 0, falsePlain: 0, falseTurned: 0, clustered: 0, pictures: 0, distances: [] }
    found.set(change, of)
    for (const [n, { picture, pdq }] of originals.entries()) {
      const { hash, quality } = hashOf(await changed(picture, change))
      arrivals.push({ original: n, change, pdq: quality >= matchQuality ? hash : undefined })
      of.pictures++
      const plain = quality >= matchQuality ? index.within(hash, matchRadius) : []
      const turned =
        quality >= matchQuality ? turnedHashes(hash).flatMap((one) => index.within(one.pdq, matchRadius)) : []
      of.plain += Number(plain.some(({ key }) => key === n))
      of.turned += Number([...plain, ...turned].some(({ key }) => key === n))
      of.falsePlain += Number(plain.some(({ key }) => key !== n))
      of.falseTurned += Number([...plain, ...turned].some(({ key }) => key !== n))
      of.distances.push(hammingDistance(hash, pdq))
      const turn = turnedBy[change]
      if (turn) derived.push(hammingDistance(turnedHashes(pdq).find((one) => one.turn === turn)!.pdq, hash))
    }
    say(`${change}: ${of.plain} as they are, ${of.turned} with turns, of ${of.pictures}`)
  }

  const mixed = await clusterAll(arrivals, found)
  const share = (count: number) => (100 * count) / originals.length
  const comparisons = originals.length * (originals.length - 1) * found.size
  const total = (of: "falsePlain" | "falseTurned") => [...found.values()].reduce((sum, one) => sum + one[of], 0)
  return compare({
    name: "near-duplicates",
    figures: Object.fromEntries(
      [...found].map(([change, one]) => [`${change}: found, %`, figure([share(one.turned)])]),
    ),
    baseline: Object.fromEntries(
      [...found].map(([change, one]) => [`${change}: found, %`, figure([share(one.plain)])]),
    ),
    goal: {},
    notes: [
      `Originals: ${originals.length}, of which ${painted} generated scenes and ${originals.length - painted} example pictures of 128 pixels or more a side; ${left} were left out, because their quality is below 50 or they are copies of another (within ${copyRadius} bits as they are or turned).`,
      "",
      "| change | bits that differ: median, 95 % | found as is | found with turns | in its original's cluster | matches another original: as is, with turns |",
      "|---|---|---|---|---|---|",
      ...[...found].map(([change, one]) => {
        const bits = one.distances.toSorted((a, b) => a - b)
        return `| ${change} | ${bits[bits.length >> 1]}, ${bits[Math.floor(bits.length * 0.95)]} | ${share(one.plain).toFixed(1)} % | ${share(one.turned).toFixed(1)} % | ${share(one.clustered).toFixed(1)} % | ${one.falsePlain}, ${one.falseTurned} |`
      }),
      "",
      `Pictures that match another original: ${total("falsePlain")} as they are, ${total("falseTurned")} with turns, in ${comparisons} comparisons (times eight with turns).`,
      `Clusters that hold pictures of more than one original: ${mixed}.`,
      `A turned hash derived from the hash alone differs from that of the turned pixels in ${figure(derived).median} bits (median), ${Math.max(...derived)} at most.`,
    ],
  })
}

const hashOf = ({ rgb, width, height }: Picture) => pdqOfPixels(rgb, width, height, 3)

/** Pictures that a matcher can tell apart at all: otherwise a match of one with the other would be right. */
function distinct(pictures: readonly Picture[]) {
  const index = new PdqIndex()
  const originals: { picture: Picture; pdq: string }[] = []
  for (const picture of pictures) {
    const { hash: pdq, quality } = hashOf(picture)
    if (quality < matchQuality) continue
    const turns = [pdq, ...turnedHashes(pdq).map((one) => one.pdq)]
    if (turns.some((one) => index.within(one, copyRadius).length > 0)) continue
    index.add(originals.length, pdq)
    originals.push({ picture, pdq })
  }
  return { originals, left: pictures.length - originals.length }
}

/** Returns how many clusters hold more than one original's pictures. */
async function clusterAll(
  arrivals: readonly { original: number; change: string; pdq: string | undefined }[],
  found: ReadonlyMap<string, Found>,
): Promise<number> {
  const mandate = idOf("bench")
  const ids = arrivals.map(({ original, change }) => idOf("bench", original, change))
  const leaders = await loadLeaders([], [])
  const clusters = new Map<string, string>()
  const points = arrivals.map(({ pdq }, n) => ({ fingerprint: ids[n]!, mandate, ...(pdq ? { pdq } : {}) }))
  for (const { fingerprint, cluster } of leaders.add(points)) clusters.set(fingerprint, cluster)
  const owners = new Map<string, Set<number>>()
  for (const [n, { original, change }] of arrivals.entries()) {
    const cluster = clusters.get(ids[n]!)!
    if (!owners.has(cluster)) owners.set(cluster, new Set())
    owners.get(cluster)!.add(original)
    const of = found.get(change)
    if (of) of.clustered += Number(cluster === clusters.get(idOf("bench", original, "original")))
  }
  return [...owners.values()].filter((one) => one.size > 1).length
}
