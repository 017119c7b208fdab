// The consumers of a workspace in a process of their own, observed, until SIGTERM:
//   node observed-worker.ts HOME DELIVERIES SINK_MS [KILL_AT_PUT]
// Each delivery is a line "given PROCESS GROUP RECEIPT" in the file DELIVERIES before it is processed, each acknowledgement a line "done …"
// before it is made. The index takes SINK_MS longer for each call. With
// KILL_AT_PUT the process kills itself (SIGKILL) when that call has been answered: its records are in the sink, and not acknowledged.
import { appendFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { SqliteStores } from "../../src/adapters/sqlite/stores.ts"
import { openOutput } from "../../src/cli/output.ts"
import { workStages } from "../../src/cli/work-stages.ts"
import { openSystem } from "../../src/system.ts"

const [home, deliveries, sinkMs, killAtPut = "0"] = process.argv.slice(2)
let puts = 0

function tell(what: "given" | "done", receipts: readonly string[]): void {
  appendFileSync(deliveries!, receipts.map((receipt) => `${what} ${process.pid} ${receipt}\n`).join(""))
}

function wrapStores(stores: SqliteStores): SqliteStores {
  const { eventLog, writer } = stores
  return {
    ...stores,
    eventLog: {
      append: (messages) => eventLog.append(messages),
      lag: (group, topics) => eventLog.lag(group, topics),
      read: (topic, limit, group) => eventLog.read(topic, limit, group),
      close: () => eventLog.close(),
      subscribe: async (group, topics) => {
        const subscription = await eventLog.subscribe(group, topics)
        return {
          async next(max) {
            const given = await subscription.next(max)
            tell(
              "given",
              given.map(({ receipt }) => `${group} ${receipt}`),
            )
            return given
          },
          async acknowledge(receipts) {
            tell(
              "done",
              receipts.map((receipt) => `${group} ${receipt}`),
            )
            await subscription.acknowledge(receipts)
          },
          renew: () => subscription.renew(),
          close: () => subscription.close(),
        }
      },
    },
    writer: {
      async put(records) {
        await sleep(Number(sinkMs))
        const answers = await writer.put(records)
        puts += 1
        if (puts === Number(killAtPut)) process.kill(process.pid, "SIGKILL")
        return answers
      },
    },
  }
}

const halt = new AbortController()
process.once("SIGTERM", () => halt.abort())
const system = await openSystem(home!, { env: process.env, wrapStores })
await workStages(system, { output: openOutput("json"), signal: halt.signal }, { stages: [], once: false })
await system.close()
