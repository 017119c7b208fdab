import Type from "typebox"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/** Text that rests encrypted: AES-256-GCM under the data key of a time bucket. All parts base64 but the bucket's name. */
export const Sealed = Type.Object(
  { bucket: Type.String({ maxLength: 40 }), nonce: Type.String({ maxLength: 24 }), data: Type.String() },
  { additionalProperties: false },
)
export interface Sealed {
  readonly bucket: string
  readonly nonce: string
  readonly data: string
}

/** What a post's seal holds. */
export interface PostContent {
  readonly title: string
  readonly author: string
  readonly text: string
}

/** One post of a forum. Identity: forum, thread and post id, so an edited post is a new version of the same record. */
export const Post = record("post", 1, {
  id: Id,
  mandate: Id,
  forum: Type.String(),
  /** The engine's ids, or digests of content where the engine has none. */
  thread: Type.String(),
  postId: Type.String(),
  url: Type.String(),
  threadUrl: Type.String(),
  postedAt: Type.Optional(Instant),
  seenAt: Instant,
  /** Keyed digest of forum and handle: the same author has the same pseudonym, nobody can compute it without the workspace key. */
  author: Type.Optional(Type.String()),
  /** Canonical JSON of `PostContent`; absent where the mandate does not cover text. */
  sealed: Type.Optional(Sealed),
  /** Keyed digest of title, author, text, links and images: another version means that the post was edited. */
  version: Id,
  links: Type.Array(Type.String()),
  /** Canonical addresses of the pictures in the post, fetched or not. */
  images: Type.Array(Type.String()),
})
export type Post = RecordOf<typeof Post>

export function postRecordId(forum: string, thread: string, postId: string): Id {
  return idOf("post", forum, thread, postId)
}
