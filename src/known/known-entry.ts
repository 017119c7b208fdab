import { type HashAlgorithm, hashDigits } from "../model/known-hash.ts"

/** What a source says of its entry beside the hash. */
export interface EntryNotes {
  /** The source's own name of the entry. */
  readonly reference?: string | undefined
  /** The source's own label, opaque: what it means depends on the source and its country. */
  readonly category?: string | undefined
  readonly licence?: string | undefined
  /** A time that `Date.parse` understands; a day without a time ends with its beginning in UTC. */
  readonly expires?: string | undefined
}

/** One hash of a set, before it has a source and a time of import. */
export interface KnownEntry {
  readonly algorithm: HashAlgorithm
  /** Lower-case hexadecimal. */
  readonly value: string
  readonly reference?: string
  readonly category?: string
  readonly licence?: string
  readonly expiresAt?: string
}

/** An entry that its source has withdrawn: everything under its name, or one hash. */
export type GoneEntry = { readonly reference: string } | Pick<KnownEntry, "algorithm" | "value" | "reference">

/**
 * What a place in a hash file says: a hash, that an entry is gone, or why there is neither. `line` counts from 1; in JSON and XML documents it
 * is the entry's number.
 */
export type KnownLine =
  | { readonly line: number; readonly hash: KnownEntry }
  | { readonly line: number; readonly gone: GoneEntry }
  | { readonly line: number; readonly problem: string }

const limits = { category: 100, licence: 200, reference: 200 } as const

const algorithmNames: Readonly<Record<string, HashAlgorithm>> = {
  pdq: "pdq",
  pdqhash: "pdq",
  imagepdq: "pdq",
  hashpdq: "pdq",
  md5: "md5",
  hashmd5: "md5",
  md5hash: "md5",
  videomd5: "md5",
  sha1: "sha1",
  hashsha1: "sha1",
  sha1hash: "sha1",
  sha256: "sha256",
  hashsha256: "sha256",
  sha256hash: "sha256",
  photodna: "photodna",
  pdna: "photodna",
  hashpdna: "photodna",
}

/** `SHA-256`, `HASH_PDQ`, `sha1` … as an algorithm; undefined if Watchline does not match it (TMK and others). */
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
export function knownLine(line: number, algorithm: HashAlgorithm, written: string, notes: EntryNotes = {}): KnownLine {
  const value = digitsOf(algorithm, written)
  const digits = hashDigits[algorithm]
  if (value.length !== digits) return { line, problem: `${algorithm} has ${digits} digits, this value ${value.length}` }
  if (!/^[0-9a-f]+$/.test(value)) return { line, problem: `the ${algorithm} value is not hexadecimal` }
  if (/^(.)\1+$/.test(value))
    return { line, problem: `the ${algorithm} value is one digit repeated: a placeholder or a plain picture` }
  if (ofNothing.has(value)) return { line, problem: `the ${algorithm} of an empty file` }
  const texts: Partial<Record<keyof typeof limits, string>> = {}
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
    const text = notes[name]?.trim()
    if (!text) continue
    if (text.length > limits[name]) return { line, problem: `the ${name} is longer than ${limits[name]} characters` }
    texts[name] = text
  }
  const expires = notes.expires?.trim()
  if (!expires) return { line, hash: { algorithm, value, ...texts } }
  const until = Date.parse(expires)
  if (Number.isNaN(until)) return { line, problem: "the time of expiry is no date" }
  return { line, hash: { algorithm, value, ...texts, expiresAt: new Date(until).toISOString() } }
}

/** The same for an entry that is gone, by its hash. */
export function goneLine(line: number, algorithm: HashAlgorithm, written: string, reference?: string): KnownLine {
  const read = knownLine(line, algorithm, written, { reference })
  if (!("hash" in read)) return read
  const { value, reference: name } = read.hash
  return { line, gone: { algorithm, value, ...(name === undefined ? {} : { reference: name }) } }
}

/** PhotoDNA is exchanged as 144 bytes in base64, too. */
function digitsOf(algorithm: HashAlgorithm, written: string): string {
  const text = written.trim()
  if (algorithm === "photodna" && /^[A-Za-z0-9+/]{192}$/.test(text)) return Buffer.from(text, "base64").toString("hex")
  return text.toLowerCase().replace(/^0x/, "")
}

/** The algorithm of a bare hash, where its length leaves one; 64 digits are SHA-256 or PDQ. */
export function algorithmByLength(value: string): HashAlgorithm | undefined {
  const { length } = value.trim().replace(/^0x/i, "")
  return length === hashDigits.md5 ? "md5" : length === hashDigits.sha1 ? "sha1" : undefined
}
