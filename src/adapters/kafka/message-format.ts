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

export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Neither a topic nor a number holds a slash. */
export function placeOf(receipt: string): Place {
  const end = receipt.lastIndexOf("/")
  const start = receipt.lastIndexOf("/", end - 1)
  return {
    topic: receipt.slice(0, start),
    partition: Number(receipt.slice(start + 1, end)),
    offset: Number(receipt.slice(end + 1)),
  }
}

/** What is no message of ours arrives as kind `unreadable` with its bytes: the stage refuses it, and the dead letter keeps it. */
export function deliveryOf(
  topic: Message["topic"],
  partition: number,
  { key, value, headers, offset }: KafkaMessage,
): Delivery {
  const receipt = receiptOf(topic, partition, offset)
  const own: Record<string, string> = {}
  let kind: string | undefined
  let version = ""
  let id = receipt
  // A loop and no copies: this runs for every record that is ever read.
  for (const name in headers) {
    const text = textOf(headers[name])
    if (name === kindHeader) kind = text
    else if (name === versionHeader) version = text
    else if (name === idHeader) id = text
    else own[name] = text
  }
  const parsed = kind === undefined ? undefined : parse(value)
  return {
    topic,
    key: key?.toString() ?? "",
    ...(parsed === undefined
      ? { kind: "unreadable", version: 0, value: { bytes: value?.toString("base64") ?? "" } }
      : { kind: kind!, version: Number(version), value: parsed.value }),
    id,
    headers: own,
    receipt,
  }
}

function parse(value: Buffer | null): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(value?.toString() ?? "") }
  } catch {
    return undefined
  }
}

/** A header that somebody set twice counts as the last one. */
const textOf = (value: IHeaders[string]) => (Array.isArray(value) ? value.at(-1) : value)?.toString() ?? ""
