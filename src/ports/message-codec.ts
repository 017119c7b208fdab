import type { TProperties } from "typebox"
import { WatchlineError } from "../errors.ts"
import type { Id, RecordKind, RecordOf } from "../model/record.ts"
import type { Delivery, Message } from "./event-log.ts"

/** Puts a record into a message. Checked here, so that nothing malformed enters the log. */
export function encode<Shape extends TProperties>(
  topic: Message["topic"],
  key: string,
  kind: RecordKind<Shape>,
  record: RecordOf<RecordKind<Shape>> & { readonly id: Id },
): Message {
  const problem = kind.problem(record)
  if (problem) throw new WatchlineError("record_invalid", { message: `${kind.name} ${record.id}: ${problem}` })
  return { topic, key, kind: kind.name, version: kind.version, id: record.id, value: record }
}

/** Takes a record out of a message; what does not match its schema, or is newer than this program, is `record_invalid`. */
export function decode<Shape extends TProperties>(
  kind: RecordKind<Shape>,
  delivery: Delivery,
): RecordOf<RecordKind<Shape>> {
  if (delivery.kind !== kind.name || delivery.version > kind.version) {
    throw new WatchlineError("record_invalid", {
      message: `${delivery.kind}@${delivery.version} stands where ${kind.name}@${kind.version} was expected.`,
      remedy: "Update this worker, then replay the dead letter.",
    })
  }
  const problem = kind.problem(delivery.value)
  if (problem) throw new WatchlineError("record_invalid", { message: `${kind.name} ${delivery.id}: ${problem}` })
  return delivery.value as RecordOf<RecordKind<Shape>>
}
