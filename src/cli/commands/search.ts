import { Command } from "commander"
import { action } from "../context.ts"
import { wholeNumber } from "../whole-number.ts"

export const searchCommand = () =>
  new Command("search")
    .argument("<text...>", "generator, model, artefact id, platform, forum")
    .option("--limit <n>", "most findings", wholeNumber(1), 50)
    .description("full-text search over findings")
    .addHelpText("after", "\nExample:\n  $ watchline search comfyui")
    .action(
      action(async (context, words: string[], options: { limit: number }) => {
        const system = await context.system()
        const hits = await system.findings.search(words.join(" "), options.limit)
        context.output.table(
          ["finding", "kind", "about", "signals", "where"],
          hits.map(({ finding, url }) => [
            finding.id.slice(0, 12),
            finding.kind,
            finding.about ?? "",
            finding.signals.map((s) => `${s.family} (${s.strength})`).join(", "),
            url ?? "",
          ]),
          "Nothing found.",
        )
        if (context.output.mode === "jsonl") for (const hit of hits) await context.output.data(hit)
        else await context.output.data({ hits })
      }),
    )
