import { randomBytes, randomUUID } from "node:crypto"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Kafka, logLevel, Partitioners } from "kafkajs"
import { KafkaEventLog } from "../../src/adapters/kafka/event-log.ts"
import { encoded } from "../../src/adapters/kafka/message-format.ts"
import { silentLog } from "../../src/log.ts"
import { idOf } from "../../src/model/record.ts"
import { runStage } from "../../src/pipeline/run-stage.ts"
import type { Stage } from "../../src/pipeline/stage.ts"
import type { Message } from "../../src/ports/event-log.ts"
import { noTracing } from "../../src/ports/tracing.ts"
import { localConnection } from "../support/kafka-broker.ts"
import { type BenchOptions, type Figure, figure } from "./comparison.ts"

const batch = 200
const partitions = 4
const perRun = { produced: [] as number[], consumed: [] as number[] }

interface Result {
  readonly figures: Record<string, Figure>
  readonly baseline: Record<string, Figure>
}

export function openBenchLog(broker: string, prefix: string): KafkaEventLog {
  return new KafkaEventLog({
    connection: { ...localConnection(broker), timeoutSeconds: 30 },
    topics: { prefix, partitions, replication: 1, keepDays: 1 },
    leaseMs: 30_000,
    log: silentLog,
  })
}

/** About as long as a post with its links: 1 kB. */
export function benchMessages(from: number, count: number, filler = randomBytes(400).toString("hex")): Message[] {
  return Array.from({ length: count }, (_, n) => ({
    topic: "posts",
    key: `forum/${(from + n) % 997}`,
    kind: "post",
    version: 1,
    id: idOf("bench", from + n),
    value: { number: from + n, links: ["http://gnomes.example/a", "http://gnomes.example/b"], filler },
  }))
}

/** Produce and consume through port and stage runner, in turns with kafkajs used directly. */
export async function kafkaRates(options: BenchOptions & { broker: string; records: number }): Promise<Result> {
  const { broker, records, runs, say, signal } = options
  const ours = structuredClone(perRun)
  const raw = structuredClone(perRun)
  const early: Tenth[] = []
  const late: Tenth[] = []
  for (let run = 1; run <= runs; run++) {
    signal.throwIfAborted()
    const theirsFirst = run % 2 === 0
    for (const isRaw of theirsFirst ? [true, false] : [false, true]) {
      const prefix = `${randomUUID()}.`
      const log = openBenchLog(broker, prefix)
      try {
        await log.append(benchMessages(0, 1)) // the topic is there, the producer connected
        const produced = isRaw ? await produceRaw(broker, `${prefix}posts`, records) : await produce(log, records)
        const tenths: Tenth[] = []
        const consumed = isRaw
          ? await consumeRaw(broker, `${prefix}posts`, records + 1)
          : await consume(log, records + 1, signal, tenths)
        const into = isRaw ? raw : ours
        into.produced.push(produced)
        into.consumed.push(consumed)
        if (!isRaw) {
          early.push(tenths[0]!)
          late.push(tenths.at(-1)!)
        }
        say(
          `run ${run} of ${runs}: ${isRaw ? "kafkajs" : "Watchline"} ${produced.toFixed(0)} produced/s, ${consumed.toFixed(0)} consumed/s`,
        )
      } finally {
        await log.close()
      }
    }
  }
  return {
    figures: {
      producedPerSecond: figure(ours.produced),
      consumedPerSecond: figure(ours.consumed),
      microsPerRecordLate: figure(late.map((tenth) => tenth.micros)),
      heapMbLate: figure(late.map((tenth) => tenth.heapMb)),
    },
    baseline: {
      producedPerSecond: figure(raw.produced),
      consumedPerSecond: figure(raw.consumed),
      microsPerRecordLate: figure(early.map((tenth) => tenth.micros)),
      heapMbLate: figure(early.map((tenth) => tenth.heapMb)),
    },
  }
}

async function produce(log: KafkaEventLog, records: number): Promise<number> {
  return rate(records, async (from) => log.append(benchMessages(from, batch)))
}

async function produceRaw(broker: string, topic: string, records: number): Promise<number> {
  const producer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  try {
    return await rate(records, async (from) => {
      const messages = benchMessages(from, batch).map((message) => encoded(message).message)
      await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] })
    })
  } finally {
    await producer.disconnect()
  }
}

/** Records a second; the first batches open connections and do not count. */
async function rate(records: number, send: (from: number) => Promise<void>): Promise<number> {
  const uncounted = 10 * batch
  let start = 0
  for (let from = 0; from < records; from += batch) {
    if (from === uncounted) start = performance.now()
    await send(from)
  }
  return (records - uncounted) / ((performance.now() - start) / 1000)
}

interface Tenth {
  readonly micros: number
  readonly heapMb: number
}

/** Through the stage runner, with a stage that only reads. Counted from the first batch on: joining a group is no throughput. */
async function consume(log: KafkaEventLog, records: number, signal: AbortSignal, tenths: Tenth[]): Promise<number> {
  let done = 0
  let first = 0
  let since = { done: 0, at: 0 }
  let end = 0
  let collecting = 0
  const stage: Stage = {
    name: "bench",
    topics: ["posts"],
    process: async (deliveries) => {
      first ||= performance.now()
      return new Map(deliveries.map(({ receipt }) => [receipt, { emit: [] }]))
    },
  }
  const halt = new AbortController()
  await runStage(stage, {
    eventLog: log,
    log: silentLog,
    clock: Date.now,
    random: Math.random,
    batch,
    attempts: 1,
    once: false,
    signal: AbortSignal.any([signal, halt.signal]),
    tracing: noTracing,
    onBatch: (report) => {
      done += report.records
      end = performance.now()
      const warm = Math.min(10_000, records / 5)
      if (since.at === 0 && done >= warm) since = { done, at: end }
      if (since.at > 0 && done - since.done >= (records - warm) / 10) {
        tenths.push({ micros: ((end - since.at) * 1000) / (done - since.done), heapMb: heapMb() })
        const now = performance.now()
        collecting += now - end // garbage is collected for the measurement: not the run's time
        since = { done, at: now }
      }
      if (done >= records) halt.abort()
    },
  })
  return records / ((end - first - collecting) / 1000)
}

/** As kafkajs's documentation has it for batches that are committed by hand: chunks of the same length, parsed and committed. */
async function consumeRaw(broker: string, topic: string, records: number): Promise<number> {
  const consumer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).consumer({
    groupId: `bench-${randomUUID()}`,
    maxWaitTimeInMs: 500,
  })
  let done = 0
  let first = 0
  const { promise, resolve } = Promise.withResolvers<number>()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch: async ({ batch: { messages, partition }, resolveOffset, commitOffsetsIfNecessary, heartbeat }) => {
      first ||= performance.now()
      for (let from = 0; from < messages.length; from += batch) {
        const chunk = messages.slice(from, from + batch)
        for (const message of chunk) JSON.parse(message.value!.toString())
        const last = chunk.at(-1)!.offset
        const offset = String(Number(last) + 1)
        await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] })
        resolveOffset(last)
        await heartbeat()
        done += chunk.length
        if (done >= records) resolve(performance.now())
      }
    },
  })
  const end = await promise
  await consumer.disconnect()
  return records / ((end - first) / 1000)
}

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** What is really held, in MiB. */
function heapMb(): number {
  collectGarbage()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return (heapUsed + external + arrayBuffers) / 1024 ** 2
}
