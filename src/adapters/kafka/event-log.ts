import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { type Admin, type KafkaMessage, Partitioners, type Producer } from "kafkajs"
import type { Log } from "../../log.ts"
import {
  type Delivery,
  type EventLog,
  type Message,
  maxMessageBytes,
  type SideTopic,
  type Subscription,
} from "../../ports/event-log.ts"
import { isBusy, type KafkaClient, type KafkaConnection, kafkaError, openKafka } from "./connection.ts"
import { deliveryOf, type Encoded, encoded } from "./message-format.ts"
import { KafkaSubscription } from "./subscription.ts"
import { flowTopics, type TopicChoices, Topics } from "./topics.ts"

export interface KafkaEventLogOptions {
  readonly connection: KafkaConnection
  readonly topics: TopicChoices
  /** A member that is silent for so long loses its partitions. The cluster's group.min.session.timeout.ms is the least (6 s). */
  readonly leaseMs: number
  readonly log: Log
}

const busyPausesMs = [100, 200, 400, 800, 1600]

/** A batch of one partition may not be larger than its topic's largest message; the calls of one append are cut accordingly. */
const sendBytes = maxMessageBytes

/**
 * Topics of a Kafka cluster. Nothing is connected before it is used.
 *
 * Messages are written with acks from all replicas in sync, and neither idempotently nor in transactions: a repeated message is harmless
 * here by its id, and a producer that may give up and be asked again is simpler to reason about than one that must not.
 */
export class KafkaEventLog implements EventLog {
  readonly #options: KafkaEventLogOptions
  readonly #client: KafkaClient
  readonly #topics: Topics
  readonly #subscriptions = new Set<Subscription>()
  #admin: Promise<Admin> | undefined
  #producer: Promise<Producer> | undefined

  constructor(options: KafkaEventLogOptions) {
    this.#options = options
    this.#client = this.#open()
    this.#topics = new Topics(() => this.#connectedAdmin(), options.topics)
  }

  async append(messages: readonly Message[]): Promise<void> {
    const all = messages.map(encoded)
    await answered(async () => {
      await this.#topics.ensure(all.map(({ topic }) => topic))
      const producer = await this.#connectedProducer()
      for (const part of cut(all)) {
        const byTopic = Map.groupBy(part, ({ topic }) => topic)
        await producer.sendBatch({
          acks: -1,
          topicMessages: [...byTopic].map(([topic, some]) => ({
            topic: this.#topics.nameOf(topic),
            messages: some.map(({ message }) => message),
          })),
        })
      }
    })
  }

  async subscribe(group: string, topics: readonly Message["topic"][]): Promise<Subscription> {
    const distinct = [...new Set(topics)]
    await answered(() => this.#topics.ensure(distinct))
    const { log, leaseMs } = this.#options
    const subscription: Subscription = new KafkaSubscription(
      { open: () => this.#open(), log, leaseMs },
      distinct.map((topic) => ({
        topic,
        topicName: this.#topics.nameOf(topic),
        groupName: this.#groupName(group, topic),
      })),
      () => this.#subscriptions.delete(subscription),
    )
    this.#subscriptions.add(subscription)
    return subscription
  }

  async lag(group: string, topics: readonly Message["topic"][]): Promise<number> {
    return answered(async () => {
      const existing = await this.#topics.existing([...new Set(topics)])
      const lags = await Promise.all(
        existing.map(async (topic) => sum((await this.#progress(topic, group)).map((p) => p.high - p.next))),
      )
      return sum(lags)
    })
  }

  async read(topic: Message["topic"], limit: number, group?: string): Promise<Delivery[]> {
    return answered(async () => {
      if ((await this.#topics.existing([topic])).length === 0) return []
      const places = (await this.#progress(topic, group)).filter(({ next, high }) => next < high)
      if (places.length === 0) return []
      const found = await this.#readFrom(topic, places, limit)
      // Partitions have no order among each other; time is the nearest to the order of appending.
      found.sort((a, b) => Number(a.message.timestamp) - Number(b.message.timestamp))
      return found.slice(0, limit).map(({ partition, message }) => deliveryOf(topic, partition, message))
    })
  }

  /** What a person should know of the cluster: how many brokers there are, and which topics are not as planned. */
  async inspect(sideTopics: readonly SideTopic[]): Promise<{ brokers: number; topics: number; differences: string[] }> {
    return answered(async () => {
      const { brokers } = await (await this.#connectedAdmin()).describeCluster()
      const topics = [...flowTopics, ...sideTopics]
      const existing = await this.#topics.existing(topics)
      return { brokers: brokers.length, topics: existing.length, differences: await this.#topics.differences(topics) }
    })
  }

  async close(): Promise<void> {
    for (const subscription of [...this.#subscriptions]) await subscription.close()
    const [admin, producer] = await Promise.all(
      [this.#admin, this.#producer].map((client) => client?.catch(() => undefined)),
    )
    await Promise.all([admin?.disconnect(), producer?.disconnect()])
    this.#client.destroy()
  }

  #groupName(group: string, topic: Message["topic"]): string {
    return `${this.#options.topics.prefix}${group}:${topic}`
  }

  /** For each partition: where the group goes on (without one: the oldest message), and the offset of the message to come. */
  async #progress(
    topic: Message["topic"],
    group: string | undefined,
  ): Promise<{ partition: number; next: number; high: number }[]> {
    const admin = await this.#connectedAdmin()
    const name = this.#topics.nameOf(topic)
    const [bounds, committed] = await Promise.all([
      admin.fetchTopicOffsets(name),
      group === undefined ? [] : admin.fetchOffsets({ groupId: this.#groupName(group, topic), topics: [name] }),
    ])
    const next = new Map(committed[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    return bounds.map(({ partition, low, high }) => ({
      partition,
      next: Math.max(Number(low), next.get(partition) ?? -1),
      high: Number(high),
    }))
  }

  /** Reads with a group that nobody else has, and that is gone afterwards: kafkajs knows no reader without one. */
  async #readFrom(
    topic: Message["topic"],
    places: readonly { partition: number; next: number; high: number }[],
    limit: number,
  ) {
    const groupId = this.#groupName(`reader-${randomUUID()}`, topic)
    const topicName = this.#topics.nameOf(topic)
    const consumer = this.#client.kafka.consumer({ groupId, maxWaitTimeInMs: 100 })
    const found: { partition: number; message: KafkaMessage }[] = []
    const open = new Map(places.map(({ partition, next, high }) => [partition, { next, high, left: limit }]))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => {}) // it may fail before anybody waits for it
    let crash: Error | undefined
    consumer.on("consumer.crash", ({ payload }) => {
      crash = payload.error
      reject(crash)
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topic: topicName, fromBeginning: true })
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch: { partition, messages } }) => {
          const place = open.get(partition)
          if (!place) return
          // the first fetch may be from before the seek
          const wanted = messages.filter(({ offset }) => Number(offset) >= place.next).slice(0, place.left)
          for (const message of wanted) found.push({ partition, message })
          place.left -= wanted.length
          place.next = Number(messages.at(-1)!.offset) + 1
          if (place.left === 0 || place.next >= place.high) open.delete(partition)
          if (open.size === 0) resolve()
        },
      })
      if (crash) throw crash
      for (const { partition, next } of places) consumer.seek({ topic: topicName, partition, offset: String(next) })
      await promise
      return found
    } finally {
      await consumer.disconnect()
      await (await this.#connectedAdmin()).deleteGroups([groupId]).catch(() => {}) // the cluster forgets it after a week
    }
  }

  #open(): KafkaClient {
    return openKafka(this.#options.connection, this.#options.log)
  }

  #connectedAdmin(): Promise<Admin> {
    this.#admin ??= connected(this.#client.kafka.admin(), () => {
      this.#admin = undefined
    })
    return this.#admin
  }

  #connectedProducer(): Promise<Producer> {
    const producer = () =>
      this.#client.kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner })
    this.#producer ??= connected(producer(), () => {
      this.#producer = undefined
    })
    return this.#producer
  }
}

/** Connects once; a connection that failed is tried again by the next caller. */
async function connected<Client extends { connect(): Promise<void> }>(
  client: Client,
  failed: () => void,
): Promise<Client> {
  try {
    await client.connect()
    return client
  } catch (error) {
    failed()
    throw error
  }
}

/** Asks again where the cluster is only busy with itself. */
async function answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const pause of [...busyPausesMs, undefined]) {
    try {
      return await ask()
    } catch (error) {
      if (pause === undefined || !isBusy(error)) throw kafkaError(error)
      await sleep(pause)
    }
  }
  throw new Error("unreachable")
}

/** In parts that one request may carry, in order. */
function* cut(messages: readonly Encoded[]): Generator<Encoded[]> {
  let part: Encoded[] = []
  let bytes = 0
  for (const message of messages) {
    if (bytes + message.bytes > sendBytes && part.length > 0) {
      yield part
      part = []
      bytes = 0
    }
    part.push(message)
    bytes += message.bytes
  }
  if (part.length > 0) yield part
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
