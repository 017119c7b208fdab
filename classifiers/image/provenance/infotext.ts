import { jsonObject, stringOf } from "./lenient-json.ts"
import type { Lora } from "./reader.ts"

/** A parameter block as AUTOMATIC1111's web UI and its relatives write it: prompt lines, then one line of `Key: value` pairs. */
export interface Infotext {
  readonly fields: ReadonlyMap<string, string>
  /** Names from `<lora:name:weight>` marks in the prompt and from the hash fields. */
  readonly loras: readonly Lora[]
}

/** Pairs read from one line; the longest seen have about 80. */
const maxPieces = 1000

/** Fields of which a true line has at least one beside Steps and Seed. */
const companions = [
  "Sampler",
  "Schedule type",
  "Scheduler",
  "CFG scale",
  "Guidance",
  "Distilled CFG Scale",
  "Size",
  "Model",
  "Model hash",
]

/**
 * Reads a parameter block, or undefined if the text is none. The last line (but for "Template" lines) has to be one of pairs from its
 * first character on, with whole numbers for Steps and Seed, so that prose around quoted parameters is not taken for a block.
 */
export function readInfotext(text: string): Infotext | undefined {
  const lines = text
    .slice(-(256 << 10))
    .trimEnd()
    .split("\n")
  for (let back = 1; back <= Math.min(lines.length, 20); back++) {
    const line = lines[lines.length - back]!.trim()
    if (/^Steps: \d{1,6}\s{0,3}(?:,|$)/.test(line)) {
      const fields = pairsOf(line)
      return fields && isComplete(fields) ? { fields, loras: lorasOf(lines.slice(0, -back), fields) } : undefined
    }
    if (back > 1 || !/^(?:Negative )?Template: /.test(line)) {
      // Templates may run over several lines; anything else after the pairs means that they are quoted.
      if (!lines.slice(-20).some((later) => /^(?:Negative )?Template: /.test(later))) return undefined
    }
  }
  return undefined
}

function isComplete(fields: ReadonlyMap<string, string>): boolean {
  return (
    fields.size >= 3 &&
    /^-?\d{1,20}$/.test(fields.get("Seed") ?? "") &&
    /^-?(?:\d{1,6}(?:\.\d{0,12})?|inf|nan)?$/.test(fields.get("CFG scale") ?? "") &&
    companions.some((key) => fields.has(key))
  )
}

/** `Key: value, Key: "quoted, value", Key: {json}`; undefined where a fifth or more of the pieces are no pairs. */
function pairsOf(line: string): Map<string, string> | undefined {
  const fields = new Map<string, string>()
  const key = /\s{0,5}([A-Za-z][\w /\-+.()]{0,60}):\s{0,5}/y
  let strays = 0
  let last = ""
  let balanced = true
  for (let at = 0, pieces = 0; at < line.length && pieces < maxPieces; pieces++) {
    key.lastIndex = at
    const match = key.exec(line)
    const start = match ? key.lastIndex : at
    const closed = balanced ? closedEnd(line, start) : start
    // What does not close once would be looked for up to the end again and again.
    if (closed === undefined) balanced = false
    const comma = line.indexOf(",", closed ?? start)
    const end = comma < 0 ? line.length : comma
    const value = line.slice(start, end)
    if (match) {
      last = match[1]!
      if (!fields.has(last)) fields.set(last, unquoted(value))
    } else {
      strays++
      if (last) fields.set(last, `${fields.get(last)},${value}`.slice(0, 2000))
    }
    at = end + 1
  }
  return strays * 4 <= fields.size ? fields : undefined
}

/** Index after a quoted or bracketed value, whose commas don't count; the start for others, undefined where it does not close. */
function closedEnd(line: string, from: number): number | undefined {
  const opener = line[from]
  const end =
    opener === '"' ? stringEnd(line, from) : opener === "{" || opener === "[" ? nestedEnd(line, from) : undefined
  if (end === undefined) return from
  return end === from ? undefined : end
}

function stringEnd(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at++) {
    if (line[at] === "\\") at++
    else if (line[at] === '"') return at + 1
  }
  return from
}

function nestedEnd(line: string, from: number): number {
  let depth = 0
  for (let at = from; at < line.length; at++) {
    const char = line[at]!
    if (char === '"') {
      const end = stringEnd(line, at)
      if (end === at) return from
      at = end - 1
    } else if (char === "{" || char === "[") depth++
    else if ((char === "}" || char === "]") && --depth === 0) return at + 1
  }
  return from
}

function unquoted(value: string): string {
  const trimmed = value.trim()
  return trimmed.length >= 2 && trimmed.startsWith('"') && trimmed.endsWith('"')
    ? trimmed.slice(1, -1).replaceAll('\\"', '"')
    : trimmed
}

function lorasOf(prompt: readonly string[], fields: ReadonlyMap<string, string>): Lora[] {
  const loras: Lora[] = []
  for (const pair of (fields.get("Lora hashes") ?? "").split(",")) {
    const colon = pair.lastIndexOf(":")
    if (colon > 0) loras.push({ name: pair.slice(0, colon).trim(), hash: pair.slice(colon + 1).trim() })
  }
  for (const [key, hash] of Object.entries(jsonObject(fields.get("Hashes") ?? "") ?? {})) {
    if (/^lora:/i.test(key)) loras.push({ name: key.slice(5), hash: stringOf(hash) })
  }
  // The negative prompt names what is to be absent; marks stand in the positive one.
  const negative = prompt.findIndex((line) => line.startsWith("Negative prompt:"))
  const positive = negative < 0 ? prompt : prompt.slice(0, negative)
  for (const [, name] of positive.join("\n").matchAll(/<(?:lora|lyco):([^:<>\n]{1,200})/g)) loras.push({ name: name! })
  return loras
}
