import type { HashAlgorithm } from "../model/known-hash.ts"
import { byteLines } from "./byte-lines.ts"
import {
  algorithmByLength,
  algorithmNamed,
  type EntryNotes,
  goneLine,
  type KnownLine,
  knownLine,
} from "./known-entry.ts"

/** JSON Lines: `{"algorithm", "value", "category"?, "reference"?, "licence"?, "expires"?, "deleted"?}`, or an object with a field for each algorithm (`{"md5": …, "sha1": …}`). */
export async function* readJsonl(
  bytes: AsyncIterable<Uint8Array>,
  options: { readonly algorithm?: HashAlgorithm },
): AsyncGenerator<KnownLine> {
  for await (const { number, text, cut } of byteLines(bytes)) {
    if (text.trim() === "") continue
    if (cut) yield { line: number, problem: "the line is too long for a hash entry" }
    else yield* entriesOf(number, text, options.algorithm)
  }
}

function* entriesOf(line: number, text: string, given: HashAlgorithm | undefined): Generator<KnownLine> {
  const entry = jsonObject(text)
  if (!entry) {
    yield { line, problem: "not a JSON object" }
    return
  }
  const notes = notesOf(entry)
  const read = (algorithm: HashAlgorithm, value: string) =>
    entry.deleted === true
      ? goneLine(line, algorithm, value, notes.reference)
      : knownLine(line, algorithm, value, notes)
  if (typeof entry.value === "string") {
    const algorithm =
      typeof entry.algorithm === "string" ? algorithmNamed(entry.algorithm) : (given ?? algorithmByLength(entry.value))
    if (algorithm) yield read(algorithm, entry.value)
    else yield { line, problem: "no algorithm, or one that is not matched here" }
    return
  }
  const found = Object.entries(entry).filter(([name, value]) => typeof value === "string" && algorithmNamed(name))
  if (found.length === 0)
    yield { line, problem: "neither `algorithm` and `value` nor a field named after an algorithm" }
  for (const [name, value] of found) yield read(algorithmNamed(name)!, value as string)
}

/** A line of JSON as an object; undefined if it is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

export function notesOf(entry: Readonly<Record<string, unknown>>): EntryNotes {
  return {
    category: labelOf(entry.category ?? entry.tags),
    reference: labelOf(entry.reference),
    licence: labelOf(entry.licence ?? entry.license),
    expires: labelOf(entry.expires ?? entry.expires_at),
  }
}

/** A label as text: sources write numbers, texts, and lists of either. */
function labelOf(value: unknown): string | undefined {
  if (typeof value === "string") return value
  if (typeof value === "number") return String(value)
  return Array.isArray(value) ? value.filter((one) => typeof one === "string").join(",") : undefined
}
