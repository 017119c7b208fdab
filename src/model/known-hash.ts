import Type from "typebox"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

export const HashAlgorithm = Type.Union([
  Type.Literal("pdq"),
  Type.Literal("md5"),
  Type.Literal("sha1"),
  Type.Literal("sha256"),
  /** Opaque: compared as a whole, never measured. */
  Type.Literal("photodna"),
])
export type HashAlgorithm = "pdq" | "md5" | "sha1" | "sha256" | "photodna"

/** Digits of a hash in lower-case hexadecimal. */
export const hashDigits: Readonly<Record<HashAlgorithm, number>> = {
  pdq: 64,
  md5: 32,
  sha1: 40,
  sha256: 64,
  photodna: 288,
}

/** One entry of a known-hash set. Identity: algorithm, value, source and the source's own number, if it has one. */
export const KnownHash = record("known-hash", 2, {
  id: Id,
  algorithm: HashAlgorithm,
  value: Type.String({ pattern: "^[0-9a-f]{32,288}$" }),
  source: Type.String({ minLength: 1, maxLength: 100 }),
  /** The source's own name of the entry, by which it withdraws it. */
  reference: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  /** The source's own label, kept opaque. */
  category: Type.Optional(Type.String({ maxLength: 100 })),
  /** Under which agreement the entry may be used. */
  licence: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  /** From then on it matches nothing. */
  expiresAt: Type.Optional(Instant),
  importedAt: Instant,
})
export type KnownHash = RecordOf<typeof KnownHash>

export function knownHashId(algorithm: HashAlgorithm, value: string, source: string, reference?: string): Id {
  return idOf("known-hash", algorithm, value, source, ...(reference === undefined ? [] : [reference]))
}
