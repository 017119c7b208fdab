import Type from "typebox"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/** One image posted in one post: the unit that a month's report counts. Identity: digest of post, image address and fingerprint. */
export const Sighting = record("sighting", 1, {
  id: Id,
  mandate: Id,
  forum: Type.String(),
  /** Record id of the post. */
  post: Id,
  postUrl: Type.String(),
  url: Type.String(),
  fingerprint: Id,
  sha256: Type.String(),
  postedAt: Type.Optional(Instant),
  seenAt: Instant,
})
export type Sighting = RecordOf<typeof Sighting>

export function sightingId(post: Id, url: string, fingerprint: Id): Id {
  return idOf("sighting", post, url, fingerprint)
}
