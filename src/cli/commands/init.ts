import { Command } from "commander"
import { createWorkspace } from "../../system.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"

export const initCommand = () =>
  new Command("init")
    .description("make a workspace: configuration, keys (mode 0600), store")
    .option("--organisation <name>", "who runs it; issuer of its lists", "An organisation")
    .addHelpText("after", "\nExample:\n  $ watchline init --home /srv/watchline --organisation 'Gnome Office'")
    .action(
      action(async ({ home, output }, options: { organisation: string }) => {
        const made = await createWorkspace(home, options.organisation)
        output.say(`${mark.good} ${made.length > 0 ? "Workspace made" : "The workspace was complete already"}: ${home}`)
        for (const name of made) output.say(`  ${name}`)
        await output.data({ home, made })
      }),
    )
