import { Command } from "commander"
import { action } from "../context.ts"
import { mark } from "../output.ts"

export const expireCommand = () =>
  new Command("expire")
    .description("destroy the keys of sealed text whose retention is over; every crawl and work run does the same")
    .addHelpText("after", "\nExample:\n  $ watchline expire")
    .action(
      action(async (context) => {
        const system = await context.system()
        const destroyed = await system.vault.expire(system.clock())
        context.output.say(
          `${mark.good} ${destroyed.length} keys destroyed${destroyed.length > 0 ? `: ${destroyed.join(", ")}` : "."}`,
        )
        await context.output.data({ destroyed })
      }),
    )
