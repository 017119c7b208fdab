import { randomUUID } from "node:crypto"
import { crc32 } from "node:zlib"
import type { Clock } from "../../model/record.ts"
import type { Delivery, Message, Subscription } from "../../ports/event-log.ts"
import type { Database } from "./database.ts"
import { deliveryOf, type MessageRow, messageColumns } from "./message-row.ts"

export interface GroupMemberOptions {
  readonly database: Database
  readonly clock: Clock
  readonly leaseMs: number
  readonly group: string
  readonly topics: readonly Message["topic"][]
  /** Makes the topic's partitions where they are missing; inside a transaction. */
  readonly create: (topic: string) => void
  readonly left: () => void
}

/** What this member holds of one partition: offsets from `first` to before `position` are given and not acknowledged up to a gap. */
interface Held {
  readonly topic: string
  readonly partition: number
  first: number
  position: number
  readonly acknowledged: Set<number>
  /** Since when it should go to another member; it gives nothing more and goes when all that was given is acknowledged. */
  leavingSince?: number
}

interface ProgressRow {
  readonly topic: string
  readonly partition: number
  readonly next: number
  readonly owner: string | null
}

/** A batch ends here whatever its count, so that a row of large messages does not fill the memory. */
const batchBytes = 16 * 1024 * 1024
/** A member shows that it lives this many times in a lease. */
const beatsPerLease = 6

const inFlight = (held: Held) => held.position - held.first

/**
 * One member of a consumer group. Nobody leads: every member buries those whose time is over, works out its fair share of each topic from
 * the list of the living, takes what is free and lets go of what is too much. A partition changes hands between batches where it can, so that a
 * member that joins or leaves causes no second delivery; a holder that does not come to an end gives it up after a lease.
 */
export class GroupMember implements Subscription {
  readonly #options: GroupMemberOptions
  readonly #id = randomUUID()
  #held = new Map<string, Held>()
  #epoch = -1
  #lastBeat = Number.NEGATIVE_INFINITY
  #turn = 0
  #lost = false
  #closed = false

  constructor(options: GroupMemberOptions) {
    this.#options = options
    const { database, group, topics } = options
    database.transaction(() => {
      database.run("INSERT OR IGNORE INTO consumer_group (name, epoch) VALUES (?, 0)", group)
      for (const topic of topics) {
        options.create(topic)
        database.run(
          `INSERT OR IGNORE INTO progress (consumer_group, topic, partition, next)
            SELECT ?1, topic, number, coalesce((SELECT min(m.offset) FROM message m
              WHERE m.topic = p.topic AND m.partition = p.number), next) FROM partition p WHERE topic = ?2`,
          group,
          topic,
        )
      }
    })
    this.#beat()
  }

  async next(max: number): Promise<Delivery[]> {
    this.#lost = false
    this.#keepUp()
    const given: Delivery[] = []
    const giving = [...this.#held.values()].filter((h) => h.leavingSince === undefined)
    let bytes = 0
    for (let i = 0; i < giving.length && given.length < max && bytes < batchBytes; i++) {
      const held = giving[(i + this.#turn) % giving.length]!
      let position = held.position
      this.#options.database.take<MessageRow>(
        `SELECT ${messageColumns} FROM message WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?`,
        [held.topic, held.partition, position, max - given.length],
        (row) => {
          given.push(deliveryOf(row))
          position = row.offset + 1
          bytes += row.value.length
          return bytes >= batchBytes
        },
      )
      held.position = position
    }
    this.#turn += 1
    return given
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    const touched = new Set<Held>()
    for (const receipt of receipts) {
      const cut = receipt.lastIndexOf("/")
      const [held, offset] = [this.#held.get(receipt.slice(0, cut)), Number(receipt.slice(cut + 1))]
      if (!held || !(offset >= held.first && offset < held.position)) continue
      held.acknowledged.add(offset)
      touched.add(held)
    }
    const steps = [...touched].map((held) => ({ held, first: firstGap(held) })).filter((s) => s.first > s.held.first)
    if (steps.length > 0) this.#advance(steps)
    const free = [...this.#held.values()].some((h) => h.leavingSince !== undefined && inFlight(h) === 0)
    if (free) this.#beat()
  }

  async renew(): Promise<boolean> {
    this.#keepUp()
    return !this.#lost
  }

  async close(): Promise<void> {
    if (this.#closed) return
    const { database } = this.#options
    this.#closed = true
    this.#held.clear()
    this.#options.left()
    database.transaction(() => {
      database.run("DELETE FROM member WHERE id = ?", this.#id)
      this.#announce()
    })
  }

  #advance(steps: readonly { held: Held; first: number }[]): void {
    const { database, group } = this.#options
    const refused = database.transaction(() =>
      steps.filter(
        ({ held, first }) =>
          database.run(
            "UPDATE progress SET next = ? WHERE consumer_group = ? AND topic = ? AND partition = ? AND owner = ?",
            first,
            group,
            held.topic,
            held.partition,
            this.#id,
          ) === 0,
      ),
    )
    for (const { held, first } of steps) {
      for (let offset = held.first; offset < first; offset++) held.acknowledged.delete(offset)
      held.first = first
    }
    for (const { held } of refused) this.#lose(held)
  }

  #lose(held: Held): void {
    this.#held.delete(place(held))
    this.#lost = true
  }

  /** Beats when it is time, and at once when somebody came, went or let go. */
  #keepUp(): void {
    const { database, clock, leaseMs, group } = this.#options
    if (this.#closed) return
    const epoch = database.get<{ epoch: number }>("SELECT epoch FROM consumer_group WHERE name = ?", group)?.epoch
    if (epoch !== this.#epoch || clock() - this.#lastBeat >= leaseMs / beatsPerLease) this.#beat()
  }

  #beat(): void {
    const { database, clock, leaseMs, group, topics } = this.#options
    const now = clock()
    const mine = database.transaction(() => {
      const buried = database.run(
        "DELETE FROM member WHERE consumer_group = ? AND expires <= ? AND id <> ?",
        group,
        now,
        this.#id,
      )
      const alive = database.run("UPDATE member SET expires = ? WHERE id = ?", now + leaseMs, this.#id)
      if (alive === 0) {
        database.run(
          "INSERT INTO member (id, consumer_group, topics, expires) VALUES (?, ?, ?, ?)",
          this.#id,
          group,
          JSON.stringify(topics),
          now + leaseMs,
        )
      }
      const { rows, moved } = this.#share(now)
      if (buried > 0 || alive === 0 || moved) this.#announce()
      this.#epoch = database.get<{ epoch: number }>("SELECT epoch FROM consumer_group WHERE name = ?", group)!.epoch
      return rows
    })
    this.#lastBeat = now
    this.#hold(mine, now)
  }

  /** Takes and releases until each topic is shared fairly; inside a transaction. */
  #share(now: number): { rows: { row: ProgressRow; leaving: boolean }[]; moved: boolean } {
    const { database, group, topics, leaseMs } = this.#options
    const members = database
      .all<{ id: string; topics: string }>("SELECT id, topics FROM member WHERE consumer_group = ? ORDER BY id", group)
      .map((m) => ({ id: m.id, topics: JSON.parse(m.topics) as string[] }))
    const rows: { row: ProgressRow; leaving: boolean }[] = []
    let moved = false
    const assign = (row: ProgressRow, owner: string | null) => {
      database.run(
        "UPDATE progress SET owner = ? WHERE consumer_group = ? AND topic = ? AND partition = ?",
        owner,
        group,
        row.topic,
        row.partition,
      )
      moved = true
    }
    for (const topic of topics) {
      const all = database.all<ProgressRow>(
        "SELECT topic, partition, next, owner FROM progress WHERE consumer_group = ? AND topic = ? ORDER BY partition",
        group,
        topic,
      )
      const sharers = members.filter((m) => m.topics.includes(topic))
      const quota = fairShare(all.length, sharers.length, sharers.findIndex((m) => m.id === this.#id) + crc32(topic))
      const held = (row: ProgressRow) => this.#held.get(place(row))
      const owned = all.filter((row) => row.owner === this.#id)
      owned.sort((a, b) => flightOf(held(b)) - flightOf(held(a)))
      for (const row of owned.slice(0, quota)) rows.push({ row, leaving: false })
      for (const row of owned.slice(quota)) {
        const overdue = now - (held(row)?.leavingSince ?? now) >= leaseMs
        if (flightOf(held(row)) === 0 || overdue) assign(row, null)
        else rows.push({ row, leaving: true })
      }
      for (const row of all.filter((r) => r.owner === null).slice(0, Math.max(0, quota - owned.length))) {
        assign(row, this.#id)
        rows.push({ row, leaving: false })
      }
    }
    return { rows, moved }
  }

  #hold(rows: readonly { row: ProgressRow; leaving: boolean }[], now: number): void {
    const before = this.#held
    this.#held = new Map()
    for (const { row, leaving } of rows) {
      const kept = before.get(place(row))
      const { topic, partition, next } = row
      // Somebody else may have had it in between.
      const held: Held =
        kept?.first === next ? kept : { topic, partition, first: next, position: next, acknowledged: new Set() }
      if (leaving) held.leavingSince ??= now
      else delete held.leavingSince
      this.#held.set(place(held), held)
    }
    for (const [name, held] of before) if (inFlight(held) > 0 && this.#held.get(name) !== held) this.#lost = true
  }

  #announce(): void {
    this.#options.database.run("UPDATE consumer_group SET epoch = epoch + 1 WHERE name = ?", this.#options.group)
  }
}

const place = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`
const flightOf = (held: Held | undefined) => (held ? inFlight(held) : 0)

function firstGap({ first, acknowledged }: Held): number {
  let gap = first
  while (acknowledged.has(gap)) gap += 1
  return gap
}

/** Partitions of the member at this place; `place` starts elsewhere for every topic, so that the odd ones do not all go to one member. */
function fairShare(partitions: number, members: number, place: number): number {
  return Math.floor(partitions / members) + (place % members < partitions % members ? 1 : 0)
}
