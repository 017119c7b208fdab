import Type from "typebox"
import { Sealed } from "./post.ts"
import { Id } from "./record.ts"

/** Versions of the form of a character card. */
const CardSpec = Type.Union([Type.Literal("v1"), Type.Literal("v2"), Type.Literal("v3")])

/** What an examiner hands over of a character card in a picture: in memory only, to be sealed and overwritten. */
export interface CardInMemory {
  readonly spec: "v1" | "v2" | "v3"
  /** UTF-8 of a JSON object: `{name, text}`. */
  readonly content: Uint8Array
}

/** What is kept of a character card: that the same name or text was seen before, and both sealed where the mandate covers text. */
export const CardTrace = Type.Object(
  {
    spec: CardSpec,
    /** Keyed digests: nobody can compute them without the workspace key. */
    name: Id,
    text: Id,
    /** Canonical JSON of `PostContent`: the name as title, the texts as text. */
    sealed: Type.Optional(Sealed),
  },
  { additionalProperties: false },
)
export type CardTrace = Type.Static<typeof CardTrace>
