import Type from "typebox"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/** What a link promises and what a page turns out to be. */
export const PageKind = Type.Union([
  Type.Literal("index"),
  Type.Literal("board"),
  Type.Literal("thread"),
  Type.Literal("other"),
])
export type PageKind = "index" | "board" | "thread" | "other"

/** One fetch of one page: what was asked, what came, what it yielded. Identity: page address and time of the fetch. */
export const Visit = record("visit", 1, {
  id: Id,
  mandate: Id,
  forum: Type.String(),
  url: Type.String(),
  at: Instant,
  expected: PageKind,
  found: Type.Optional(PageKind),
  status: Type.Optional(Type.Integer()),
  /** Parser and version, e.g. "phpbb@1". */
  parser: Type.Optional(Type.String()),
  posts: Type.Integer({ minimum: 0 }),
  images: Type.Integer({ minimum: 0 }),
  links: Type.Integer({ minimum: 0 }),
  /** Error code, where the page could not be had. */
  error: Type.Optional(Type.String()),
  /** Why somebody should look: "no_posts", "not_a_thread", "log_in_page" … Never silence where posts were expected. */
  alarm: Type.Optional(Type.String()),
  /** Pictures that could not be fetched or examined, with the code of the reason. */
  imageFailures: Type.Array(
    Type.Object({ post: Id, url: Type.String(), error: Type.String() }, { additionalProperties: false }),
  ),
  /** The same for other attached files; absent where there are none. */
  attachmentFailures: Type.Optional(
    Type.Array(Type.Object({ post: Id, url: Type.String(), error: Type.String() }, { additionalProperties: false })),
  ),
})
export type Visit = RecordOf<typeof Visit>

export function visitId(url: string, at: Instant): Id {
  return idOf("visit", url, at)
}
