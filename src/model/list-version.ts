import Type from "typebox"
import { canonicalJson, Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/** One listed address. Identity: hash of its expression and scope. */
export const Entry = Type.Object(
  {
    /** SHA-256 of the canonical expression (host and path, Safe Browsing v4/v5 rules), hexadecimal. */
    hash: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    /** Canonical address. */
    url: Type.String(),
    scope: Type.Union([Type.Literal("page"), Type.Literal("image")]),
    since: Instant,
    until: Instant,
    /** The decision that it rests on. */
    decision: Id,
  },
  { additionalProperties: false },
)
export type Entry = Type.Static<typeof Entry>

/** One version of the de-index list; each names the digest of the one before. Identity: sequence. */
export const ListVersion = record("list-version", 1, {
  sequence: Type.Integer({ minimum: 1 }),
  previous: Type.Optional(Id),
  issuer: Type.String(),
  issuedAt: Instant,
  expiresAt: Instant,
  /** Sorted by hash, each hash and scope once. */
  entries: Type.Array(Entry),
})
export type ListVersion = RecordOf<typeof ListVersion>

/** A list version with the publisher's Ed25519 signature over its canonical text. */
export const SignedList = record("signed-list", 1, {
  list: ListVersion.schema,
  key: Type.String({ maxLength: 200 }),
  signature: Type.String({ maxLength: 200 }),
})
export type SignedList = RecordOf<typeof SignedList>

/** What the next version names as the one before. */
export function signedListId(signed: SignedList): Id {
  return idOf("signed-list", canonicalJson(signed))
}
