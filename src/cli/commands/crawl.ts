import { Command } from "commander"
import { action } from "../context.ts"
import { crawlAll } from "../crawl-all.ts"

export const crawlCommand = () =>
  new Command("crawl")
    .argument("[forum...]", "names of forums; all if left out")
    .option("--once", "end when nothing is due, instead of waiting for revisits", false)
    .description("crawl forums through Tor under their mandates")
    .addHelpText("after", "\nExamples:\n  $ watchline crawl --once\n  $ watchline crawl gnomes")
    .action(
      action(async (context, names: string[], options: { once: boolean }) => {
        const system = await context.system()
        const results = await crawlAll(system, context, { forums: names, once: options.once })
        context.output.table(
          ["forum", "pages", "posts", "pictures", "failed", "alarms", "ended"],
          results.map((r) => [
            r.forum,
            r.pages,
            r.posts,
            r.pictures,
            r.pageFailures + r.pictureFailures,
            r.alarms,
            r.ended,
          ]),
        )
        await context.output.data({ forums: results })
      }),
    )
