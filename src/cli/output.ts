import { once } from "node:events"
import { stripVTControlCharacters } from "node:util"
import { SingleBar } from "cli-progress"
import Table from "cli-table3"
import pico from "picocolors"

/** How a command answers: for people on a terminal, as one JSON object, or as one object a line. */
export type Mode = "people" | "json" | "jsonl"

/**
 * A command's answer goes to standard output; progress and logs go to standard error. With `json` or `jsonl` nothing but the data is
 * written to standard output.
 */
export interface Output {
  readonly mode: Mode
  /** Prose, for people only. */
  say(text: string): void
  /** A table, for people only; `empty` is said where there are no rows. */
  table(head: readonly string[], rows: readonly Row[], empty?: string): void
  /** The whole answer, with `json`; a line of the answer, with `jsonl`. Waits when the reader is slow. */
  data(value: unknown): Promise<void>
  /** A bar on a terminal; nothing elsewhere. */
  progress(label: string, total: number): Progress
}

type Row = readonly (string | number)[]

interface Progress {
  update(done: number | undefined, note?: string): void
  total(total: number): void
  stop(): void
}

export const mark = { good: pico.green("✓"), bad: pico.red("✗"), note: pico.yellow("!") }
export const style = { bold: pico.bold, dim: pico.dim }

export function openOutput(mode: Mode): Output {
  const people = mode === "people"
  return {
    mode,
    say: (text) => {
      if (people) process.stdout.write(`${text}\n`)
    },
    table: (head, rows, empty = "Nothing yet.") => {
      if (people) process.stdout.write(`${rows.length > 0 ? renderTable(head, rows) : empty}\n`)
    },
    data: async (value) => {
      if (people) return
      if (!process.stdout.write(`${JSON.stringify(value)}\n`)) await once(process.stdout, "drain")
    },
    progress: (label, total) => progressBar(label, total),
  }
}

/** A time for people, in UTC to the minute. */
export const when = (iso: string) => iso.slice(0, 16).replace("T", " ")

const gap = 2
const narrowest = 10

/** Numbers to the right, text to the left, no ruled lines; on a terminal, wide columns are wrapped so that a row fits. */
function renderTable(head: readonly string[], rows: readonly Row[]): string {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en") : cell)))
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === "number" || row[column] === ""))
  const natural = head.map((title, column) =>
    Math.max(...[title, ...texts.map((row) => row[column] ?? "")].map((text) => stripVTControlCharacters(text).length)),
  )
  const widths = fittingWidths(natural, process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY)
  const table = new Table({
    head: head.map((text, column) => wrapped(text, widths[column]!, pico.bold)),
    colAligns: numeric.map((isNumber) => (isNumber ? "right" : "left")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": gap },
    chars: {
      top: "", "top-mid": "", "top-left": "", "top-right": "",
      bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
      left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "",
    }, // biome-ignore format: a grid reads better than a column
  })
  table.push(...texts.map((row) => row.map((text, column) => wrapped(text, widths[column]!))))
  return table.toString().replaceAll(/ +$/gm, "")
}

/** The widest columns give way first. */
function fittingWidths(natural: readonly number[], room: number): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width + gap, -gap) - room
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths))
    if (widths[widest]! <= narrowest) break
    widths[widest]! -= 1
    excess -= 1
  }
  return widths
}

/** Broken at spaces, else after a comma or slash, else anywhere: ids and addresses have no words. */
function wrapped(text: string, width: number, style = (line: string) => line): string {
  const lines: string[] = []
  let rest = text
  while (stripVTControlCharacters(rest).length > width) {
    const piece = rest.slice(0, width + 1)
    const space = piece.lastIndexOf(" ")
    const mark = Math.max(piece.lastIndexOf(",", width - 1), piece.lastIndexOf("/", width - 1)) + 1
    const cut = space > width / 3 ? space : mark > width / 3 ? mark : width
    lines.push(rest.slice(0, cut))
    rest = rest.slice(cut).trimStart()
  }
  return [...lines, rest].map(style).join("\n")
}

const silent: Progress = { update() {}, total() {}, stop() {} }

function progressBar(label: string, total: number): Progress {
  if (!process.stderr.isTTY) return silent
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} {note}`,
    barCompleteChar: "━",
    barIncompleteChar: "─",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: false,
    stream: process.stderr,
  })
  bar.start(total, 0, { note: "" })
  return {
    update: (done, note) => bar.update(done ?? bar.getProgress() * bar.getTotal(), note === undefined ? {} : { note }),
    total: (value) => bar.setTotal(value),
    stop: () => bar.stop(),
  }
}
