import Type from "typebox"
import { Signal } from "./fingerprint.ts"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

export const FindingKind = Type.Union([
  Type.Literal("ai-image"),
  Type.Literal("known-image"),
  Type.Literal("model-link"),
  Type.Literal("character-link"),
  Type.Literal("character-card"),
  Type.Literal("guide"),
])
export type FindingKind = "ai-image" | "known-image" | "model-link" | "character-link" | "character-card" | "guide"

/** Evidence about an image or a post, never a verdict. Identity: subject, kind, what it is about, and the version of the rule. */
export const Finding = record("finding", 1, {
  id: Id,
  mandate: Id,
  kind: FindingKind,
  subject: Type.Object(
    { record: Type.Union([Type.Literal("fingerprint"), Type.Literal("post")]), id: Id },
    { additionalProperties: false },
  ),
  /** Canonical id of the artefact, or the known hash's source and category; absent where the subject says it all. */
  about: Type.Optional(Type.String({ maxLength: 600 })),
  platform: Type.Optional(Type.String({ maxLength: 60 })),
  artefactKind: Type.Optional(Type.String({ maxLength: 60 })),
  /** Other canonical ids of the artefact that its reference gives away, and what it says that the model was made for. */
  aliases: Type.Optional(Type.Array(Type.String({ maxLength: 600 }), { maxItems: 20 })),
  baseModel: Type.Optional(Type.String({ maxLength: 100 })),
  /** Rule or model with its version, e.g. "provenance@1". */
  producer: Type.String({ maxLength: 80 }),
  signals: Type.Array(Signal, { maxItems: 200 }),
  /** 0 to 1, with the calibration that made it so. */
  score: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  calibration: Type.Optional(Type.String({ maxLength: 80 })),
  /** Named reasons with their contribution; never words of the text. `span` is where in the sealed title and text it stands. */
  reasons: Type.Array(
    Type.Object(
      {
        name: Type.String({ maxLength: 80 }),
        weight: Type.Number(),
        span: Type.Optional(Type.Tuple([Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 0 })])),
      },
      { additionalProperties: false },
    ),
    { maxItems: 60 },
  ),
  /** Places in the post's text as it was written, in UTF-16 units, and what each speaks for. */
  spans: Type.Optional(
    Type.Array(
      Type.Object(
        {
          name: Type.String({ maxLength: 80 }),
          span: Type.Tuple([Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 0 })]),
        },
        { additionalProperties: false },
      ),
      { maxItems: 100 },
    ),
  ),
  /** Of the text, ISO 639. */
  language: Type.Optional(Type.String({ maxLength: 12 })),
  /** Keyed digest by which copies of a guide are recognised: texts that share most of their words differ in few of its 256 bits. */
  sketch: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
  /** Why no statement is made. */
  abstained: Type.Optional(Type.String({ maxLength: 80 })),
  /** When the subject was seen. */
  seenAt: Instant,
})
export type Finding = RecordOf<typeof Finding>

export function findingId(
  subject: Finding["subject"],
  kind: FindingKind,
  about: string | undefined,
  producer: string,
): Id {
  return idOf("finding", subject.record, subject.id, kind, about ?? null, producer)
}
