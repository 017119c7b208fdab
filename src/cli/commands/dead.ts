import { Command } from "commander"
import { WatchlineError } from "../../errors.ts"
import { deadLetters, replayDeadLetters } from "../../pipeline/dead-letters.ts"
import type { System } from "../../system.ts"
import { action } from "../context.ts"
import { mark, when } from "../output.ts"
import { wholeNumber } from "../whole-number.ts"

/** Pictures are examined by the crawl, not by a stage, but have dead letters like one. */
const pictures = "pictures"

function namesIn(system: Pick<System, "stageNames">, names: readonly string[]): string[] {
  const stages = names.filter((name) => name !== pictures)
  const asked = names.length === 0 || stages.length > 0 ? system.stageNames(stages) : []
  return names.length === 0 || names.includes(pictures) ? [...asked, pictures] : asked
}

export const deadCommand = () => {
  const dead = new Command("dead").description("records that could not be processed: list, show, replay")

  dead
    .command("list")
    .argument("[stage...]")
    .option("--limit <n>", "most letters of a stage", wholeNumber(1), 1000)
    .description("dead letters with their reasons")
    .addHelpText("after", "\nExample:\n  $ watchline dead list store")
    .action(
      action(async (context, stages: string[], options: { limit: number }) => {
        const system = await context.system()
        const rows = []
        for (const stage of namesIn(system, stages)) {
          for (const letter of await deadLetters(system.eventLog, stage, options.limit)) {
            const { origin = "", code = "", reason = "", attempt = "", "first-failed": since = "" } = letter.headers
            rows.push({
              stage,
              kind: letter.kind,
              id: letter.id,
              topic: origin,
              code,
              reason,
              attempts: Number(attempt),
              since,
            })
          }
        }
        context.output.table(
          ["stage", "record", "id", "code", "tries", "since", "reason"],
          rows.map((r) => [r.stage, r.kind, r.id.slice(0, 12), r.code, r.attempts, when(r.since), r.reason]),
          "No dead letters.",
        )
        if (context.output.mode === "jsonl") for (const row of rows) await context.output.data(row)
        else await context.output.data({ letters: rows })
      }),
    )

  dead
    .command("show")
    .argument("<id>", "the record's id, or its first digits")
    .description("one dead letter with the whole record")
    .addHelpText("after", "\nExample:\n  $ watchline dead show 3fa91c")
    .action(
      action(async (context, id: string) => {
        const system = await context.system()
        for (const stage of namesIn(system, [])) {
          for (const letter of await deadLetters(system.eventLog, stage, 100_000)) {
            if (!letter.id.startsWith(id)) continue
            const shown = {
              stage,
              kind: letter.kind,
              version: letter.version,
              headers: letter.headers,
              record: letter.value,
            }
            context.output.say(JSON.stringify(shown, null, 2))
            await context.output.data(shown)
            return
          }
        }
        throw new WatchlineError("not_found", {
          message: `There is no dead letter ${id}.`,
          remedy: "`watchline dead list` shows them.",
        })
      }),
    )

  dead
    .command("replay")
    .argument("[stage...]")
    .description(
      "give dead letters another set of tries; `watchline work` processes them, `watchline crawl` the pictures",
    )
    .addHelpText("after", "\nExample:\n  $ watchline dead replay store\n  $ watchline work --once")
    .action(
      action(async (context, stages: string[]) => {
        const system = await context.system()
        const replayed: Record<string, number> = {}
        for (const stage of namesIn(system, stages)) replayed[stage] = await replayDeadLetters(system.eventLog, stage)
        for (const [stage, count] of Object.entries(replayed))
          context.output.say(`${mark.good} ${stage}: ${count} replayed`)
        await context.output.data({ replayed })
      }),
    )
  return dead
}
