import { availableParallelism } from "node:os"
import { Command } from "commander"
import { examineCardFile } from "../../../classifiers/characters/examine-card-file.ts"
import { type ExaminedFile, examineFile } from "../../../classifiers/image/examine-file.ts"
import { type ExaminedWeights, examineWeights } from "../../../classifiers/weights/examine-weights.ts"
import { loadConfigOrDefaults } from "../../config.ts"
import { describeError, WatchlineError } from "../../errors.ts"
import type { PixelScore } from "../../model/pixel-score.ts"
import type { ImageExaminer } from "../../ports/image-examiner.ts"
import type { PixelScorer } from "../../ports/pixel-scorer.ts"
import { openExaminer, openScorer } from "../../system.ts"
import { action } from "../context.ts"
import { filesUnder } from "../files-under.ts"
import { pixelText } from "../pixel-text.ts"
import { signalText } from "../signal-text.ts"

/** What is kept of pixels is for stores; people and scripts get the score. */
type PixelRow = Omit<ExaminedFile, "pixels"> & { readonly pixel?: PixelScore }

/** A file that could not even be read has its error alone. */
type Row = PixelRow | ExaminedWeights | { readonly file: string; readonly error: string; readonly reason: string }

/** A longer answer to people is cut to what needs their eyes. */
const mostRows = 100

export const examineCommand = () =>
  new Command("examine")
    .argument("<path...>", "files, or folders to walk")
    .description(
      "local files: digests, true type, PDQ with quality, frames, signals of generators; score of pixels; what the head of a model says",
    )
    .option("--no-pixel", "no model looks at the pixels: several times faster")
    .addHelpText(
      "after",
      "\nOne row a file, whatever it holds; a file that can't be read has a row that says so, and the exit code is 2.\n\nExample:\n  $ watchline examine gnomes/ --jsonl",
    )
    .action(
      action(async (context, paths: string[], options: { pixel: boolean }) => {
        const { output, signal } = context
        const config = loadConfigOrDefaults(context.home, context.env)
        const workers = config.examine.workers || availableParallelism()
        const total = await count(allUnder(paths), signal)
        const examiner = openExaminer({
          ...config,
          examine: { ...config.examine, workers, pixel: options.pixel ? "on" : "off" },
        })
        const scorer = options.pixel ? openScorer(config) : undefined
        const bar = output.progress("examine", total)
        const began = performance.now()
        const tally = new Tally()
        const kept: Row[] = []
        try {
          for await (const row of inOrder(
            allUnder(paths),
            workers * 2,
            (file) => examineOne(file, { examiner, scorer, signal }),
            signal,
          )) {
            tally.add(row)
            if (output.mode === "jsonl") await output.data(row)
            else if (output.mode === "json" || total <= mostRows || (isNotable(row) && kept.length < mostRows))
              kept.push(row)
            bar.update(tally.all)
          }
        } finally {
          bar.stop()
          await examiner.close()
        }
        if (output.mode === "json") await output.data({ files: kept })
        output.table(
          ["file", "type", "size", "PDQ", "quality", "signals"],
          kept.map(cells),
          "No signals of a generator.",
        )
        const hidden = tally.notable - kept.length
        if (total > mostRows && hidden > 0)
          output.say(`… and ${hidden.toLocaleString("en")} more; --jsonl gives every file.`)
        output.say(tally.summary((performance.now() - began) / 1000))
        if (tally.unread > 0) {
          throw new WatchlineError("input_invalid", {
            message: `${tally.unread} of ${tally.all} files could not be read; their rows say why.`,
            remedy: "Check the paths and their permissions.",
          })
        }
      }),
    )

class Tally {
  all = 0
  /** Not even the bytes. */
  unread = 0
  notable = 0
  #hashed = 0
  #withSignals = 0

  add(row: Row): void {
    this.all += 1
    if (isNotable(row)) this.notable += 1
    if (!isExamined(row)) this.unread += 1
    else {
      if ("pdq" in row && row.pdq !== undefined) this.#hashed += 1
      if (row.signals.length > 0) this.#withSignals += 1
    }
  }

  summary(seconds: number): string {
    const number = (value: number) => value.toLocaleString("en")
    const undecoded = this.all - this.#hashed - this.unread
    return [
      `${number(this.all)} file${this.all === 1 ? "" : "s"} in ${seconds.toFixed(1)} s:`,
      `${number(this.#hashed)} hashed,`,
      `${number(this.#withSignals)} with signals of a generator,`,
      `${number(undecoded)} that no picture could be decoded from, ${number(this.unread)} not readable.`,
    ].join(" ")
  }
}

const isExamined = (row: Row): row is PixelRow | ExaminedWeights => "sha256" in row
const isNotable = (row: Row) =>
  !isExamined(row) || row.error !== undefined || row.signals.length > 0 || "artefacts" in row

function cells(row: Row): (string | number)[] {
  if (!isExamined(row)) return [row.file, "", "", "", "", row.error]
  if ("artefacts" in row) return [row.file, row.format, "", "", "", weightsText(row)]
  const size = row.width ? `${row.width}×${row.height}${row.frameCount ? ` ×${row.frameCount}` : ""}` : ""
  return [
    row.file,
    row.format,
    size,
    (row.pdq ?? "").slice(0, 16),
    row.pdqQuality ?? "",
    [signalText(row), pixelText(row.pixel)].filter(Boolean).join(", "),
  ]
}

function weightsText({ header, artefacts }: ExaminedWeights): string {
  const says = [header?.kind, header?.name, header?.baseModel].filter((word) => word !== undefined)
  return [...says, artefacts.find((id) => id.startsWith("autov2:"))].join(", ")
}

interface Parts {
  readonly examiner: ImageExaminer
  readonly scorer: PixelScorer | undefined
  readonly signal: AbortSignal
}

async function examineOne(file: string, { examiner, scorer, signal }: Parts): Promise<Row> {
  try {
    const other = (await examineWeights(file, signal)) ?? (await examineCardFile(file))
    if (other) return other
    const { pixels, ...row } = await examineFile(file, examiner)
    const pixel = scorer?.score({ ...row, ...(pixels ? { pixels } : {}) })
    return pixel ? { ...row, pixel } : row
  } catch (error) {
    const { code, message } = describeError(error)
    return { file, error: code, reason: message }
  }
}

async function* allUnder(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) yield* filesUnder(path)
}

async function count(files: AsyncIterable<string>, signal: AbortSignal): Promise<number> {
  let number = 0
  for await (const _file of files) {
    signal.throwIfAborted()
    number += 1
  }
  return number
}

/** Results in the order of the files, a few in work at once. */
async function* inOrder<Result>(
  files: AsyncIterable<string>,
  atOnce: number,
  work: (file: string) => Promise<Result>,
  signal: AbortSignal,
): AsyncIterable<Result> {
  const pending: Promise<Result>[] = []
  for await (const file of files) {
    signal.throwIfAborted()
    pending.push(work(file))
    if (pending.length >= atOnce) yield await pending.shift()!
  }
  for (const result of pending) yield await result
}
