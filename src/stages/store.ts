import { WatchlineError } from "../errors.ts"
import { Attachment } from "../model/attachment.ts"
import { Membership } from "../model/cluster.ts"
import { Finding } from "../model/finding.ts"
import { Fingerprint } from "../model/fingerprint.ts"
import { Post } from "../model/post.ts"
import { Sighting } from "../model/sighting.ts"
import { Visit } from "../model/visit.ts"
import { asFailure, type Outcome, type Stage } from "../pipeline/stage.ts"
import type { Delivery } from "../ports/event-log.ts"
import type { FindingsWriter, Indexed } from "../ports/findings.ts"
import { decode } from "../ports/message-codec.ts"
import type { Collected, RecordGate } from "./record-gate.ts"

/** Every record of the log to the index, each checked against its mandate once more. */
export function storeStage({ writer, gate }: { writer: FindingsWriter; gate: RecordGate }): Stage {
  return {
    name: "store",
    topics: ["visits", "posts", "fingerprints", "sightings", "memberships", "findings"],
    // every write is an upsert whose outcome depends on no other record
    atOnce: 3,
    async process(batch) {
      const outcomes = new Map<string, Outcome>()
      const accepted: { delivery: Delivery; indexed: Indexed }[] = []
      for (const delivery of batch) {
        try {
          const indexed = indexedFrom(delivery)
          const collected = collectedBy(indexed)
          if (collected) await gate(collected)
          accepted.push({ delivery, indexed })
        } catch (error) {
          outcomes.set(delivery.receipt, { failed: asFailure(error) })
        }
      }
      const answers = await writer.put(accepted.map((a) => a.indexed))
      for (const [place, { delivery }] of accepted.entries()) {
        const failed = answers[place]
        outcomes.set(delivery.receipt, failed ? { failed } : { emit: [] })
      }
      return outcomes
    },
  }
}

function indexedFrom(delivery: Delivery): Indexed {
  switch (delivery.kind) {
    case Post.name:
      return { kind: "post", record: decode(Post, delivery) }
    case Attachment.name:
      return { kind: "attachment", record: decode(Attachment, delivery) }
    case Fingerprint.name:
      return { kind: "fingerprint", record: decode(Fingerprint, delivery) }
    case Sighting.name:
      return { kind: "sighting", record: decode(Sighting, delivery) }
    case Membership.name:
      return { kind: "membership", record: decode(Membership, delivery) }
    case Finding.name:
      return { kind: "finding", record: decode(Finding, delivery) }
    case Visit.name:
      return { kind: "visit", record: decode(Visit, delivery) }
    default:
      throw new WatchlineError("record_invalid", {
        message: `Records of kind ${delivery.kind} have no place in the index.`,
      })
  }
}

/** Memberships follow from fingerprints that passed the gate themselves. */
function collectedBy({ kind, record }: Indexed): Collected | undefined {
  switch (kind) {
    case "post":
      return {
        mandate: record.mandate,
        at: record.seenAt,
        urls: [record.url],
        needs: record.sealed ? ["posts", "text"] : ["posts"],
      }
    case "sighting":
      return {
        mandate: record.mandate,
        at: record.seenAt,
        urls: [record.postUrl, record.url],
        needs: ["fingerprints"],
      }
    case "attachment":
      return {
        mandate: record.mandate,
        at: record.seenAt,
        urls: [record.postUrl, record.url],
        needs: record.card?.sealed ? ["attachments", "text"] : ["attachments"],
      }
    case "visit":
      return { mandate: record.mandate, at: record.at, urls: [record.url], needs: [] }
    case "fingerprint":
      return { mandate: record.mandate, at: record.seenAt, urls: [], needs: ["fingerprints"] }
    case "finding":
      return { mandate: record.mandate, at: record.seenAt, urls: [], needs: [] }
    case "membership":
      return undefined
  }
}
