import { setTimeout as sleep } from "node:timers/promises"
import type { Consumer, EachBatchPayload, KafkaMessage } from "kafkajs"
import type { Log } from "../../log.ts"
import type { Delivery, Message } from "../../ports/event-log.ts"
import { type KafkaClient, kafkaError, typeOf } from "./connection.ts"
import { deliveryOf } from "./message-format.ts"

export interface TopicMemberOptions {
  /** A client for one consumer. */
  readonly open: () => KafkaClient
  readonly log: Log
  readonly topic: Message["topic"]
  /** The topic's and the group's names in the cluster. */
  readonly topicName: string
  readonly groupName: string
  readonly leaseMs: number
  /** Something has come that can be taken. */
  readonly arrived: () => void
}

/** A batch that kafkajs handed over and waits for. */
interface Held {
  readonly messages: readonly KafkaMessage[]
  readonly payload: EachBatchPayload
  /** How many were given to the stage. */
  given: number
  /** How many are acknowledged without a gap; those before `done` are committed too. */
  complete: number
  done: number
  /** Acknowledged places after `complete`: one before them is missing. */
  readonly beyond: Set<number>
  readonly release: () => void
}

const rebalanceMs = 60_000
const waitMs = 500
const leaveMs = 5000
const failingMs = 3000
const reopenMs = { first: 100, most: 5000 }
/** More than a topic has partitions: a batch that waits for its turn could not be given. */
const atOnce = 256

/**
 * One member of a group, for one topic.
 *
 * kafkajs pushes batches, the port pulls messages: a batch is held, and kafkajs with it, until all its messages are acknowledged. That is
 * the back-pressure, and it is what keeps a rebalance from giving messages in hand to somebody else: as long as they are acknowledged in
 * time the member makes room only afterwards. kafkajs fetches a topic again when every batch in hand is done, so each topic has a
 * consumer, and a group, of its own: a retry that waits for its time holds up no other topic.
 *
 * The consumer is replaceable: whatever goes wrong with it, what it held is lost to this member, a new one is made, and the messages come
 * again from the last commit.
 */
export class TopicMember {
  readonly topic: Message["topic"]
  /** Messages that were given and not acknowledged now belong to another member, or come again. */
  lost = false
  readonly #options: TopicMemberOptions
  readonly #held = new Map<number, Held>()
  #failed: { readonly error: unknown; readonly since: number } | undefined
  #makingRoom = false
  #leaving = false
  #sign = performance.now()
  #stop: (() => void) | undefined
  #running: Promise<void> | undefined
  #closed = false
  readonly #beats: NodeJS.Timeout

  constructor(options: TopicMemberOptions) {
    this.topic = options.topic
    this.#options = options
    this.#beats = setInterval(() => void this.beat(), this.#heartbeatMs)
    this.wanted()
  }

  get #heartbeatMs(): number {
    return Math.min(3000, Math.round(this.#options.leaseMs / 4))
  }

  /** Why no consumer has joined for seconds; a cluster that has just started refuses for a moment. */
  get failure(): unknown {
    return this.#failed && performance.now() - this.#failed.since > failingMs ? this.#failed.error : undefined
  }

  /** A sign of life: without one for the lease's length the member leaves, and joins again with the next. */
  wanted(): void {
    this.#sign = performance.now()
    if (!this.#closed) this.#running ??= this.#run()
  }

  /** Up to `max` messages that were not given before. */
  take(max: number): Delivery[] {
    const taken: Delivery[] = []
    if (this.#makingRoom) return taken
    for (const [partition, held] of this.#held) {
      const end = Math.min(held.messages.length, held.given + max - taken.length)
      for (; held.given < end; held.given++) taken.push(deliveryOf(this.topic, partition, held.messages[held.given]!))
      if (taken.length === max) break
    }
    return taken
  }

  /** Commits what is complete from each partition's beginning. Places that are not in hand are ignored. Errors: `engine_unavailable`. */
  async acknowledge(places: readonly { partition: number; offset: number }[]): Promise<void> {
    for (const { partition, offset } of places) {
      const held = this.#held.get(partition)
      const place = held ? placeIn(held.messages, offset) : -1
      if (!held || place < held.complete || place >= held.given) continue
      if (place > held.complete) held.beyond.add(place)
      else for (held.complete += 1; held.beyond.delete(held.complete); ) held.complete += 1
    }
    const complete = [...this.#held.values()].flatMap((held) =>
      held.complete > held.done ? [{ held, done: held.complete }] : [],
    )
    if (complete.length === 0) return
    const partitions = complete.map(({ held, done }) => ({
      partition: held.payload.batch.partition,
      offset: nextOffset(held.messages[done - 1]!),
    }))
    try {
      const topics = [{ topic: this.#options.topicName, partitions }]
      await complete[0]!.held.payload.commitOffsetsIfNecessary({ topics })
    } catch (error) {
      this.#lose()
      if (isChangeOfGroup(error)) return
      throw kafkaError(error)
    }
    for (const { held, done } of complete) this.#advance(held, done)
  }

  /** Tells the group that this member lives; learns whether another waits for room. */
  async beat(): Promise<void> {
    if (performance.now() - this.#sign > this.#options.leaseMs) return this.#stop?.()
    const [held] = this.#held.values()
    try {
      await held?.payload.heartbeat()
    } catch (error) {
      if (typeOf(error) === "REBALANCE_IN_PROGRESS") this.#makeRoom()
      else this.#lose()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#beats)
    this.#stop?.()
    await this.#running
  }

  /** Makes consumers, one after the other, until nobody wants any. */
  async #run(): Promise<void> {
    const stopped = new Promise<"stopped">((resolve) => {
      this.#stop = () => resolve("stopped")
    })
    for (let pause = reopenMs.first; ; pause = Math.min(reopenMs.most, pause * 2)) {
      const client = this.#options.open()
      const consumer = this.#consumer(client, () => {
        pause = reopenMs.first
      })
      const crash = new Promise<unknown>((resolve) =>
        consumer.on("consumer.crash", ({ payload }) => resolve(payload.error)),
      )
      this.#leaving = false
      const start = this.#start(consumer)
      const ended = start.then(
        () => crash,
        (error: unknown) => error,
      )
      const end = await Promise.race([stopped, ended])
      this.#leaving = true
      this.#lose()
      await Promise.race([leave(consumer, start), sleep(leaveMs, undefined, { ref: false })])
      client.destroy()
      if (end === "stopped") break
      this.#failed = { error: end, since: this.#failed?.since ?? performance.now() }
      this.#options.log.warn("kafka consumer ended, another follows", { topic: this.topic, code: typeOf(end) })
      if ((await Promise.race([stopped, sleep(pause)])) === "stopped") break
    }
    this.#running = undefined
  }

  #consumer({ kafka }: KafkaClient, joined: () => void): Consumer {
    const { groupName, leaseMs } = this.#options
    const consumer = kafka.consumer({
      groupId: groupName,
      sessionTimeout: leaseMs,
      heartbeatInterval: this.#heartbeatMs,
      rebalanceTimeout: rebalanceMs,
      maxWaitTimeInMs: waitMs,
    })
    consumer.on("consumer.group_join", () => {
      this.#failed = undefined
      this.#makingRoom = false
      joined()
    })
    return consumer
  }

  async #start(consumer: Consumer): Promise<void> {
    await consumer.connect()
    await consumer.subscribe({ topic: this.#options.topicName, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: atOnce,
      eachBatch: (payload) => this.#hold(payload),
    })
  }

  /** Returns to kafkajs when the batch is done, or given up. */
  async #hold(payload: EachBatchPayload): Promise<void> {
    const { messages, partition } = payload.batch
    if (this.#makingRoom || this.#leaving) return
    await new Promise<void>((release) => {
      this.#held.set(partition, { messages, payload, given: 0, complete: 0, done: 0, beyond: new Set(), release })
      this.#options.arrived()
    })
  }

  #advance(held: Held, done: number): void {
    const { partition } = held.payload.batch
    if (this.#held.get(partition) !== held) return // lost while it was committed
    held.done = done
    held.payload.resolveOffset(held.messages[done - 1]!.offset)
    if (done === held.messages.length || this.#makingRoom) this.#settle(partition, held)
  }

  /** Gives a batch back to kafkajs when nothing of it is in hand. */
  #settle(partition: number, held: Held): void {
    if (held.done < held.given) return
    this.#held.delete(partition)
    held.release()
  }

  /** Another member has joined: what was not given is given to nobody here, what was given is finished first. */
  #makeRoom(): void {
    this.#makingRoom = true
    for (const [partition, held] of this.#held) this.#settle(partition, held)
  }

  /** What is in hand is not this member's any more: it comes again, here or elsewhere. */
  #lose(): void {
    for (const held of this.#held.values()) {
      this.lost ||= held.given > held.done
      held.release()
    }
    this.#held.clear()
  }
}

/** Leaves the group. A consumer that was joining when it was disconnected may have joined since, and would go on for ever. */
async function leave(consumer: Consumer, start: Promise<void>): Promise<void> {
  await consumer.disconnect().catch(() => {})
  await start.then(() => consumer.disconnect()).catch(() => {})
}

/** -1 where the batch has no such offset. Offsets of a compacted topic have gaps. */
function placeIn(messages: readonly KafkaMessage[], offset: number): number {
  const straight = offset - Number(messages[0]!.offset)
  if (Number(messages[straight]?.offset) === offset) return straight
  return messages.findIndex((message) => Number(message.offset) === offset)
}

const nextOffset = ({ offset }: KafkaMessage) => (BigInt(offset) + 1n).toString()

const isChangeOfGroup = (error: unknown) =>
  ["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"].includes(typeOf(error))
