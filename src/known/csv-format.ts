import type { HashAlgorithm } from "../model/known-hash.ts"
import { byteLines, type TextLine } from "./byte-lines.ts"
import { algorithmByLength, algorithmNamed, goneLine, type KnownLine, knownLine } from "./known-entry.ts"

/** Columns of what is said beside the hash; -1 where there is none. */
interface NoteColumns {
  readonly category: number
  readonly reference: number
  readonly licence: number
  readonly expires: number
  readonly gone: number
}

/** How a file's columns are to be read. */
type Columns = { readonly notes: NoteColumns } & (
  | /** Columns for algorithm and value. */ {
      readonly form: "named"
      readonly algorithm: number
      readonly value: number
    }
  /** A column for each algorithm, as ICSE and forensic tools write them. */
  | { readonly form: "wide"; readonly hashes: readonly (readonly [HashAlgorithm, number])[] }
  /** A column of values; the algorithm is said beforehand or follows from the length. */
  | { readonly form: "single"; readonly value: number }
)

const algorithmHeaders = ["algorithm", "signal_type", "hash_type", "type"]
const valueHeaders = ["value", "signal", "signal_str", "indicator", "hash", "digest"]
const noteHeaders: Readonly<Record<keyof NoteColumns, readonly string[]>> = {
  category: ["category", "categories", "label", "tags", "classification"],
  reference: ["reference", "entry_id"],
  licence: ["licence", "license"],
  expires: ["expires", "expires_at", "expiry"],
  gone: ["should_delete", "deleted", "withdrawn"],
}
const noNotes: NoteColumns = { category: -1, reference: -1, licence: -1, expires: -1, gone: -1 }

/**
 * Delimited text (comma, semicolon or tab), with a header line (`algorithm,value[,category,reference,licence,expires,deleted]`,
 * or a column named after each algorithm) or without one (one column of hashes, or algorithm and value). `#` begins a comment line. Quoting follows RFC 4180 within a line: a hash
 * entry has no line breaks, so a quote that is never closed spoils its line and nothing else.
 */
export async function* readCsv(
  bytes: AsyncIterable<Uint8Array>,
  options: { readonly algorithm?: HashAlgorithm },
): AsyncGenerator<KnownLine> {
  let columns: Columns | undefined
  let delimiter = ","
  for await (const line of byteLines(bytes)) {
    if (line.text.trim() === "" || line.text.startsWith("#")) continue
    if (!columns) {
      delimiter = delimiterOf(line.text)
      const first = fieldsOf(line.text, delimiter) ?? []
      columns = columnsOfHeader(first)
      if (columns) continue
      columns = columnsOfData(first)
    }
    yield* entriesOf(line, delimiter, columns, options.algorithm)
  }
}

function* entriesOf(
  { number, text, cut }: TextLine,
  delimiter: string,
  columns: Columns,
  given: HashAlgorithm | undefined,
): Generator<KnownLine> {
  const fields = cut ? undefined : fieldsOf(text, delimiter)
  if (!fields) {
    yield { line: number, problem: cut ? "the line is too long for a hash entry" : "a quote is not closed" }
    return
  }
  const { notes } = columns
  const said = {
    category: fields[notes.category],
    reference: fields[notes.reference],
    licence: fields[notes.licence],
    expires: fields[notes.expires],
  }
  const gone = /^(true|yes|1)$/i.test(fields[notes.gone]?.trim() ?? "")
  const entry = (algorithm: HashAlgorithm, value: string) =>
    gone ? goneLine(number, algorithm, value, said.reference) : knownLine(number, algorithm, value, said)
  if (columns.form === "wide") {
    const filled = columns.hashes.filter(([, column]) => fields[column]?.trim())
    if (filled.length === 0) yield { line: number, problem: "no hash in this line" }
    for (const [algorithm, column] of filled) yield entry(algorithm, fields[column]!)
    return
  }
  const value = fields[columns.value]?.trim()
  if (!value) {
    yield { line: number, problem: "no hash in this line" }
    return
  }
  const name = columns.form === "named" ? (fields[columns.algorithm] ?? "") : undefined
  const algorithm = name === undefined ? (given ?? algorithmByLength(value)) : algorithmNamed(name)
  if (algorithm) yield entry(algorithm, value)
  else yield { line: number, problem: name === undefined ? unclear(value) : "an algorithm that is not matched here" }
}

function unclear(value: string): string {
  return value.length === 64
    ? "64 digits are SHA-256 or PDQ: say which (--algorithm, or a header line)"
    : `${value.length} digits are no hash that is matched here`
}

function delimiterOf(line: string): string {
  const counts = [",", ";", "\t"].map((one) => [one, line.split(one).length] as const)
  return counts.sort((a, b) => b[1] - a[1])[0]![0]
}

/** Undefined if a quote is not closed. */
function fieldsOf(line: string, delimiter: string): string[] | undefined {
  if (!line.includes('"')) return line.split(delimiter)
  const fields: string[] = []
  let at = 0
  while (at <= line.length) {
    if (line[at] !== '"') {
      const end = line.indexOf(delimiter, at)
      fields.push(line.slice(at, end < 0 ? undefined : end))
      if (end < 0) return fields
      at = end + 1
      continue
    }
    let field = ""
    let from = at + 1
    for (;;) {
      const quote = line.indexOf('"', from)
      if (quote < 0) return undefined
      field += line.slice(from, quote)
      from = quote + 1
      if (line[from] !== '"') break
      field += '"'
      from++
    }
    fields.push(field)
    if (line[from] !== delimiter) return fields
    at = from + 1
  }
  return fields
}

function columnsOfHeader(fields: readonly string[]): Columns | undefined {
  const names = fields.map((field) => field.trim().toLowerCase())
  const column = (known: readonly string[]) => names.findIndex((name) => known.includes(name))
  const notes: NoteColumns = {
    category: column(noteHeaders.category),
    reference: column(noteHeaders.reference),
    licence: column(noteHeaders.licence),
    expires: column(noteHeaders.expires),
    gone: column(noteHeaders.gone),
  }
  const value = column(valueHeaders)
  const algorithm = column(algorithmHeaders)
  if (value >= 0 && algorithm >= 0) return { form: "named", algorithm, value, notes }
  const hashes = names.flatMap((name, index) => {
    const known = algorithmNamed(name)
    return known ? [[known, index] as const] : []
  })
  // Two columns without a header, "md5,<value>", begin with an algorithm's name too; a header names columns only.
  if (hashes.length > 0 && !fields.some(looksLikeHash)) return { form: "wide", hashes, notes }
  return value >= 0 ? { form: "single", value, notes } : undefined
}

function columnsOfData(fields: readonly string[]): Columns {
  if (fields.length > 1 && algorithmNamed(fields[0]!))
    return { form: "named", algorithm: 0, value: 1, notes: { ...noNotes, category: 2 } }
  return { form: "single", value: 0, notes: { ...noNotes, category: 1 } }
}

function looksLikeHash(field: string): boolean {
  return /^(?:0x)?[0-9a-f]{32,64}$/i.test(field.trim())
}
