import { openElasticStores } from "../../src/adapters/elastic/stores.ts"
import type { EventLog } from "../../src/ports/event-log.ts"
import type { WorkerPorts } from "./worker.ts"

/** Opens the stores of a cluster in a process of their own; the event log is another engine's. @param argument URL#PREFIX */
export async function open(argument: string): Promise<WorkerPorts> {
  const [url, prefix] = argument.split("#") as [string, string]
  const eventLog = undefined as unknown as EventLog
  return { eventLog, ...(await openElasticStores({ nodes: [url], prefix, random: Math.random })) }
}
