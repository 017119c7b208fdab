import { KafkaEventLog } from "../../src/adapters/kafka/event-log.ts"
import { silentLog } from "../../src/log.ts"
import { localConnection } from "../support/kafka-broker.ts"
import type { WorkerPorts } from "./worker.ts"

/** What distinguishes one log of a test from another on the same broker. */
export interface KafkaPlace {
  readonly broker: string
  readonly prefix: string
  readonly leaseMs: number
}

export function openKafkaLog({ broker, prefix, leaseMs }: KafkaPlace): KafkaEventLog {
  return new KafkaEventLog({
    connection: localConnection(broker),
    topics: { prefix, partitions: 4, replication: 1, keepDays: 1 },
    leaseMs,
    log: silentLog,
  })
}

/** Opens the event log of a test in a process of its own. */
export async function open(place: string): Promise<WorkerPorts> {
  const eventLog = openKafkaLog(JSON.parse(place))
  return { eventLog, close: () => eventLog.close() }
}
