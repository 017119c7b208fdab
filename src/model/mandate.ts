import Type from "typebox"
import { canonicalJson, type Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/**
 * What a mandate may allow to be kept. `posts`: metadata and links; `text`: sealed text and author; `fingerprints`: of images;
 * `attachments`: what other attached files are, by digests and traces. Without it such a file is not even fetched.
 */
export const collectables = ["posts", "text", "fingerprints", "attachments"] as const
export const Collectable = Type.Union([
  Type.Literal("posts"),
  Type.Literal("text"),
  Type.Literal("fingerprints"),
  Type.Literal("attachments"),
])
export type Collectable = (typeof collectables)[number]

/** The written authority for a crawl: who may collect what, where, until when. Identity: digest of its canonical text. */
export const Mandate = record("mandate", 1, {
  issuingBody: Type.String({ minLength: 1, maxLength: 300 }),
  legalBasis: Type.String({ minLength: 1, maxLength: 1000 }),
  reference: Type.String({ minLength: 1, maxLength: 200 }),
  /** Exact host names, lower case, without port. Sub-domains are other hosts. */
  hosts: Type.Array(Type.String({ pattern: "^[a-z0-9.-]{1,253}$" }), {
    minItems: 1,
    maxItems: 1000,
    uniqueItems: true,
  }),
  collect: Type.Array(Collectable, { minItems: 1, uniqueItems: true }),
  /** Days after collection at which sealed text becomes unreadable. */
  retentionDays: Type.Integer({ minimum: 1, maximum: 3650 }),
  start: Instant,
  expiry: Instant,
  robots: Type.Union([Type.Literal("honour"), Type.Literal("ignore")]),
})
export type Mandate = RecordOf<typeof Mandate>

/** A mandate with the organisation's Ed25519 signature (RFC 8032) over its canonical text (RFC 8785). */
export const SignedMandate = record("signed-mandate", 1, {
  mandate: Mandate.schema,
  /** Signer's public key: base64 of the DER SubjectPublicKeyInfo (RFC 8410). */
  key: Type.String({ maxLength: 200 }),
  /** base64, 64 bytes. */
  signature: Type.String({ maxLength: 200 }),
})
export type SignedMandate = RecordOf<typeof SignedMandate>

export function mandateId(mandate: Mandate): Id {
  return idOf("mandate", canonicalJson(mandate))
}
