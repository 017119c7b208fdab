import { matchQuality } from "../matching/pdq-index.ts"
import { Membership } from "../model/cluster.ts"
import { Finding } from "../model/finding.ts"
import { Fingerprint } from "../model/fingerprint.ts"
import { asFailure, type Outcome, type Stage } from "../pipeline/stage.ts"
import type { ClusterPoint, Clusters } from "../ports/clusters.ts"
import type { Delivery, EventLog } from "../ports/event-log.ts"
import { decode, encode } from "../ports/message-codec.ts"
import { type Leaders, loadLeaders, type Nearness, nearPictures } from "./leaders.ts"

interface ClusterStageParts {
  readonly clusters: Clusters
  readonly eventLog: EventLog
}

/** What a stage clusters: which messages name something, and how near is near. */
interface Clustering {
  readonly name: string
  readonly topic: Stage["topics"][number]
  readonly near: Nearness
  pointOf(delivery: Delivery): ClusterPoint | undefined
}

/** Fingerprints to clusters of near-duplicate images. */
export function clusterStage(parts: ClusterStageParts): Stage {
  return stageFor({ name: "cluster", topic: "fingerprints", near: nearPictures, pointOf: imagePoint }, parts)
}

/**
 * Two sketches of guides at most this far apart are of copies: they share about half of their words in a row. Texts that share nothing
 * lie 128 bits apart, give or take 8: one pair of 50 million by chance within this radius
 * (infra/measurements/guide-copies.md).
 */
const copyRadius = 84
const nearCopies: Nearness = (index, sketch) => index.within(sketch, copyRadius)

/** Guides to clusters of copies. The post stands where an image's fingerprint stands. */
export function guideClusterStage(parts: ClusterStageParts): Stage {
  return stageFor({ name: "guides", topic: "findings", near: nearCopies, pointOf: guidePoint }, parts)
}

/**
 * The stage's state and the changes that follow from it are saved in one step, and the changes are published from there: so a kill between
 * the two repeats messages and loses none.
 */
function stageFor({ name, topic, near, pointOf }: Clustering, { clusters, eventLog }: ClusterStageParts): Stage {
  let loaded: Leaders | undefined

  async function leaders(): Promise<Leaders> {
    loaded ??= await loadLeaders(clusters.points(), clusters.memberships(), near)
    return loaded
  }

  async function publish(): Promise<void> {
    const waiting = await clusters.unpublished()
    if (waiting.length === 0) return
    await eventLog.append(waiting.map((m) => encode("memberships", m.fingerprint, Membership, m)))
    await clusters.published(waiting)
  }

  return {
    name,
    topics: [topic],
    async process(batch) {
      const outcomes = new Map<string, Outcome>()
      const points: ClusterPoint[] = []
      const state = await leaders()
      for (const delivery of batch) {
        try {
          const point = pointOf(delivery)
          if (point && !state.has(point.fingerprint)) points.push(point)
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

function imagePoint(delivery: Delivery): ClusterPoint {
  const fingerprint = decode(Fingerprint, delivery)
  const usable = fingerprint.pdq !== undefined && (fingerprint.pdqQuality ?? 0) >= matchQuality
  return { fingerprint: fingerprint.id, mandate: fingerprint.mandate, ...(usable ? { pdq: fingerprint.pdq! } : {}) }
}

/** Of an edited post the first version that was called a guide counts. */
function guidePoint(delivery: Delivery): ClusterPoint | undefined {
  const { kind, subject, mandate, sketch } = decode(Finding, delivery)
  if (kind !== "guide") return undefined
  return { fingerprint: subject.id, mandate, ...(sketch ? { pdq: sketch } : {}) }
}
