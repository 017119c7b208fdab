// One of several workers that share a group, on a stage that computes: node compute-worker.ts BROKER PREFIX
// A line "ready" when the group was shared out, then one with each batch's number of records. Ends with its standard input.
import { createHash } from "node:crypto"
import { silentLog } from "../../src/log.ts"
import { runStage } from "../../src/pipeline/run-stage.ts"
import { noTracing } from "../../src/ports/tracing.ts"
import { openBenchLog } from "./kafka-rates.ts"

const [broker, prefix] = process.argv.slice(2)
const log = openBenchLog(broker!, prefix!)
const halt = new AbortController()
process.stdin.on("end", () => halt.abort()).resume()
const block = Buffer.alloc(64 * 1024)

/** About 4 ms of one core. */
function compute(): void {
  const until = process.cpuUsage().user + 4000
  while (process.cpuUsage().user < until) createHash("sha256").update(block).digest()
}

setTimeout(() => process.stdout.write("ready\n"), 5000)
await runStage(
  {
    name: "compute",
    topics: ["posts"],
    process: async (batch) => {
      for (const _ of batch) compute()
      return new Map(batch.map(({ receipt }) => [receipt, { emit: [] }]))
    },
  },
  {
    eventLog: log,
    log: silentLog,
    clock: Date.now,
    random: Math.random,
    batch: 50,
    attempts: 1,
    once: false,
    signal: halt.signal,
    tracing: noTracing,
    onBatch: ({ records }) => process.stdout.write(`${records}\n`),
  },
)
await log.close()
