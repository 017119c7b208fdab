import { setTimeout as sleep } from "node:timers/promises"
import { instant } from "../../src/model/record.ts"
import type { AuditLog } from "../../src/ports/audit-log.ts"
import type { EventLog } from "../../src/ports/event-log.ts"
import type { Frontier } from "../../src/ports/frontier.ts"
import { aMessage } from "./records.ts"
import type { WorkerTask } from "./worker-process.ts"

/** The ports that several processes write to at once; an engine may have some of them only. */
export interface WorkerPorts {
  readonly eventLog?: EventLog
  readonly frontier?: Frontier
  readonly audit?: AuditLog
  close(): Promise<void>
}

const [opener, argument, task, name, count] = process.argv.slice(2) as [string, string, WorkerTask, string, string]
const { open } = (await import(opener)) as { open(argument: string): Promise<WorkerPorts> }
const ports = await open(argument)
const tell = (line: string) => process.stdout.write(`${line}\n`)

const tasks: Record<WorkerTask, () => Promise<void>> = {
  async append() {
    for (let number = 0; number < Number(count); number++) {
      await ports.eventLog!.append([aMessage(number, { key: name, value: { name, number } })])
      tell(`${name} ${number}`)
    }
  },
  /** Tells each batch before it is acknowledged, then acknowledges it, until the group is drained; pauses make the members meet. */
  async consume() {
    const subscription = await ports.eventLog!.subscribe("gardeners", ["posts"])
    while ((await ports.eventLog!.lag("gardeners", ["posts"])) > 0) {
      const batch = await subscription.next(Number(count))
      for (const { id } of batch) tell(id)
      await sleep(5)
      await subscription.acknowledge(batch.map((d) => d.receipt))
    }
    await subscription.close()
  },
  async crawl() {
    for (let idle = 0; idle < 20; ) {
      const lease = await ports.frontier!.lease(name, Date.now(), { forums: ["a", "b", "c"], perSite: 1 })
      if (!lease) {
        idle += 1
        await sleep(5)
        continue
      }
      idle = 0
      tell(lease.url)
      await ports.frontier!.visited(lease, { found: [], examined: new Map() }, Date.now())
    }
  },
  async audit() {
    for (let number = 0; number < Number(count); number++) {
      const event = await ports.audit!.append({
        actor: name,
        action: "gnome.count",
        count: number,
        at: instant(Date.now()),
      })
      tell(event.id)
    }
  },
}
await tasks[task]()
await ports.close()
