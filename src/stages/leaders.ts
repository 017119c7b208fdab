import { createPdqIndex, matchRadius, type Neighbour } from "../matching/pdq-index.ts"
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

export function createLeaders(known: Iterable<ClusterPoint>, memberships: Iterable<Membership>): Leaders {
  const points = new Map<string, ClusterPoint>()
  const index = createPdqIndex()
  const leaders = new Set<string>()
  const places = new Map<string, Membership>()
  for (const point of known) {
    points.set(point.fingerprint, point)
    if (point.pdq) index.add(point.fingerprint, point.pdq)
  }
  for (const membership of memberships) {
    places.set(membership.fingerprint, membership)
    if (membership.cluster === membership.fingerprint) leaders.add(membership.fingerprint)
  }

  const around = (fingerprint: string): Neighbour[] => index.within(points.get(fingerprint)!.pdq!, matchRadius)

  /** Decides anew who leads, in order of priority, starting from an arrival; returns everybody whose place may have changed. */
  function settle(arrival: string): Set<string> {
    const unsettled = new Set([arrival])
    const touched = new Set<string>()
    while (unsettled.size > 0) {
      const next = [...unsettled].sort()[0]!
      unsettled.delete(next)
      const neighbours = around(next)
      const leads = !neighbours.some((n) => n.key < next && leaders.has(n.key))
      const changed = leads !== leaders.has(next)
      if (!changed && next !== arrival) continue
      if (leads) leaders.add(next)
      else leaders.delete(next)
      touched.add(next)
      if (!changed) continue
      for (const { key } of neighbours) {
        touched.add(key)
        if (key > next) unsettled.add(key)
      }
    }
    return touched
  }

  function place(fingerprint: string): { cluster: string; distance: number } {
    if (leaders.has(fingerprint)) return { cluster: fingerprint, distance: 0 }
    const nearest = around(fingerprint).find((n) => leaders.has(n.key))
    if (!nearest) throw new Error(`leaders: ${fingerprint} has no leader`)
    return { cluster: nearest.key, distance: nearest.distance }
  }

  return {
    has: (fingerprint) => points.has(fingerprint),
    add(arrivals) {
      const touched = new Set<string>()
      for (const point of arrivals) {
        if (points.has(point.fingerprint)) continue
        points.set(point.fingerprint, point)
        if (point.pdq) {
          index.add(point.fingerprint, point.pdq)
          for (const fingerprint of settle(point.fingerprint)) touched.add(fingerprint)
        } else {
          leaders.add(point.fingerprint)
          touched.add(point.fingerprint)
        }
      }
      const changed: Membership[] = []
      for (const fingerprint of touched) {
        const before = places.get(fingerprint)
        const now = place(fingerprint)
        if (before?.cluster === now.cluster && before.distance === now.distance) continue
        const membership: Membership = {
          id: fingerprint,
          fingerprint,
          ...now,
          revision: (before?.revision ?? 0) + 1,
          mandate: points.get(fingerprint)!.mandate,
        }
        places.set(fingerprint, membership)
        changed.push(membership)
      }
      return changed
    },
  }
}
