import { matchQuality } from "../matching/pdq-index.ts"
import { Membership } from "../model/cluster.ts"
import { Fingerprint } from "../model/fingerprint.ts"
import { asFailure, type Outcome, type Stage } from "../pipeline/stage.ts"
import type { ClusterPoint, Clusters } from "../ports/clusters.ts"
import type { EventLog } from "../ports/event-log.ts"
import { decode, encode } from "../ports/message-codec.ts"
import { type Leaders, loadLeaders } from "./leaders.ts"

/**
 * Fingerprints to near-duplicate clusters. Its state and the changes that follow from it are saved in one step, and the changes are
 * published from there: so a kill between the two repeats messages and loses none.
 */
export function clusterStage({ clusters, eventLog }: { clusters: Clusters; eventLog: EventLog }): Stage {
  let loaded: Leaders | undefined

  async function leaders(): Promise<Leaders> {
    loaded ??= await loadLeaders(clusters.points(), clusters.memberships())
    return loaded
  }

  async function publish(): Promise<void> {
    const waiting = await clusters.unpublished()
    if (waiting.length === 0) return
    await eventLog.append(waiting.map((m) => encode("memberships", m.fingerprint, Membership, m)))
    await clusters.published(waiting)
  }

  return {
    name: "cluster",
    topics: ["fingerprints"],
    async process(batch) {
      const outcomes = new Map<string, Outcome>()
      const points: ClusterPoint[] = []
      const state = await leaders()
      for (const delivery of batch) {
        try {
          const fingerprint = decode(Fingerprint, delivery)
          if (!state.has(fingerprint.id)) points.push(pointOf(fingerprint))
          outcomes.set(delivery.receipt, { emit: [] })
        } catch (error) {
          outcomes.set(delivery.receipt, { failed: asFailure(error) })
        }
      }
      if (points.length > 0) {
        try {
          await clusters.save(points, state.add(points))
        } catch (error) {
          loaded = undefined // what is in memory is ahead of the store, or another writer was faster
          throw error
        }
      }
      await publish()
      return outcomes
    },
  }
}

function pointOf(fingerprint: Fingerprint): ClusterPoint {
  const usable = fingerprint.pdq !== undefined && (fingerprint.pdqQuality ?? 0) >= matchQuality
  return { fingerprint: fingerprint.id, mandate: fingerprint.mandate, ...(usable ? { pdq: fingerprint.pdq! } : {}) }
}
