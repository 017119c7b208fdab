import { Command } from "commander"
import {
  fetchServices,
  type LocalService,
  runningServices,
  startServices,
  stopServices,
} from "../../services/local-services.ts"
import { action, type Context } from "../context.ts"
import { mark } from "../output.ts"

const say = (text: string) => process.stderr.write(`${text}\n`)

export const servicesCommand = () => {
  const services = new Command("services").description(
    "Kafka and Elasticsearch on this machine's loopback, to try the engines without Docker",
  )

  services
    .command("start", { isDefault: true })
    .description("start both, fetching what is missing; they stay until they are stopped")
    .addHelpText("after", "\nExample:\n  $ watchline services")
    .action(
      action(async (context) => {
        await show(context, await startServices({ env: context.env, say }))
        context.output.say(`\nIn watchline.toml:\n\n  [engines]\n  log = "kafka"\n  index = "elastic"`)
      }),
    )

  services
    .command("fetch")
    .description("download what is missing, and start nothing")
    .addHelpText("after", "\nExample:\n  $ watchline services fetch")
    .action(action(async ({ env }) => fetchServices({ env, say })))

  services
    .command("status")
    .description("what runs, and where")
    .addHelpText("after", "\nExample:\n  $ watchline services status")
    .action(action(async (context) => show(context, await runningServices())))

  services
    .command("stop")
    .description("stop both and remove what they stored")
    .addHelpText("after", "\nExample:\n  $ watchline services stop")
    .action(
      action(async ({ output }) => {
        const stopped = await stopServices()
        for (const { name } of stopped) output.say(`${mark.good} ${name} stopped, its data removed`)
        if (stopped.length === 0) output.say("Nothing was running.")
        await output.data({ stopped: stopped.map(({ name }) => name) })
      }),
    )
  return services
}

async function show({ output }: Context, running: readonly LocalService[]): Promise<void> {
  output.table(
    ["service", "address", "process", "folder"],
    running.map((s) => [s.name, s.address, s.pid, s.directory]),
    "Nothing is running. `watchline services` starts them.",
  )
  await output.data({ services: running })
}
