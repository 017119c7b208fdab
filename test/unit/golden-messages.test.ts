import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import type { TProperties } from "typebox"
import { deliveryOf, encoded } from "../../src/adapters/kafka/message-format.ts"
import { Attachment } from "../../src/model/attachment.ts"
import { Membership } from "../../src/model/cluster.ts"
import { Finding } from "../../src/model/finding.ts"
import { Fingerprint } from "../../src/model/fingerprint.ts"
import { Post } from "../../src/model/post.ts"
import type { RecordKind } from "../../src/model/record.ts"
import { Sighting } from "../../src/model/sighting.ts"
import { Visit } from "../../src/model/visit.ts"
import type { Message } from "../../src/ports/event-log.ts"
import { decode } from "../../src/ports/message-codec.ts"

/**
 * Messages of every version that was ever released, one file for each kind and version: a log keeps them for weeks, and a reader of today
 * must understand them. A file is never changed; a new version of a record gets a file of its own, with all its fields and with few.
 */
const folder = join(import.meta.dirname, "../fixtures/messages")
const files = readdirSync(folder)
const kinds: readonly RecordKind<TProperties>[] = [Visit, Post, Attachment, Fingerprint, Sighting, Membership, Finding]

const goldenOf = (file: string): Message[] => JSON.parse(readFileSync(join(folder, file), "utf8"))

for (const file of files) {
  test(`messages as in ${file} are understood, and pass through Kafka's form unchanged`, () => {
    for (const message of goldenOf(file)) {
      const kind = kinds.find(({ name }) => name === message.kind)
      assert.ok(kind, `${message.kind} is no record of today: its messages would all be dead letters`)
      const { key, value, headers } = encoded(message).message
      const carried = {
        key: Buffer.from(key as string),
        value: value as Buffer,
        headers,
        offset: "7",
        timestamp: "0",
        attributes: 0,
      }
      const delivery = deliveryOf(message.topic, 0, carried as never)
      assert.deepEqual(decode(kind, delivery), message.value)
      const { receipt: _, headers: __, ...same } = delivery
      assert.deepEqual(same, message)
    }
  })
}

test("every version of every record has its golden messages", () => {
  const missing = kinds.flatMap(({ name, version }) =>
    Array.from({ length: version }, (_, n) => `${name}-${n + 1}.json`).filter((file) => !files.includes(file)),
  )
  assert.deepEqual(missing, [])
})
