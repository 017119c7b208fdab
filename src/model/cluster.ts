import Type from "typebox"
import { Id, type RecordOf, record } from "./record.ts"

/**
 * A fingerprint's place: it belongs to the near-duplicate cluster of its leader, itself included. Of a guide, the post's id stands for the
 * fingerprint, and its cluster holds the copies of one text: people decide on both in the same way. Identity: the fingerprint. A higher
 * revision replaces a lower one; a change of leader is how splits and merges become visible to later stages.
 */
export const Membership = record("membership", 1, {
  id: Id,
  fingerprint: Id,
  /** The cluster's identity: its leader's fingerprint id. */
  cluster: Id,
  /** Bits of the PDQ hash (turned or mirrored where that is nearer), or of the sketch, that differ from the leader's; 0 for the leader. */
  distance: Type.Integer({ minimum: 0, maximum: 256 }),
  revision: Type.Integer({ minimum: 1 }),
  mandate: Id,
})
export type Membership = RecordOf<typeof Membership>
