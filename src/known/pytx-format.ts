import { WatchlineError } from "../errors.ts"
import { byteLines, peeked, wholeText } from "./byte-lines.ts"
import { readCsv } from "./csv-format.ts"
import { isObject, jsonObject, labelOf } from "./jsonl-format.ts"
import { algorithmNamed, type KnownLine, knownLine } from "./known-entry.ts"

/** A JSON document (not JSON Lines) is read whole up to this many bytes. */
const documentLimit = 64 * 2 ** 20

/**
 * Signals as python-threatexchange and ThreatExchange write them: JSON Lines, a JSON array, `{"data": […]}` or CSV, with `signal_type` or
 * `type` (`pdq`, `md5`, `HASH_PDQ`, `HASH_MD5` …) and `signal`, `signal_str`, `indicator` or `value`. Entries marked `should_delete` are reported, not read: a
 * deletion concerns what an earlier download brought.
 */
export async function* readPytx(source: AsyncIterable<Uint8Array>): AsyncGenerator<KnownLine> {
  const { firstLine, bytes } = await peeked(source)
  const first = jsonObject(firstLine)
  if (first && !Array.isArray(first.data)) yield* objectLines(bytes)
  else if (/^[[{]/.test(firstLine)) yield* documentEntries(await wholeText(bytes, documentLimit))
  else yield* readCsv(bytes, {})
}

async function* objectLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<KnownLine> {
  for await (const { number, text, cut } of byteLines(bytes)) {
    if (text.trim() === "") continue
    const entry = cut ? undefined : jsonObject(text)
    yield entry ? entryOf(number, entry) : { line: number, problem: "not a JSON object" }
  }
}

function* documentEntries(text: string): Generator<KnownLine> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw new WatchlineError("input_invalid", {
      message: "The file is no complete JSON document.",
      remedy: "Export it again, or pass JSON Lines: one signal a line.",
      cause,
    })
  }
  const entries = isObject(document) ? (document.data ?? [document]) : document
  if (!Array.isArray(entries)) return
  for (const [index, entry] of entries.entries()) {
    yield isObject(entry) ? entryOf(index + 1, entry) : { line: index + 1, problem: "not a JSON object" }
  }
}

function entryOf(line: number, entry: Readonly<Record<string, unknown>>): KnownLine {
  const type = entry.signal_type ?? entry.type
  const value = entry.signal ?? entry.signal_str ?? entry.indicator ?? entry.value
  if (typeof type !== "string" || typeof value !== "string") {
    return { line, problem: "no `signal_type` or no `signal`" }
  }
  if (entry.should_delete === true) return { line, problem: "marked as deleted by its source" }
  const algorithm = algorithmNamed(type)
  if (!algorithm) return { line, problem: "a signal type that is not matched here" }
  return knownLine(line, algorithm, value, labelOf(entry.category ?? entry.tags))
}
