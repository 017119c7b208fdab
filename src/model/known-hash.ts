import Type from "typebox"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

export const HashAlgorithm = Type.Union([
  Type.Literal("pdq"),
  Type.Literal("md5"),
  Type.Literal("sha1"),
  Type.Literal("sha256"),
])
export type HashAlgorithm = "pdq" | "md5" | "sha1" | "sha256"

/** Digits of a hash in lower-case hexadecimal. */
export const hashDigits: Readonly<Record<HashAlgorithm, number>> = { pdq: 64, md5: 32, sha1: 40, sha256: 64 }

/** One entry of a known-hash set. Identity: algorithm, value and source. */
export const KnownHash = record("known-hash", 1, {
  id: Id,
  algorithm: HashAlgorithm,
  value: Type.String({ pattern: "^[0-9a-f]{32,64}$" }),
  source: Type.String({ minLength: 1, maxLength: 100 }),
  /** The source's own label, kept opaque. */
  category: Type.Optional(Type.String({ maxLength: 100 })),
  importedAt: Instant,
})
export type KnownHash = RecordOf<typeof KnownHash>

export function knownHashId(algorithm: HashAlgorithm, value: string, source: string): Id {
  return idOf("known-hash", algorithm, value, source)
}
