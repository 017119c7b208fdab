import { openElasticStores } from "../../src/adapters/elastic/stores.ts"
import type { WorkerPorts } from "./worker.ts"

/** Opens the stores of a cluster in a process of their own. @param argument URL#PREFIX */
export async function open(argument: string): Promise<WorkerPorts> {
  const [url, prefix] = argument.split("#") as [string, string]
  return openElasticStores({ nodes: [url], prefix, clock: Date.now, random: Math.random })
}
