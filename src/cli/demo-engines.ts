import { WatchlineError } from "../errors.ts"
import { startElasticsearch } from "../services/elasticsearch-server.ts"
import { startKafka } from "../services/kafka-server.ts"

interface DemoEngine {
  /** Variables that name it to the workspace. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

interface StartOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (text: string) => void
  readonly owned: true
}

/** Engines for many machines, started on this one for the demo's time. */
const makers: Readonly<Record<string, (options: StartOptions) => Promise<DemoEngine>>> = {
  async kafka(options) {
    const { brokers, stop } = await startKafka(options)
    return { env: { WATCHLINE_ENGINES_LOG: "kafka", WATCHLINE_KAFKA_BROKERS: brokers.plain }, stop }
  },
  async elastic(options) {
    const { url, stop } = await startElasticsearch(options)
    return { env: { WATCHLINE_ENGINES_INDEX: "elastic", WATCHLINE_ELASTIC_NODES: url }, stop }
  },
}

/** Names as given with commas. Errors: `usage` for one that is not known. */
export function engineNames(given: string): string[] {
  const names = given.split(",").map((name) => name.trim())
  for (const name of names) {
    if (name in makers) continue
    throw new WatchlineError("usage", {
      message: `The demo knows no engine "${name}".`,
      remedy: `There are ${Object.keys(makers).join(", ")}.`,
    })
  }
  return names
}

/** Starts all side by side; where one fails, the others are stopped before it is said. */
export async function startDemoEngines(
  names: readonly string[],
  options: Omit<StartOptions, "owned">,
): Promise<DemoEngine> {
  const started = await Promise.allSettled(names.map((name) => makers[name]!({ ...options, owned: true })))
  const engines = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
  const stop = async () => {
    await Promise.all(engines.map((engine) => engine.stop()))
  }
  for (const result of started) {
    if (result.status === "fulfilled") continue
    await stop()
    throw result.reason
  }
  return { env: Object.assign({}, ...engines.map((engine) => engine.env)), stop }
}
