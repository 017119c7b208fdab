import { byteLines, peeked } from "./byte-lines.ts"
import { readCsv } from "./csv-format.ts"
import { jsonEntries } from "./json-entries.ts"
import { isObject, jsonObject, notesOf } from "./jsonl-format.ts"
import { algorithmNamed, goneLine, type KnownLine, knownLine } from "./known-entry.ts"

/**
 * Signals as python-threatexchange and ThreatExchange write them: JSON Lines, a JSON array, `{"data": […]}` or CSV, with `signal_type` or
 * `type` (`pdq`, `md5`, `HASH_PDQ`, `HASH_MD5` …) and `signal`, `signal_str`, `indicator` or `value`. An entry marked `should_delete` is gone.
 */
export async function* readPytx(source: AsyncIterable<Uint8Array>): AsyncGenerator<KnownLine> {
  const { firstLine, bytes } = await peeked(source)
  const first = jsonObject(firstLine)
  if (first && !Array.isArray(first.data)) yield* objectLines(bytes)
  else if (/^[[{]/.test(firstLine)) yield* documentEntries(bytes, firstLine.startsWith("[") ? "$.*" : "$.data.*")
  else yield* readCsv(bytes, {})
}

async function* objectLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<KnownLine> {
  for await (const { number, text, cut } of byteLines(bytes)) {
    if (text.trim() === "") continue
    const entry = cut ? undefined : jsonObject(text)
    yield entry ? entryOf(number, entry) : { line: number, problem: "not a JSON object" }
  }
}

async function* documentEntries(bytes: AsyncIterable<Uint8Array>, place: string): AsyncGenerator<KnownLine> {
  let line = 0
  for await (const entry of jsonEntries(bytes, [place], "JSON document")) {
    line++
    yield isObject(entry) ? entryOf(line, entry) : { line, problem: "not a JSON object" }
  }
}

function entryOf(line: number, entry: Readonly<Record<string, unknown>>): KnownLine {
  const type = entry.signal_type ?? entry.type
  const value = entry.signal ?? entry.signal_str ?? entry.indicator ?? entry.value
  if (typeof type !== "string" || typeof value !== "string") {
    return { line, problem: "no `signal_type` or no `signal`" }
  }
  const algorithm = algorithmNamed(type)
  if (!algorithm) return { line, problem: "a signal type that is not matched here" }
  const notes = notesOf(entry)
  return entry.should_delete === true
    ? goneLine(line, algorithm, value, notes.reference)
    : knownLine(line, algorithm, value, notes)
}
