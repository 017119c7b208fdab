import { once } from "node:events"
import { Command } from "commander"
import { openDashboard } from "../../dashboard/server/dashboard.ts"
import { action } from "../context.ts"
import { mark } from "../output.ts"
import { wholeNumber } from "../whole-number.ts"

export const dashboardCommand = () =>
  new Command("dashboard")
    .option("--port <n>", "port on 127.0.0.1; 0 for any free one", wholeNumber(0, 65_535))
    .description("serve the read-only page on this machine")
    .addHelpText("after", "\nExample:\n  $ watchline dashboard --port 0")
    .action(
      action(
        async (context, options: { port?: number }) => {
          const system = await context.system()
          const { findings, decisions, config } = system
          const dashboard = await openDashboard({
            findings,
            decisions,
            port: options.port ?? config.dashboard.port,
            scorer: config.examine.pixel === "on" ? system.scorer : undefined,
          })
          context.output.say(`${mark.good} ${dashboard.url} (Ctrl-C ends it)`)
          await context.output.data({ url: dashboard.url })
          if (!context.signal.aborted) await once(context.signal, "abort")
          await dashboard.close()
        },
        { servesUntilStopped: true },
      ),
    )
