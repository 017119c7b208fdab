import { matchRadius, type Neighbour, PdqIndex } from "../matching/pdq-index.ts"
import { withinTurned } from "../matching/turned-hash.ts"
import type { Membership } from "../model/cluster.ts"
import type { ClusterPoint } from "../ports/clusters.ts"

/**
 * Near-duplicate clusters as a function of the set of fingerprints, whatever their order of arrival.
 *
 * A fingerprint's priority is its id. It is a leader when no leader of higher priority (smaller id) lies within the radius: the
 * lexicographically first maximal independent set. All others join their nearest leader. Clusters therefore never chain: every member is
 * within the radius of its leader. An arrival can only change its neighbourhood, and what follows from a leader gained or lost there.
 *
 * A point without hash (not decodable, or of low quality) is a cluster of its own and draws nobody.
 */
export interface Leaders {
  has(fingerprint: string): boolean
  /** Adds points and returns the memberships that are new or changed, each with the successor of its revision. */
  add(points: readonly ClusterPoint[]): Membership[]
}

/** Everything that is near a hash; it must be mutual. */
export type Nearness = (index: PdqIndex, hash: string) => readonly Neighbour[]

/** Pictures within the radius, as they are or turned or mirrored. */
export const nearPictures: Nearness = (index, pdq) => withinTurned(index, pdq, matchRadius)

/** What is known of a point, by its number; about 200 bytes with what the index holds, so that millions fit. */
interface Point {
  readonly fingerprint: string
  readonly mandate: string
  readonly pdq: Buffer | undefined
  leads: boolean
  /** Number of its leader; -1 before its first place. */
  cluster: number
  distance: number
  revision: number
}

interface Near {
  readonly number: number
  readonly distance: number
}

/** @param known as stored, with their `memberships` */
export async function loadLeaders(
  known: AsyncIterable<ClusterPoint> | Iterable<ClusterPoint>,
  memberships: AsyncIterable<Membership> | Iterable<Membership>,
  nearness: Nearness = nearPictures,
): Promise<Leaders> {
  const points: Point[] = []
  const numbers = new Map<string, number>()
  const mandates = new Map<string, string>()
  const index = new PdqIndex()

  function admit({ fingerprint, mandate, pdq }: ClusterPoint): number {
    const number = points.length
    if (!mandates.has(mandate)) mandates.set(mandate, mandate)
    points.push({
      fingerprint,
      mandate: mandates.get(mandate)!,
      pdq: pdq === undefined ? undefined : Buffer.from(pdq, "hex"),
      leads: false,
      cluster: -1,
      distance: 0,
      revision: 0,
    })
    numbers.set(fingerprint, number)
    return number
  }

  for await (const point of known) if (!numbers.has(point.fingerprint)) admit(point)
  index.addAll(hashesOf(points))
  for await (const { fingerprint, cluster, distance, revision } of memberships) {
    const point = points[numbers.get(fingerprint)!]!
    point.cluster = numbers.get(cluster)!
    point.leads = cluster === fingerprint
    point.distance = distance
    point.revision = revision
  }

  const before = (a: number, b: number) => points[a]!.fingerprint < points[b]!.fingerprint

  /** Neighbours that were asked for in this arrival: settling and placing ask for the same ones. */
  let asked = new Map<number, readonly Near[]>()
  function around(number: number): readonly Near[] {
    let near = asked.get(number)
    if (!near) {
      near = nearness(index, points[number]!.pdq!.toString("hex")).map(({ key, distance }) => ({
        number: key,
        distance,
      }))
      asked.set(number, near)
    }
    return near
  }

  /** Decides anew who leads, in order of priority, starting from an arrival; returns everybody whose place may have changed. */
  function settle(arrival: number): Set<number> {
    const unsettled = new Set([arrival])
    const touched = new Set<number>()
    while (unsettled.size > 0) {
      let next = -1
      for (const one of unsettled) if (next < 0 || before(one, next)) next = one
      unsettled.delete(next)
      const point = points[next]!
      const neighbours = around(next)
      const leads = !neighbours.some((n) => n.number !== next && points[n.number]!.leads && before(n.number, next))
      const changed = leads !== point.leads
      if (!changed && next !== arrival) continue
      point.leads = leads
      touched.add(next)
      if (!changed) continue
      for (const { number } of neighbours) {
        touched.add(number)
        if (before(next, number)) unsettled.add(number)
      }
    }
    return touched
  }

  function place(number: number): Near {
    if (points[number]!.leads) return { number, distance: 0 }
    let nearest: Near | undefined
    for (const near of around(number)) {
      if (!points[near.number]!.leads || (nearest && near.distance > nearest.distance)) continue
      if (!nearest || near.distance < nearest.distance || before(near.number, nearest.number)) nearest = near
    }
    if (!nearest) throw new Error(`leaders: ${points[number]!.fingerprint} has no leader`)
    return nearest
  }

  /** The new membership, if the place is not the one before. */
  function moved(number: number): Membership | undefined {
    const point = points[number]!
    const now = place(number)
    if (point.cluster === now.number && point.distance === now.distance) return undefined
    point.cluster = now.number
    point.distance = now.distance
    point.revision += 1
    const { fingerprint, mandate, distance, revision } = point
    return { id: fingerprint, fingerprint, cluster: points[now.number]!.fingerprint, distance, revision, mandate }
  }

  return {
    has: (fingerprint) => numbers.has(fingerprint),
    add(arrivals) {
      const touched = new Set<number>()
      for (const arrival of arrivals) {
        if (numbers.has(arrival.fingerprint)) continue
        const number = admit(arrival)
        if (arrival.pdq) {
          index.add(number, arrival.pdq)
          asked = new Map()
          for (const one of settle(number)) touched.add(one)
        } else {
          points[number]!.leads = true
          touched.add(number)
        }
      }
      const changed = [...touched].flatMap((number) => moved(number) ?? [])
      asked = new Map()
      return changed
    },
  }
}

function* hashesOf(points: readonly Point[]) {
  for (const [key, { pdq }] of points.entries()) if (pdq) yield { key, pdq: pdq.toString("hex") }
}
