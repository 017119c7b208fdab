import Type from "typebox"
import { Id, type RecordOf, record } from "./record.ts"

/**
 * A fingerprint's place: it belongs to the near-duplicate cluster of its leader, itself included. Identity: the fingerprint. A higher
 * revision replaces a lower one; a change of leader is how splits and merges become visible to later stages.
 */
export const Membership = record("membership", 1, {
  id: Id,
  fingerprint: Id,
  /** The cluster's identity: its leader's fingerprint id. */
  cluster: Id,
  /** PDQ bits that differ from the leader's; 0 for the leader. */
  distance: Type.Integer({ minimum: 0, maximum: 256 }),
  revision: Type.Integer({ minimum: 1 }),
  mandate: Id,
})
export type Membership = RecordOf<typeof Membership>
