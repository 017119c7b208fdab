import type { IHeaders, KafkaMessage, Message as ProducedMessage } from "kafkajs"
import { WatchlineError } from "../../errors.ts"
import { type Delivery, type Message, maxMessageBytes } from "../../ports/event-log.ts"

/** Headers that name the record; all others are the message's own. */
const [kindHeader, versionHeader, idHeader] = ["watchline-kind", "watchline-version", "watchline-id"] as const

export interface Encoded {
  readonly topic: Message["topic"]
  readonly bytes: number
  readonly message: ProducedMessage
}

/** A message as Kafka carries it: JSON value, kind, version and id in headers so that a reader can choose before it parses. */
export function encoded({ topic, key, kind, version, id, value, headers = {} }: Message): Encoded {
  const body = Buffer.from(JSON.stringify(value ?? null))
  const all = { ...headers, [kindHeader]: kind, [versionHeader]: String(version), [idHeader]: id }
  let bytes = body.length + Buffer.byteLength(key)
  for (const [name, text] of Object.entries(all)) bytes += Buffer.byteLength(name) + Buffer.byteLength(text)
  if (bytes > maxMessageBytes) {
    throw new WatchlineError("record_invalid", {
      message: `${kind} ${id} is ${bytes} bytes long; a message may have ${maxMessageBytes}.`,
      remedy: "Split the record; nothing of this call was appended.",
    })
  }
  return { topic, bytes, message: { key, value: body, headers: all } }
}

const receiptOf = (topic: Message["topic"], partition: number, offset: string) => `${topic}/${partition}/${offset}`

export function placeOf(receipt: string): { topic: string; partition: number; offset: number } {
  const [topic = "", partition, offset] = receipt.split("/")
  return { topic, partition: Number(partition), offset: Number(offset) }
}

/** What is no message of ours arrives as kind `unreadable` with its bytes: the stage refuses it, and the dead letter keeps it. */
export function deliveryOf(
  topic: Message["topic"],
  partition: number,
  { key, value, headers, offset }: KafkaMessage,
): Delivery {
  const texts = textsOf(headers)
  const { [kindHeader]: kind, [versionHeader]: version, [idHeader]: id, ...own } = texts
  const receipt = receiptOf(topic, partition, offset)
  const carried = { topic, key: key?.toString() ?? "", headers: own, receipt }
  const parsed = kind === undefined ? undefined : parse(value)
  if (parsed === undefined) {
    const bytes = value?.toString("base64") ?? ""
    return { ...carried, kind: "unreadable", version: 0, id: id ?? receipt, value: { bytes } }
  }
  return { ...carried, kind: kind!, version: Number(version), id: id ?? receipt, value: parsed.value }
}

function parse(value: Buffer | null): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(value?.toString() ?? "") }
  } catch {
    return undefined
  }
}

function textsOf(headers: IHeaders = {}): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value
    if (last !== undefined) texts[name] = last.toString()
  }
  return texts
}
