import { WatchlineError } from "../errors.ts"
import { wholeText } from "./byte-lines.ts"
import { isObject } from "./jsonl-format.ts"
import { type KnownLine, knownLine } from "./known-entry.ts"

/** A VICS file is read whole, up to this many bytes (about half a million entries). */
const vicsLimit = 256 * 2 ** 20

/**
 * Project VIC's JSON, versions 1.2 to 2.0, as hash list (`#Media`) or cases (`#Cases`): `value[]` with `MD5`, `SHA1`, and `Category`, whose
 * meaning depends on the country profile named in the file's context: it stays opaque. Lines are numbers of media entries.
 *
 * @throws WatchlineError `input_invalid` if the file is no such document or larger than 256 MiB.
 */
export async function* readVics(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<KnownLine> {
  let line = 0
  for (const entry of mediaOf(await wholeText(bytes, vicsLimit))) {
    line++
    if (!isObject(entry)) {
      yield { line, problem: "not a JSON object" }
      continue
    }
    const { MD5, SHA1, Category } = entry
    const category = typeof Category === "number" || typeof Category === "string" ? String(Category) : undefined
    const hashes = [
      { algorithm: "md5", value: MD5 },
      { algorithm: "sha1", value: SHA1 },
    ] as const
    const filled = hashes.filter(({ value }) => typeof value === "string" && value.trim() !== "")
    if (filled.length === 0) yield { line, problem: "neither MD5 nor SHA1" }
    for (const { algorithm, value } of filled) yield knownLine(line, algorithm, value as string, category)
  }
}

function* mediaOf(text: string): Generator<unknown> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw invalid("The file is no complete JSON document.", cause)
  }
  if (!isObject(document) || !Array.isArray(document.value)) throw invalid("The file has no `value` list.", undefined)
  for (const entry of document.value) {
    if (isObject(entry) && Array.isArray(entry.Media)) yield* entry.Media
    else yield entry
  }
}

function invalid(message: string, cause: unknown): WatchlineError {
  return new WatchlineError("input_invalid", {
    message,
    remedy: "Export the hash set again as Project VIC JSON (#Media or #Cases), or as CSV.",
    cause,
  })
}
