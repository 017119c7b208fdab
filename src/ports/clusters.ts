import type { Membership } from "../model/cluster.ts"
import type { Id } from "../model/record.ts"

/** What clustering needs to know of a fingerprint, or of a post that is a guide: its id and sketch stand in the same places. */
export interface ClusterPoint {
  readonly fingerprint: Id
  readonly mandate: Id
  /** 64 hexadecimal digits; absent where there is none or its quality is below 50: such an image stays alone. */
  readonly pdq?: string
}

/**
 * The state of near-duplicate clustering, and the outbox of its changes. Images and guides have a store each.
 *
 * - `save` stores new points and changed memberships in one step and marks the memberships as unpublished.
 * - `unpublished` returns those again until `published` names them: so a change reaches the log even if the process dies in between.
 * - One writer at a time: `save` with a revision that is not the successor of the stored one fails with `engine_unavailable` (reload,
 *   try again).
 */
export interface Clusters {
  points(): AsyncIterable<ClusterPoint>
  memberships(): AsyncIterable<Membership>
  save(points: readonly ClusterPoint[], changed: readonly Membership[]): Promise<void>
  unpublished(): Promise<Membership[]>
  published(memberships: readonly Membership[]): Promise<void>
}
