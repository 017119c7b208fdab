import { Command, Option } from "commander"
import { WatchlineError } from "../../errors.ts"
import {
  type TrendInterval,
  type TrendMetric,
  type TrendSplit,
  trendIntervals,
  trendMetrics,
  trendSplits,
} from "../../ports/findings.ts"
import { artefactTrend } from "../../trends/artefact-graph.ts"
import { monthScope } from "../../trends/month-scope.ts"
import { choice } from "../choice.ts"
import { action } from "../context.ts"

interface TrendOptions {
  of: TrendMetric
  by: TrendSplit
  interval: TrendInterval
  from?: string
  until?: string
  forum?: string[]
  artefact?: string
}

export const trendsCommand = () =>
  new Command("trends")
    .addOption(
      new Option("--of <metric>", `what is counted: ${trendMetrics.join(", ")}`)
        .argParser(choice(trendMetrics))
        .default("ai-image"),
    )
    .addOption(new Option("--by <split>", trendSplits.join(", ")).argParser(choice(trendSplits)).default("none"))
    .addOption(
      new Option("--interval <length>", trendIntervals.join(", ")).argParser(choice(trendIntervals)).default("month"),
    )
    .option("--from <YYYY-MM>", "first month")
    .option("--until <YYYY-MM>", "last month")
    .option("--forum <name...>", "only these forums")
    .option("--artefact <id>", "one artefact, by any of its ids: posts that name it, pictures that show it")
    .description("counts over time")
    .addHelpText(
      "after",
      "\nExamples:\n  $ watchline trends --of ai-image --by generator --interval month\n  $ watchline trends --artefact civitai:model:123456 --interval week\n  $ watchline trends --of guide-spread --by guide      # forums that each guide reached, and when",
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
