/** How an address was hidden. */
type Disguise = "hxxp" | "dot" | "bracket" | "space" | "zero-width" | "fullwidth" | "percent"

interface Edit {
  /** Where the replacement stands in the folded text, and how long it is. */
  readonly at: number
  readonly length: number
  /** What it replaced in the text before. */
  readonly from: number
  readonly to: number
  readonly disguise: Disguise
}

/** Text with simple disguises undone; every position leads back to the text as it was written. */
export interface FoldedText {
  readonly text: string
  /** The span in the original text, and the disguises undone within it. */
  original(start: number, end: number): { span: readonly [number, number]; disguises: readonly Disguise[] }
}

interface Rule {
  readonly pattern: RegExp
  /** The replacement, or undefined to leave the place as it is. */
  replace(match: RegExpExecArray, text: string): { with: string; disguise: Disguise } | undefined
}

/** UTF-16 units of a post that are read; the rest is ignored. A forum post of this length has never been a post. */
const textLimit = 1_000_000
/** Disguises of one sort that are undone in a post: bounds the work on text made of nothing else. */
const editLimit = 100_000

/**
 * Undoes what people do to links: `hxxp`, `[.]`, `(dot)`, ` dot `, spaces around the dot of a host that `isHost` knows, zero-width and
 * full-width characters, percent encoding of plain characters. Linear in the length of the text, of which `textLimit` units are read.
 */
export function foldText(source: string, isHost: (host: string) => boolean): FoldedText {
  let text = source.length > textLimit ? source.slice(0, textLimit) : source
  const layers: (readonly Edit[])[] = []
  for (const rule of [dropInvisible, undoMarks, joinDots(isHost), joinSlashes(isHost)]) {
    const edits = apply(rule, text)
    if (edits.list.length === 0) continue
    layers.unshift(edits.list)
    text = edits.text
  }
  return { text, original: (start, end) => trace(layers, start, end) }
}

function apply(rule: Rule, text: string): { text: string; list: Edit[] } {
  const list: Edit[] = []
  const parts: string[] = []
  let done = 0
  let length = 0
  rule.pattern.lastIndex = 0
  for (let match = rule.pattern.exec(text); match && list.length < editLimit; match = rule.pattern.exec(text)) {
    const replacement = rule.replace(match, text)
    if (!replacement) continue
    const kept = text.slice(done, match.index)
    done = match.index + match[0].length
    const edit = { at: length + kept.length, length: replacement.with.length, from: match.index, to: done }
    list.push({ ...edit, disguise: replacement.disguise })
    parts.push(kept, replacement.with)
    length = edit.at + edit.length
  }
  if (list.length === 0) return { text, list }
  parts.push(text.slice(done))
  return { text: parts.join(""), list }
}

function trace(layers: readonly (readonly Edit[])[], start: number, end: number) {
  const disguises = new Set<Disguise>()
  let from = start
  let to = end
  for (const edits of layers) {
    for (let index = Math.max(0, lastAtOrBefore(edits, from)); index < edits.length; index++) {
      const edit = edits[index]!
      if (edit.at >= to) break
      if (edit.at + edit.length > from && (edit.length > 0 || edit.at > from)) disguises.add(edit.disguise)
    }
    const last = place(edits, to - 1)
    from = place(edits, from).from
    to = last.to
  }
  return { span: [from, to] as const, disguises: [...disguises].sort() }
}

/** Where one folded character came from. */
function place(edits: readonly Edit[], position: number): { from: number; to: number } {
  const edit = edits[lastAtOrBefore(edits, position)]
  if (!edit) return { from: position, to: position + 1 }
  if (position < edit.at + edit.length) return edit
  const from = position + edit.to - (edit.at + edit.length)
  return { from, to: from + 1 }
}

/** Index of the last edit at or before a position; -1 if none. */
function lastAtOrBefore(edits: readonly Edit[], position: number): number {
  let low = 0
  let high = edits.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (edits[middle]!.at <= position) low = middle + 1
    else high = middle
  }
  return low - 1
}

const dropInvisible: Rule = {
  // Soft hyphen, zero-width space and joiners, direction marks and overrides, word joiner, byte-order mark.
  pattern: /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+/g,
  replace: () => ({ with: "", disguise: "zero-width" }),
}

const marks: Readonly<Record<string, string>> = { ".": ".", ":": ":", "/": "/", "://": "://" }

const undoMarks: Rule = {
  pattern:
    /\bh(?:xx|\*\*|__)p(?=s?(?::\/\/|[[({]))|\s?(?:\[\s?(\.|:\/\/|:|\/|dot)\s?\]|\(\s?(\.|dot)\s?\)|\{\s?(\.|dot)\s?\}|<(\.|dot)>)\s?|%(?:25){0,5}(2[d-f]|3[0-9adf]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])|[\uff0e\uff0f\uff10-\uff1a\uff21-\uff3a\uff3f\uff41-\uff5a]+/gi,
  replace(match) {
    const [whole, square, round, curly, angle, code] = match
    const mark = square ?? round ?? curly ?? angle
    if (mark) return { with: marks[mark] ?? ".", disguise: mark.toLowerCase() === "dot" ? "dot" : "bracket" }
    if (code) return { with: String.fromCharCode(Number.parseInt(code, 16)), disguise: "percent" }
    if (whole.charCodeAt(0) > 0xff00) {
      const plain = String.fromCharCode(...Array.from(whole.slice(0, 4096), (c) => c.charCodeAt(0) - 0xfee0))
      return { with: plain + whole.slice(4096), disguise: "fullwidth" }
    }
    return { with: "http", disguise: "hxxp" }
  },
}

const label = /[a-z0-9-]{1,63}/iy
const dotOrSlashWord = /[\w.-]{1,100}/y

function wordAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ""
}

function wordBefore(text: string, at: number, isPart: (code: number) => boolean, limit: number): string {
  let start = at
  while (start > 0 && at - start < limit && isPart(text.charCodeAt(start - 1))) start--
  return text.slice(start, at)
}

function isLabelCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 45
}

/** Only where both sides make a known host: the dot between two sentences must stay one. */
function joinDots(isHost: (host: string) => boolean): Rule {
  return {
    pattern:
      /(?<=[a-z0-9])(?:\s{1,3}\.\s{0,3}|\.\s{1,3}|\s{1,3}(?:dot|punkt|point|punto|ponto|kropka|точка)\s{1,3})(?=[a-z0-9])/gi,
    replace(match, text) {
      const before = wordBefore(text, match.index, isLabelCode, 63)
      const after = wordAt(label, text, match.index + match[0].length)
      if (!isHost(`${before}.${after}`.toLowerCase())) return undefined
      return { with: ".", disguise: match[0].includes(".") ? "space" : "dot" }
    },
  }
}

/** `civitai.com / models / 12`: the slashes after a known host, unless another host follows. */
function joinSlashes(isHost: (host: string) => boolean): Rule {
  let joinedUpTo = -1
  return {
    pattern: /(?<=[a-z0-9])(?:[ \t]{1,2}\/[ \t]{0,2}|\/[ \t]{1,2}|[ \t]{1,2}slash[ \t]{1,2})(?=[a-z0-9])/gi,
    replace(match, text) {
      const before = wordBefore(text, match.index, (code) => isLabelCode(code) || code === 46 || code === 95, 100)
      const after = wordAt(dotOrSlashWord, text, match.index + match[0].length)
      const continues = joinedUpTo >= 0 && match.index - before.length === joinedUpTo
      if (!continues && !isHost(before.toLowerCase().replace(/^(?:www|m)\./, ""))) return undefined
      if (isHost(after.toLowerCase().replace(/\.$/, ""))) return undefined
      joinedUpTo = match.index + match[0].length
      return { with: "/", disguise: "space" }
    },
  }
}
