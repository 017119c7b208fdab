import { openSqliteStores } from "../../src/adapters/sqlite/stores.ts"
import type { WorkerPorts } from "./worker.ts"

/** Opens the stores of a folder in a process of their own. */
export async function open(directory: string): Promise<WorkerPorts> {
  return openSqliteStores(directory, { clock: Date.now, random: Math.random })
}
