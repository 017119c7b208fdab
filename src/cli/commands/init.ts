import { Command } from "commander"
import { describeError, WatchlineError } from "../../errors.ts"
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
        const made = await createWorkspace(home, options.organisation).catch((cause) => refusal(home, cause))
        output.say(`${mark.good} ${made.length > 0 ? "Workspace made" : "The workspace was complete already"}: ${home}`)
        for (const name of made) output.say(`  ${name}`)
        await output.data({ home, made })
      }),
    )

function refusal(home: string, cause: unknown): never {
  if (cause instanceof WatchlineError) throw cause
  const { code } = describeError(cause)
  if (code === "ENOSPC")
    throw new WatchlineError("disk_full", {
      cause,
      remedy: "Make room, then run `watchline init` again: it completes what is there.",
    })
  throw new WatchlineError("input_invalid", {
    message: `A workspace cannot be made in ${home} (${code}).`,
    remedy: "Name a folder that you may write to, with --home DIR or WATCHLINE_HOME.",
    cause,
  })
}
