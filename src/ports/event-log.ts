import type { Id } from "../model/record.ts"

/** The topics. Posts, fingerprints and sightings are keyed by forum and thread, memberships and findings by their subject. */
export type Topic = "visits" | "posts" | "fingerprints" | "sightings" | "memberships" | "findings"

/** What a message may weigh as UTF-8 JSON, its key and headers included; every engine is set up for it. */
export const maxMessageBytes = 4 * 1024 * 1024

/** Where a stage puts what it could not process: to be tried again, or dead. */
export type SideTopic = `${string}.retry` | `${string}.dead`

/** One record on its way. The value is JSON; `id` is the record's identity, so a repeated message is harmless. */
export interface Message {
  readonly topic: Topic | SideTopic
  /** Messages of one key stay in order. */
  readonly key: string
  /** Name and version of the record's schema. */
  readonly kind: string
  readonly version: number
  readonly id: Id
  readonly value: unknown
  /** Small facts about the journey: attempt, not-before, the reason of a dead letter. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Delivery extends Message {
  /** Unique per group: topic, partition and offset. Acknowledgements name it. */
  readonly receipt: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Durable, ordered topics.
 *
 * - `append` is durable when it resolves. All its messages become visible together where the engine can do that; where it cannot, a
 *   failed append may have left some, and the caller appends all again: ids make that harmless.
 * - `subscribe` joins a consumer group. Each partition of a topic is read by one member of a group at a time; a member that dies or
 *   stalls loses its partitions after its lease, and another continues from the last acknowledged message. A new group starts with the
 *   oldest message that is still there.
 *
 * Errors: `engine_unavailable` and `disk_full` (wait, then the same call again), `record_invalid` (a message over `maxMessageBytes`;
 * nothing of the call was appended).
 */
export interface EventLog {
  append(messages: readonly Message[]): Promise<void>
  subscribe(group: string, topics: readonly Message["topic"][]): Promise<Subscription>
  /** Messages that the group has not acknowledged yet, per topic. */
  lag(group: string, topics: readonly Message["topic"][]): Promise<number>
  /**
   * Looks into a topic without joining anything: from its start, or from the first message that a group has not acknowledged. For dead
   * letters and inspection.
   */
  read(topic: Message["topic"], limit: number, group?: string): Promise<Delivery[]>
  close(): Promise<void>
}

/**
 * One member's view of a group.
 *
 * - `next` gives up to `max` messages after those given before. An empty answer means that nothing is there now, not that nothing will be.
 * - What was given and not acknowledged is given again, to this group, after this member is closed or dead: at least once, never lost.
 * - `acknowledge` may name messages in any order; progress is kept per partition up to the first one that is missing.
 *   Receipts of a partition that this member has lost are ignored: its messages are the new owner's.
 * - `renew` keeps the lease alive while a sink is slow; call it at least every few seconds. It reports whether all partitions are
 *   still held: false means stop working on the batch, another member has it.
 */
export interface Subscription {
  next(max: number): Promise<Delivery[]>
  acknowledge(receipts: readonly string[]): Promise<void>
  renew(): Promise<boolean>
  close(): Promise<void>
}
