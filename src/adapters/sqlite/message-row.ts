import type { Delivery, Message } from "../../ports/event-log.ts"

export interface MessageRow {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly kind: string
  readonly version: number
  readonly id: string
  readonly value: string
  readonly headers: string
}

export const messageColumns = "topic, partition, offset, key, kind, version, id, value, headers"

export function deliveryOf(row: MessageRow): Delivery {
  const { topic, partition, offset, key, kind, version, id, value, headers } = row
  return {
    topic: topic as Message["topic"],
    key,
    kind,
    version,
    id,
    value: JSON.parse(value),
    headers: JSON.parse(headers),
    receipt: `${topic}/${partition}/${offset}`,
  }
}
