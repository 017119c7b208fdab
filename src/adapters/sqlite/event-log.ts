import { crc32 } from "node:zlib"
import { WatchlineError } from "../../errors.ts"
import type { Clock } from "../../model/record.ts"
import {
  type Delivery,
  type EventLog,
  type Message,
  maxMessageBytes,
  type Subscription,
} from "../../ports/event-log.ts"
import { Database } from "./database.ts"
import { GroupMember } from "./group-member.ts"
import { deliveryOf, type MessageRow, messageColumns } from "./message-row.ts"

/** Partitions of a topic: as many workers of one group can share it. */
const partitions = 4
/** Messages removed in one transaction, so that writers wait for milliseconds only. */
const trimStep = 5000

const migration = `
  CREATE TABLE partition (
    topic TEXT NOT NULL, number INTEGER NOT NULL,
    next INTEGER NOT NULL DEFAULT 0, -- offset of the message to come
    PRIMARY KEY (topic, number)
  ) WITHOUT ROWID;
  CREATE TABLE message (
    sequence INTEGER PRIMARY KEY,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    key TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL,
    value TEXT NOT NULL, headers TEXT NOT NULL,
    at INTEGER NOT NULL -- milliseconds, for retention
  );
  CREATE UNIQUE INDEX message_place ON message (topic, partition, offset);
  CREATE TABLE consumer_group (
    name TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL -- grows with every change of members or owners: who sees it grow looks again
  ) WITHOUT ROWID;
  CREATE TABLE member (
    id TEXT PRIMARY KEY, consumer_group TEXT NOT NULL REFERENCES consumer_group, topics TEXT NOT NULL, expires INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX member_group ON member (consumer_group);
  CREATE TABLE progress (
    consumer_group TEXT NOT NULL REFERENCES consumer_group, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    next INTEGER NOT NULL, -- first offset that is not acknowledged
    owner TEXT REFERENCES member ON DELETE SET NULL,
    PRIMARY KEY (consumer_group, topic, partition)
  ) WITHOUT ROWID;
  CREATE INDEX progress_owner ON progress (owner);
`

export interface SqliteEventLogOptions {
  readonly path: string
  readonly clock: Clock
  readonly leaseMs: number
}

/**
 * Topics in one file. A topic comes into being with its first message or reader, with four partitions; a key's partition is its CRC-32.
 *
 * Durable means FULL here: a group's offset must never be more durable than the index that it acknowledges, nor a message less durable
 * than the offset of the one that it follows from, else a power cut would lose records.
 */
export class SqliteEventLog implements EventLog {
  readonly #database: Database
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #members = new Set<GroupMember>()

  constructor({ path, clock, leaseMs }: SqliteEventLogOptions) {
    this.#database = new Database({ path, applicationId: 0x574c_0001, migrations: [migration], synchronous: "FULL" })
    this.#clock = clock
    this.#leaseMs = leaseMs
  }

  async append(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return
    const rows = messages.map(encoded)
    const at = this.#clock()
    this.#database.transaction(() => {
      const heads = new Map<string, { topic: string; partition: number; next: number }>()
      for (const { topic, partition, values } of rows) {
        const name = `${topic}/${partition}`
        let head = heads.get(name)
        if (!head) {
          this.#create(topic)
          head = { topic, partition, next: this.#next(topic, partition) }
          heads.set(name, head)
        }
        this.#database.run(
          "INSERT INTO message (topic, partition, offset, at, key, kind, version, id, value, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          topic,
          partition,
          head.next++,
          at,
          ...values,
        )
      }
      for (const { topic, partition, next } of heads.values()) {
        this.#database.run("UPDATE partition SET next = ? WHERE topic = ? AND number = ?", next, topic, partition)
      }
    })
  }

  async subscribe(group: string, topics: readonly Message["topic"][]): Promise<Subscription> {
    const member = new GroupMember({
      database: this.#database,
      clock: this.#clock,
      leaseMs: this.#leaseMs,
      group,
      topics: [...new Set(topics)],
      create: (topic) => this.#create(topic),
      left: () => this.#members.delete(member),
    })
    this.#members.add(member)
    return member
  }

  async lag(group: string, topics: readonly Message["topic"][]): Promise<number> {
    const row = this.#database.get<{ lag: number | null }>(
      `SELECT sum(p.next - coalesce(g.next,
          (SELECT min(m.offset) FROM message m WHERE m.topic = p.topic AND m.partition = p.number), p.next)) AS lag
        FROM partition p LEFT JOIN progress g ON g.consumer_group = ? AND g.topic = p.topic AND g.partition = p.number
        WHERE p.topic IN (SELECT value FROM json_each(?))`,
      group,
      JSON.stringify(topics),
    )
    return row?.lag ?? 0
  }

  async read(topic: Message["topic"], limit: number, group = ""): Promise<Delivery[]> {
    const rows: (MessageRow & { sequence: number })[] = []
    for (let partition = 0; partition < partitions; partition++) {
      rows.push(
        ...this.#database.all<MessageRow & { sequence: number }>(
          `SELECT sequence, ${messageColumns} FROM message WHERE topic = ?1 AND partition = ?2 AND offset >= coalesce(
             (SELECT next FROM progress WHERE consumer_group = ?3 AND topic = ?1 AND partition = ?2), 0)
           ORDER BY offset LIMIT ?4`,
          topic,
          partition,
          group,
          limit,
        ),
      )
    }
    return rows
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, limit)
      .map(deliveryOf)
  }

  /**
   * Removes messages that are older than this and that every group of their topic has acknowledged. What no group has ever read stays:
   * dead letters wait for a person.
   *
   * @param before milliseconds since 1970
   * @returns how many messages were removed
   */
  async trim(before: number): Promise<number> {
    const places = this.#database.all<{ topic: string; number: number }>("SELECT topic, number FROM partition")
    let removed = 0
    for (const { topic, number } of places) {
      for (let step = trimStep; step === trimStep; removed += step) {
        step = this.#database.run(
          `DELETE FROM message WHERE sequence IN (SELECT sequence FROM message
            WHERE topic = ?1 AND partition = ?2 AND at < ?3
              AND offset < (SELECT min(next) FROM progress WHERE topic = ?1 AND partition = ?2)
            ORDER BY offset LIMIT ?4)`,
          topic,
          number,
          before,
          trimStep,
        )
      }
    }
    return removed
  }

  async close(): Promise<void> {
    try {
      for (const member of this.#members) await member.close()
    } finally {
      this.#database.close()
    }
  }

  #create(topic: string): void {
    for (let number = 0; number < partitions; number++) {
      this.#database.run("INSERT OR IGNORE INTO partition (topic, number) VALUES (?, ?)", topic, number)
    }
  }

  #next(topic: string, partition: number): number {
    return this.#database.get<{ next: number }>(
      "SELECT next FROM partition WHERE topic = ? AND number = ?",
      topic,
      partition,
    )!.next
  }
}

function encoded(message: Message) {
  const { topic, key, kind, version, id } = message
  const value = JSON.stringify(message.value)
  const headers = JSON.stringify(message.headers ?? {})
  const bytes = Buffer.byteLength(value) + Buffer.byteLength(headers) + Buffer.byteLength(key)
  if (bytes > maxMessageBytes) {
    throw new WatchlineError("record_invalid", {
      message: `${kind} ${id} is ${bytes} bytes long; a message may have ${maxMessageBytes}.`,
      remedy: "Split the record; nothing of this call was appended.",
    })
  }
  return { topic, partition: crc32(key) % partitions, values: [key, kind, version, id, value, headers] as const }
}
