import Type from "typebox"
import { type CardInMemory, CardTrace } from "./card-trace.ts"
import { Signal } from "./fingerprint.ts"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/** What is kept of an attached file that is no picture: digests, and what it is where that is known. Never its content. */
const examinedShape = {
  /** Length of the file in bytes. */
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  /** A chat program's character, a graph of nodes that makes pictures, or anything else. */
  form: Type.Union([Type.Literal("character-card"), Type.Literal("workflow"), Type.Literal("other")]),
  /** What the file says for: a card, the programs and models that a workflow names. */
  signals: Type.Array(Signal, { maxItems: 200 }),
  /** Name and version of the examiner. */
  examiner: Type.String({ maxLength: 60 }),
}
const ExaminedSchema = Type.Object(examinedShape, { additionalProperties: false })
export type ExaminedAttachment = Type.Static<typeof ExaminedSchema> & { readonly card?: CardInMemory }

/** A file that is no picture, as it was attached to a post. Identity: post, address and content. */
export const Attachment = record("attachment", 1, {
  id: Id,
  mandate: Id,
  forum: Type.String(),
  /** Record id of the post. */
  post: Id,
  postUrl: Type.String(),
  url: Type.String(),
  postedAt: Type.Optional(Instant),
  seenAt: Instant,
  card: Type.Optional(CardTrace),
  ...examinedShape,
})
export type Attachment = RecordOf<typeof Attachment>

export function attachmentId(post: Id, url: string, sha256: string): Id {
  return idOf("attachment", post, url, sha256)
}
