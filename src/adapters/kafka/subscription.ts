import { setTimeout as sleep } from "node:timers/promises"
import type { Delivery, Subscription } from "../../ports/event-log.ts"
import { kafkaError } from "./connection.ts"
import { placeOf } from "./message-format.ts"
import { TopicMember, type TopicMemberOptions } from "./topic-member.ts"

/** How long `next` waits for the first message, so that the pause between two fetches is not taken for an empty topic. */
const patienceMs = 100

type MemberOf = Pick<TopicMemberOptions, "topic" | "topicName" | "groupName">

/** A member of each topic's group, asked as one. */
export class KafkaSubscription implements Subscription {
  readonly #members: readonly TopicMember[]
  readonly #left: () => void
  #arrived = () => {}
  #closing: Promise<void> | undefined

  constructor(
    shared: Omit<TopicMemberOptions, keyof MemberOf | "arrived">,
    topics: readonly MemberOf[],
    left: () => void,
  ) {
    this.#members = topics.map((topic) => new TopicMember({ ...shared, ...topic, arrived: () => this.#arrived() }))
    this.#left = left
  }

  async next(max: number): Promise<Delivery[]> {
    for (const member of this.#members) {
      member.lost = false
      member.wanted()
    }
    const arrival = new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    const now = this.#take(max)
    if (now.length > 0) return now
    await Promise.race([arrival, sleep(patienceMs)])
    const taken = this.#take(max)
    const failed = this.#members.find((member) => member.failure !== undefined)
    if (taken.length === 0 && failed) throw kafkaError(failed.failure)
    return taken
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    const byTopic = Map.groupBy(receipts.map(placeOf), ({ topic }) => topic)
    await Promise.all(this.#members.map((member) => member.acknowledge(byTopic.get(member.topic) ?? [])))
  }

  async renew(): Promise<boolean> {
    for (const member of this.#members) if (!member.lost) member.wanted()
    await Promise.all(this.#members.map((member) => member.beat()))
    return this.#members.every((member) => !member.lost)
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#members.map((member) => member.close())).then(this.#left)
    return this.#closing
  }

  #take(max: number): Delivery[] {
    const taken: Delivery[] = []
    for (const member of this.#members) {
      taken.push(...member.take(max - taken.length))
      if (taken.length === max) break
    }
    return taken
  }
}
