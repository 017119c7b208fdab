import { once } from "node:events"
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
  /** A table, for people only. */
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void
  /** The whole answer, with `json`; a line of the answer, with `jsonl`. Waits when the reader is slow. */
  data(value: unknown): Promise<void>
  /** A bar on a terminal; nothing elsewhere. */
  progress(label: string, total: number): Progress
}

export interface Progress {
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
    table: (head, rows) => {
      if (people) process.stdout.write(`${renderTable(head, rows)}\n`)
    },
    data: async (value) => {
      if (people) return
      if (!process.stdout.write(`${JSON.stringify(value)}\n`)) await once(process.stdout, "drain")
    },
    progress: (label, total) => progressBar(label, total),
  }
}

/** Numbers to the right, text to the left, no ruled lines between rows. */
export function renderTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const numeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number" || row[column] === ""),
  )
  const table = new Table({
    head: head.map((text) => pico.bold(text)),
    colAligns: numeric.map((isNumber) => (isNumber ? "right" : "left")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
    chars: {
      top: "", "top-mid": "", "top-left": "", "top-right": "",
      bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
      left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "",
    }, // biome-ignore format: a grid reads better than a column
  })
  table.push(...rows.map((row) => row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en") : cell))))
  return table.toString()
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
