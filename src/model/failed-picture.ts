import Type from "typebox"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/**
 * A picture that brought its examiner down, twice: what a sighting needs, so that it can be fetched and examined again. Of the picture
 * nothing is kept. Identity: post and picture address.
 */
export const FailedPicture = record("picture", 1, {
  id: Id,
  mandate: Id,
  forum: Type.String(),
  post: Id,
  postUrl: Type.String(),
  postedAt: Type.Optional(Instant),
  url: Type.String(),
  thread: Type.String(),
  seenAt: Instant,
})
export type FailedPicture = RecordOf<typeof FailedPicture>

export function failedPictureId(post: Id, url: string): Id {
  return idOf("picture", post, url)
}
