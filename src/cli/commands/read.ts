import { createInterface } from "node:readline"
import { Command } from "commander"
import { textReader } from "../../../classifiers/text-reader.ts"
import { describeError, WatchlineError } from "../../errors.ts"
import type { TextReader } from "../../ports/text-reader.ts"
import { action } from "../context.ts"

export const readCommand = () =>
  new Command("read")
    .description("texts on standard input, a line each as {id, text, links?}: model links, characters, how-to score")
    .option("--terms", "look for the workspace's own terms too", false)
    .addHelpText(
      "after",
      `\nExample:\n  $ echo '{"id":1,"text":"grab gnome-garden.safetensors"}' | watchline read --jsonl`,
    )
    .action(
      action(async (context, options: { terms: boolean }) => {
        const reader = options.terms ? (await context.system()).reader : textReader
        const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
        const all: unknown[] = []
        let count = 0
        let refused = 0
        for await (const line of lines) {
          if (line.trim() === "") continue
          const answer = answerTo(line, reader)
          count += 1
          if ("error" in answer) refused += 1
          if (context.output.mode === "json") all.push(answer)
          else if (context.output.mode === "jsonl") await context.output.data(answer)
          else context.output.say(JSON.stringify(answer))
        }
        if (context.output.mode === "json") await context.output.data({ readings: all })
        if (refused > 0) {
          throw new WatchlineError("input_invalid", {
            message: `${refused} of ${count} lines could not be read; their answers say why.`,
            remedy: "Write one JSON object a line, with id and text.",
          })
        }
      }),
    )

function answerTo(line: string, reader: TextReader): object {
  let id: unknown = null
  try {
    const given = JSON.parse(line) as { id?: unknown; text?: unknown; links?: unknown }
    id = given.id ?? null
    if (typeof given.text !== "string") throw new WatchlineError("input_invalid", { message: "The line has no text." })
    const links = Array.isArray(given.links) ? given.links.filter((l): l is string => typeof l === "string") : []
    return { id, ...reader.read(given.text, links) }
  } catch (error) {
    return { id, error: error instanceof SyntaxError ? "input_invalid" : describeError(error).code }
  }
}
