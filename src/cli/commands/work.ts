import { Command } from "commander"
import { action } from "../context.ts"
import { workStages } from "../work-stages.ts"

export const workCommand = () =>
  new Command("work")
    .argument("[stage...]", "cluster, judge, store; all if left out")
    .option("--once", "end when the log is drained", false)
    .description("run the consumers: near-duplicate clusters, findings, index")
    .addHelpText("after", "\nExamples:\n  $ watchline work --once\n  $ watchline work judge")
    .action(
      action(async (context, names: string[], options: { once: boolean }) => {
        const system = await context.system()
        const summaries = await workStages(system, context, { stages: names, once: options.once })
        context.output.table(
          ["stage", "done", "tried again", "dead letters"],
          summaries.map((s) => [s.stage, s.done, s.retried, s.dead]),
        )
        await context.output.data({ stages: summaries })
      }),
    )
