import { Command } from "commander"
import { loadConfig, settings } from "../../config.ts"
import { action } from "../context.ts"

export const configCommand = () =>
  new Command("config")
    .description("every setting: its value, its environment variable, its meaning")
    .addHelpText("after", "\nExample:\n  $ watchline config\n  $ WATCHLINE_CRAWL_DELAY_MS=5000 watchline crawl")
    .action(
      action(async ({ home, env, output }) => {
        const config = loadConfig(home, env) as unknown as Record<string, Record<string, string | number>>
        const rows = settings.map((setting) => ({
          name: `${setting.section}.${setting.key}`,
          value: setting.secret ? "(secret)" : config[setting.section]?.[setting.key],
          variable: setting.variable,
          description: setting.description,
        }))
        output.table(
          ["setting", "value", "variable", "meaning"],
          rows.map((r) => [r.name, String(r.value), r.variable, r.description]),
        )
        await output.data({ settings: rows })
      }),
    )
