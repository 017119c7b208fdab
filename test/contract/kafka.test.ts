import { randomUUID } from "node:crypto"
import { suite } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { kafkaBroker } from "../support/kafka-broker.ts"
import { eventLogContract } from "./event-log.contract.ts"
import { type KafkaPlace, openKafkaLog } from "./kafka-opener.ts"
import { startWorker } from "./worker-process.ts"

const leaseMs = 2500

suite("event log over Kafka", () => {
  const broker = kafkaBroker()
  eventLogContract(async (t) => {
    const place: KafkaPlace = { broker: broker().brokers.plain, prefix: `${randomUUID()}.`, leaseMs }
    const opened = [openKafkaLog(place)]
    t.after(() => Promise.all(opened.map((log) => log.close())))
    return {
      log: opened[0]!,
      another: async () => {
        const log = openKafkaLog(place)
        opened.push(log)
        return log
      },
      leaseOver: () => sleep(leaseMs * 2),
      start: (task, name, count) =>
        startWorker(t, new URL("kafka-opener.ts", import.meta.url).href, JSON.stringify(place), task, name, count),
    }
  })
})
