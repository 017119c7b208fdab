import { WatchlineError } from "../../errors.ts"
import { Attachment } from "../../model/attachment.ts"
import { Membership } from "../../model/cluster.ts"
import { Finding } from "../../model/finding.ts"
import { Fingerprint } from "../../model/fingerprint.ts"
import { Post } from "../../model/post.ts"
import { idOf } from "../../model/record.ts"
import { Sighting } from "../../model/sighting.ts"
import { Visit } from "../../model/visit.ts"
import type { FindingsWriter, Indexed } from "../../ports/findings.ts"
import type { Bulk, Write, Written } from "./bulk.ts"
import type { ElasticConnection } from "./connection.ts"
import { itemError } from "./elastic-errors.ts"
import { createIndex } from "./installation.ts"
import { PostRevisions } from "./post-revisions.ts"
import { placeOfRecord, visitIndex, writesOf } from "./record-writes.ts"

/** Records to documents, one bulk request for a batch. Nothing is refreshed: readers do that when they ask. */
export class ElasticFindingsWriter implements FindingsWriter {
  readonly #connection: ElasticConnection
  readonly #bulk: Bulk
  readonly #revisions: PostRevisions
  readonly #months = new Set<string>()
  readonly #places = new Set<string>()

  constructor(connection: ElasticConnection, bulk: Bulk) {
    this.#connection = connection
    this.#bulk = bulk
    this.#revisions = new PostRevisions(connection, bulk)
  }

  async put(records: readonly Indexed[]): Promise<(WatchlineError | undefined)[]> {
    const problems = records.map(problemOf)
    const writes: Write[] = []
    /** The record that each write belongs to. */
    const owners: number[] = []
    const months = new Set<string>()
    const places = new Set<string>()
    for (const [place, indexed] of records.entries()) {
      if (problems[place] !== undefined) continue
      for (const write of writesOf(indexed, this.#connection)) {
        writes.push(write)
        owners.push(place)
      }
      if (indexed.kind === "visit") months.add(visitIndex(indexed.record, this.#connection))
      else if (indexed.kind === "post" || indexed.kind === "sighting") places.add(placeOfRecord(indexed))
    }
    if (writes.length === 0) return problems
    await this.#prepareMonths(months)
    await this.#keepPlaces(places)
    const edited: { place: number; post: Post }[] = []
    for (const [index, written] of (await this.#bulk.send(writes)).entries()) {
      const place = owners[index]!
      const indexed = records[place]!
      if (written.state === "failed") problems[place] ??= refuse(indexed, written)
      else if (written.state === "kept" && indexed.kind === "post") edited.push({ place, post: indexed.record })
    }
    for (const [place, problem] of await this.#revisions.put(edited)) problems[place] ??= problem
    return problems
  }

  async #prepareMonths(indices: ReadonlySet<string>): Promise<void> {
    for (const index of indices) {
      if (this.#months.has(index)) continue
      await this.#connection.prepared() // the month's template above all
      await createIndex(this.#connection, index)
      this.#months.add(index)
    }
  }

  /** Before what stands there, so that a search never misses a place; each is written once in the life of a process. */
  async #keepPlaces(places: ReadonlySet<string>): Promise<void> {
    const fresh = [...places].filter((place) => !this.#places.has(place))
    if (fresh.length === 0) return
    const written = await this.#bulk.send(
      fresh.map((place): Write => {
        const id = idOf("place", place)
        return { index: this.#connection.write("places"), id, document: { id, place }, how: "create" }
      }),
    )
    const failed = written.find((one) => one.state === "failed")
    if (failed?.state === "failed") throw itemError("place", failed.failure)
    for (const place of fresh) this.#places.add(place)
  }
}

const schemas = {
  post: Post,
  fingerprint: Fingerprint,
  sighting: Sighting,
  membership: Membership,
  finding: Finding,
  attachment: Attachment,
  visit: Visit,
} as const satisfies Record<Indexed["kind"], unknown>

function problemOf({ kind, record }: Indexed): WatchlineError | undefined {
  const problem = schemas[kind].problem(record)
  return problem === undefined
    ? undefined
    : new WatchlineError("record_invalid", { message: `${kind} ${record.id}: ${problem}` })
}

/** A record's own fault is its answer; the engine's fault is the whole call's. */
function refuse({ kind, record }: Indexed, { failure }: Written & { state: "failed" }): WatchlineError {
  const error = itemError(`${kind} ${record.id}`, failure)
  if (error.next !== "never") throw error
  return error
}
