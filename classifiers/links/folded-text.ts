/** How a reference was hidden. */
export type Disguise =
  | "hxxp"
  | "dot"
  | "bracket"
  | "space"
  | "line-break"
  | "zero-width"
  | "fullwidth"
  | "homoglyph"
  | "idn"
  | "entity"
  | "escape"
  | "percent"
  | "reversed"
  | "rot13"
  | "base64"
  | "hex"

/** One act of undoing: what, and where it stood in the text as it was written. */
export interface Undone {
  readonly disguise: Disguise
  readonly span: readonly [number, number]
}

/** Where something stood in the text as it was written, and what was undone within it. */
export interface Original {
  readonly span: readonly [number, number]
  readonly undone: readonly Undone[]
}

/** Text with disguises undone; every position leads back to the text as it was written. */
export interface FoldedText {
  readonly text: string
  original(start: number, end: number): Original
}

/** A replacement within a text, in the order of the text, none overlapping another. */
export interface Replacement {
  readonly from: number
  readonly to: number
  readonly with: string
  readonly disguise: Disguise
}

/** One sort of disguise: where it stands in a text and what it stands for. Linear in the length of the text. */
export type Undoing = (text: string) => Iterable<Replacement>

interface Edit extends Replacement {
  /** Where the replacement stands in the folded text. */
  readonly at: number
}

/** UTF-16 units of a post that are read; the rest is ignored. A forum post of this length has never been a post. */
export const textLimit = 1_000_000
/** Disguises of one sort that are undone in a post: bounds the work on text made of nothing else. */
const editLimit = 50_000
/** Acts of undoing that are named for one reference. */
const undoneLimit = 20

/** Undoes one sort of disguise after the other. Linear in the length of the text, of which `textLimit` units are read. */
export function foldText(source: string, undoings: readonly Undoing[]): FoldedText {
  let text = source.length > textLimit ? source.slice(0, textLimit) : source
  const layers: (readonly Edit[])[] = []
  for (const undoing of undoings) {
    const edits = editsOf(undoing, text)
    if (edits.length === 0) continue
    layers.unshift(edits)
    text = rewritten(text, edits)
  }
  return { text, original: (start, end) => trace(layers, start, end) }
}

function editsOf(undoing: Undoing, text: string): Edit[] {
  const edits: Edit[] = []
  let shift = 0
  for (const replacement of undoing(text)) {
    edits.push({ ...replacement, at: replacement.from + shift })
    shift += replacement.with.length - (replacement.to - replacement.from)
    if (edits.length >= editLimit) break
  }
  return edits
}

function rewritten(text: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let done = 0
  for (const edit of edits) {
    parts.push(text.slice(done, edit.from), edit.with)
    done = edit.to
  }
  parts.push(text.slice(done))
  return parts.join("")
}

function trace(layers: readonly (readonly Edit[])[], start: number, end: number): Original {
  const undone: Undone[] = []
  let from = start
  let to = end
  for (const [depth, edits] of layers.entries()) {
    const within = editsWithin(edits, from, to)
    for (const edit of within) {
      if (undone.length >= undoneLimit) break
      const span = throughAll(layers, depth + 1, edit.from, edit.to)
      const last = undone.at(-1)
      if (last?.disguise === edit.disguise && last.span[1] === span[0]) {
        undone[undone.length - 1] = { disguise: edit.disguise, span: [last.span[0], span[1]] }
      } else undone.push({ disguise: edit.disguise, span })
    }
    ;[from, to] = through(edits, from, to)
  }
  return { span: [from, to], undone }
}

/** Edits that made a part of a stretch; one that only removed something counts if it did so inside. */
function* editsWithin(edits: readonly Edit[], from: number, to: number): Iterable<Edit> {
  for (let index = Math.max(0, lastAtOrBefore(edits, from)); index < edits.length; index++) {
    const edit = edits[index]!
    if (edit.at >= to) return
    if (edit.at + edit.with.length > from && (edit.with.length > 0 || edit.at > from)) yield edit
  }
}

function throughAll(layers: readonly (readonly Edit[])[], depth: number, from: number, to: number): [number, number] {
  let span: [number, number] = [from, to]
  for (const edits of layers.slice(depth)) span = through(edits, ...span)
  return span
}

/** A stretch of a text as a stretch of the text before. */
function through(edits: readonly Edit[], from: number, to: number): [number, number] {
  return [place(edits, from)[0], place(edits, to - 1)[1]]
}

/** Where one folded character came from. */
function place(edits: readonly Edit[], position: number): [number, number] {
  const edit = edits[lastAtOrBefore(edits, position)]
  if (!edit) return [position, position + 1]
  if (position < edit.at + edit.with.length) return [edit.from, edit.to]
  const from = position - edit.at - edit.with.length + edit.to
  return [from, from + 1]
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
