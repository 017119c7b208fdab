import { glob, stat } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Command } from "commander"
import { type ExaminedFile, examineFile } from "../../../classifiers/image/examine-file.ts"
import { loadConfigOrDefaults } from "../../config.ts"
import { describeError, WatchlineError } from "../../errors.ts"
import { openExaminer } from "../../system.ts"
import { action } from "../context.ts"
import { signalText } from "../signal-text.ts"

type Row = ExaminedFile | { readonly file: string; readonly error: string }

export const examineCommand = () =>
  new Command("examine")
    .argument("<path...>", "files, or folders to walk")
    .description("local files: digests, true type, PDQ with quality, signals of generators")
    .addHelpText("after", "\nExample:\n  $ watchline examine gnomes/ --jsonl")
    .action(
      action(async (context, paths: string[]) => {
        const config = loadConfigOrDefaults(context.home, context.env)
        const files = (await Promise.all(paths.map(filesOf))).flat()
        const workers = config.examine.workers || availableParallelism()
        const examiner = openExaminer({ ...config, examine: { ...config.examine, workers } })
        const bar = context.output.progress("examine", files.length)
        const all: Row[] = []
        let failed = 0
        try {
          for await (const row of inOrder(files, workers * 2, (file) => examineOne(file, examiner), context.signal)) {
            if ("error" in row && row.error && !("sha256" in row)) failed += 1
            if (context.output.mode === "jsonl") await context.output.data(row)
            else all.push(row)
            bar.update(all.length)
          }
        } finally {
          bar.stop()
          await examiner.close()
        }
        context.output.table(
          ["file", "type", "size", "PDQ", "quality", "signals"],
          all.map((row) =>
            "sha256" in row
              ? [
                  row.file,
                  row.format,
                  row.width ? `${row.width}×${row.height}` : "",
                  (row.pdq ?? "").slice(0, 16),
                  row.pdqQuality ?? "",
                  signalText(row),
                ]
              : [row.file, "", "", "", "", row.error],
          ),
        )
        if (context.output.mode === "json") await context.output.data({ files: all })
        if (failed > 0) {
          throw new WatchlineError("input_invalid", {
            message: `${failed} of ${files.length} files could not be read; their lines say why.`,
          })
        }
      }),
    )

async function examineOne(file: string, examiner: Parameters<typeof examineFile>[1]): Promise<Row> {
  try {
    return await examineFile(file, examiner)
  } catch (error) {
    return { file, error: describeError(error).code }
  }
}

async function filesOf(path: string): Promise<string[]> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false
  if (!isFolder) return [path]
  const found: string[] = []
  for await (const entry of glob("**/*", { cwd: path, withFileTypes: true })) {
    if (entry.isFile()) found.push(join(entry.parentPath, entry.name))
  }
  return found.sort()
}

/** Results in the order of the files, a few in work at once. */
async function* inOrder<Result>(
  files: readonly string[],
  atOnce: number,
  work: (file: string) => Promise<Result>,
  signal: AbortSignal,
): AsyncIterable<Result> {
  const pending: Promise<Result>[] = []
  for (const file of files) {
    signal.throwIfAborted()
    pending.push(work(file))
    if (pending.length >= atOnce) yield await pending.shift()!
  }
  for (const result of pending) yield await result
}
