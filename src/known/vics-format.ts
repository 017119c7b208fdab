import { WatchlineError } from "../errors.ts"
import { jsonEntries } from "./json-entries.ts"
import { isObject } from "./jsonl-format.ts"
import { type KnownLine, knownLine } from "./known-entry.ts"

const hashes = [
  ["md5", "MD5"],
  ["sha1", "SHA1"],
  ["photodna", "PhotoDNA"],
] as const

/**
 * Project VIC's JSON, versions 1.2 to 2.0, as hash list (`#Media`) or cases (`#Cases`): `value[]` with `MD5`, `SHA1`, `PhotoDNA` and `Category`, whose
 * meaning depends on the country profile named in the file's context: it stays opaque. Lines are numbers of media entries.
 *
 * @throws WatchlineError `input_invalid` if the file is no such document
 */
export async function* readVics(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<KnownLine> {
  let line = 0
  let nothing = true
  for await (const entry of jsonEntries(bytes, ["$.value", "$.value.*", "$.value.*.Media.*"], "Project VIC document")) {
    nothing = false
    if (Array.isArray(entry)) continue // the list itself, whose entries came before
    if (isObject(entry) && Array.isArray(entry.Media)) continue // a case, whose media came before
    line++
    if (isObject(entry)) yield* entriesOf(line, entry)
    else yield { line, problem: "not a JSON object" }
  }
  if (nothing) {
    throw new WatchlineError("input_invalid", {
      message: "The file has no `value` list.",
      remedy: "Export the hash set again as Project VIC JSON (#Media or #Cases), or as CSV.",
    })
  }
}

function* entriesOf(line: number, entry: Readonly<Record<string, unknown>>): Generator<KnownLine> {
  const { Category } = entry
  const category = typeof Category === "number" || typeof Category === "string" ? String(Category) : undefined
  let filled = 0
  for (const [algorithm, field] of hashes) {
    const value = entry[field]
    if (typeof value !== "string" || value.trim() === "") continue
    filled++
    yield knownLine(line, algorithm, value, { category })
  }
  if (filled === 0) yield { line, problem: "neither MD5, SHA1 nor PhotoDNA" }
}
