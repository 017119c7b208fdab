import { Command, Option } from "commander"
import { WatchlineError } from "../../errors.ts"
import type { TrendMetric, TrendSplit } from "../../ports/findings.ts"
import { artefactTrend } from "../../trends/artefact-graph.ts"
import { monthScope } from "../../trends/month-scope.ts"
import { choice } from "../choice.ts"
import { action } from "../context.ts"

const metrics = [
  "posts", "sightings", "images", "ai-image", "known-image", "model-link", "character-link", "guide",
] as const satisfies readonly TrendMetric[] // biome-ignore format: one list
const splits = ["none", "forum", "generator", "artefact", "family"] as const satisfies readonly TrendSplit[]
const intervals = ["month", "week", "day"] as const

interface TrendOptions {
  of: TrendMetric
  by: TrendSplit
  interval: (typeof intervals)[number]
  from?: string
  until?: string
  forum?: string[]
  artefact?: string
}

export const trendsCommand = () =>
  new Command("trends")
    .addOption(
      new Option("--of <metric>", `what is counted: ${metrics.join(", ")}`)
        .argParser(choice(metrics))
        .default("ai-image"),
    )
    .addOption(new Option("--by <split>", splits.join(", ")).argParser(choice(splits)).default("none"))
    .addOption(new Option("--interval <length>", intervals.join(", ")).argParser(choice(intervals)).default("month"))
    .option("--from <YYYY-MM>", "first month")
    .option("--until <YYYY-MM>", "last month")
    .option("--forum <name...>", "only these forums")
    .option("--artefact <id>", "one artefact, by any of its ids: posts that name it, pictures that show it")
    .description("counts over time")
    .addHelpText(
      "after",
      "\nExamples:\n  $ watchline trends --of ai-image --by generator --interval month\n  $ watchline trends --artefact civitai:model:123456 --interval week",
    )
    .action(
      action(async (context, options: TrendOptions) => {
        const system = await context.system()
        const scope = {
          ...(options.from ? { from: monthScope(options.from).from } : {}),
          ...(options.until ? { until: monthScope(options.until).until } : {}),
          ...(options.forum ? { forums: options.forum } : {}),
        }
        const { artefact, interval } = options
        const [of, by] = artefact === undefined ? [options.of, options.by] : [artefact, "appearance"]
        const points =
          artefact === undefined
            ? await system.findings.trend(options.of, interval, options.by, scope)
            : await artefactTrend(system.findings, artefact, interval, scope)
        if (points === undefined) {
          throw new WatchlineError("not_found", {
            message: `No artefact of this scope has the id ${artefact}.`,
            remedy: "watchline export artefacts --jsonl lists them with all their ids.",
          })
        }
        const most = Math.max(1, ...points.map((p) => p.count))
        context.output.table(
          [interval, ...(by === "none" ? [] : [by]), "count", ""],
          points.map((p) => [
            p.bucket,
            ...(by === "none" ? [] : [p.group]),
            p.count,
            "▇".repeat(Math.max(1, Math.round((p.count / most) * 40))),
          ]),
        )
        if (context.output.mode === "jsonl") for (const point of points) await context.output.data(point)
        else await context.output.data({ of, by, interval, points })
      }),
    )
