import { type HashAlgorithm, hashDigits } from "../model/known-hash.ts"

/** One hash of a set, before it has a source and a time of import. */
interface KnownEntry {
  readonly algorithm: HashAlgorithm
  /** Lower-case hexadecimal. */
  readonly value: string
  /** The source's own label, opaque: what it means depends on the source and its country. */
  readonly category?: string
}

/** What a place in a hash file says: a hash, or why there is none. `line` counts from 1; in JSON documents it is the entry's number. */
export type KnownLine =
  | { readonly line: number; readonly hash: KnownEntry }
  | { readonly line: number; readonly problem: string }

const categoryLimit = 100

const algorithmNames: Readonly<Record<string, HashAlgorithm>> = {
  pdq: "pdq",
  pdqhash: "pdq",
  imagepdq: "pdq",
  hashpdq: "pdq",
  md5: "md5",
  hashmd5: "md5",
  md5hash: "md5",
  sha1: "sha1",
  hashsha1: "sha1",
  sha1hash: "sha1",
  sha256: "sha256",
  hashsha256: "sha256",
  sha256hash: "sha256",
}

/** `SHA-256`, `HASH_PDQ`, `sha1` … as an algorithm; undefined if Watchline does not match it (PhotoDNA, TMK and others). */
export function algorithmNamed(name: string): HashAlgorithm | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]/g, "")
  return Object.hasOwn(algorithmNames, plain) ? algorithmNames[plain] : undefined
}

/** Digests of an empty file: they would match whatever failed to download. */
const ofNothing: ReadonlySet<string> = new Set([
  "d41d8cd98f00b204e9800998ecf8427e",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
])

/** Checks and normalises one hash. Problems never repeat the value: it may be sensitive and belongs to no log. */
export function knownLine(line: number, algorithm: HashAlgorithm, written: string, category?: string): KnownLine {
  const value = written.trim().toLowerCase().replace(/^0x/, "")
  const digits = hashDigits[algorithm]
  if (value.length !== digits) return { line, problem: `${algorithm} has ${digits} digits, this value ${value.length}` }
  if (!/^[0-9a-f]+$/.test(value)) return { line, problem: `the ${algorithm} value is not hexadecimal` }
  if (/^(.)\1+$/.test(value))
    return { line, problem: `the ${algorithm} value is one digit repeated: a placeholder or a plain picture` }
  if (ofNothing.has(value)) return { line, problem: `the ${algorithm} of an empty file` }
  const label = category?.trim()
  if (label && label.length > categoryLimit)
    return { line, problem: `the category is longer than ${categoryLimit} characters` }
  return { line, hash: { algorithm, value, ...(label ? { category: label } : {}) } }
}

/** The algorithm of a bare hash, where its length leaves one; 64 digits are SHA-256 or PDQ. */
export function algorithmByLength(value: string): HashAlgorithm | undefined {
  const { length } = value.trim().replace(/^0x/i, "")
  return length === hashDigits.md5 ? "md5" : length === hashDigits.sha1 ? "sha1" : undefined
}
