import { countMarks, isBullet, lineKind, stepOf } from "./line-marks.ts"
import { noCounts, type ScannedSpan, type TextCounts } from "./text-counts.ts"
import { noWords, wordScanner } from "./word-scanner.ts"

/** UTF-16 units of a text that are read, lines, and units of a line: nobody writes a guide beyond that. */
const readLimit = 200_000
const lineLimit = 5_000
const lineLengthLimit = 20_000
const spanLimit = 60
const spanLengthLimit = 200

/** Reads a text once, line by line; linear in its first 200,000 units. */
export function scanText(source: string): TextCounts {
  const counts = noCounts()
  const found = noWords()
  const read = source.length > readLimit ? source.slice(0, readLimit) : source
  // the only letter whose lower case is longer: spans must stay where they are
  const text = read.replaceAll("\u0130", "i").toLowerCase()
  const span = (name: ScannedSpan["name"], from: number, to: number) => {
    if (counts.spans.length < spanLimit)
      counts.spans.push({ name, start: from, end: Math.min(to, from + spanLengthLimit) })
  }
  const readWords = wordScanner({ text, source, counts, found, span })
  let fenced = false
  const numbered = { run: 0, last: 0 }
  /** Lines in a row that each hold an order: many forums lose the numbers of a list. */
  const bare = { run: 0, best: 0 }

  function readLine(from: number, to: number): void {
    const whole = text.slice(from, to)
    const line = whole.trim()
    if (line === "") return
    counts.lines++
    const indent = whole.slice(0, whole.length - whole.trimStart().length)
    const kind = lineKind(line, indent)
    if (kind === "command") counts.commands++
    if (kind === "fence") fenced = !fenced && !line.includes("[/code]")
    if (fenced || kind === "fence" || kind === "command" || kind === "machine") {
      counts.machineLines++
      if (!fenced && kind === "machine") counts.openMachineLines++
      return
    }
    if (kind === "quoted") return
    countMarks(line, counts)
    const step = stepOf(line)
    if (step) {
      numbered.run = step.number === numbered.last + 1 ? numbered.run + 1 : 1
      numbered.last = step.number
      if (numbered.run >= 2) counts.steps = Math.max(counts.steps, numbered.run)
      if (step.number > 0) span("step", from, Math.min(to, from + 30))
    } else if (isBullet(line)) counts.bullets++
    const before = counts.instructions
    readWords(step ? from + indent.length + step.length : from, to)
    bare.run = counts.instructions > before ? bare.run + 1 : 0
    bare.best = Math.max(bare.best, bare.run)
  }

  for (let line = 0, start = 0; line < lineLimit && start <= text.length; line++) {
    const newline = text.indexOf("\n", start)
    const end = newline === -1 ? text.length : newline
    readLine(start, Math.min(end, start + lineLengthLimit))
    start = end + 1
  }
  counts.orderWords = found.order.size
  counts.toolKinds = found.tool.size
  counts.editorKinds = found.editor.size
  counts.settings = bits(found.settings)
  if (bare.best >= 3) counts.steps = Math.max(counts.steps, bare.best)
  counts.endsAsking = found.lastEnd === "?"
  return counts
}

function bits(mask: number): number {
  let found = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) found++
  return found
}
