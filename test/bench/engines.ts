import { availableParallelism } from "node:os"
import { startElasticsearch } from "../../src/services/elasticsearch-server.ts"
import { startKafka } from "../../src/services/kafka-server.ts"
import { type Bench, compare, type Figure } from "./comparison.ts"
import { elasticRates } from "./elastic-rates.ts"
import { kafkaRates } from "./kafka-rates.ts"
import { kafkaScale } from "./kafka-scale.ts"

const defaultRecords = 50_000

/** The engines for many machines, each against its own client used directly, in the same run and in turns. */
export const enginesBench: Bench = async (options) => {
  const { say } = options
  const records = Math.max(5000, options.sizes?.[0] ?? defaultRecords)
  say("starting Elasticsearch on loopback")
  const elasticsearch = await startElasticsearch({ env: process.env, say, owned: true })
  const stored = await elasticRates({ ...options, records, url: elasticsearch.url }).finally(elasticsearch.stop)
  // one after the other: two Java servers would share the cores that are measured
  say("starting Kafka on loopback")
  const kafka = await startKafka({ env: process.env, say, owned: true })
  try {
    const rates = await kafkaRates({ ...options, records, broker: kafka.brokers.plain })
    const scale = await kafkaScale({ ...options, broker: kafka.brokers.plain })
    const figures: Record<string, Figure> = { ...stored.figures, ...rates.figures, ...scale.figures }
    return compare({
      name: "engines",
      figures,
      baseline: { ...stored.baseline, ...rates.baseline, ...scale.baseline },
      goal: {
        storedPerSecond: { atLeast: 0.9 },
        producedPerSecond: { atLeast: 0.9 },
        consumedPerSecond: { atLeast: 0.9 },
        microsPerRecordLate: { atMost: 1.25 },
        heapMbLate: { atMost: 1.25 },
        computedPerSecondByTwo: { atLeast: 1.6 },
      },
      notes: [
        ...stored.notes,
        `Baseline of produced and consumed: kafkajs used directly, the same ${records} messages in the same batches of 200; consumed means parsed, and committed batch by batch.`,
        "Baseline of microsPerRecordLate and heapMbLate: the first tenth of the same run (after 10,000 records), against its last tenth.",
        "Baseline of computedPerSecondByTwo: one `work` process on the same records; each costs 4 ms of computing.",
        `${availableParallelism()} cores, which the servers share.`,
      ],
    })
  } finally {
    await kafka.stop()
  }
}
