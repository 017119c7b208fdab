import { WatchlineError } from "../../errors.ts"
import { findingWords, placeOf } from "../../matching/search-words.ts"
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
import type { IndexKind } from "./indices.ts"
import { createIndex, monthIndex } from "./installation.ts"
import { type PostDocument, PostRevisions } from "./post-revisions.ts"

/**
 * Records to documents, one bulk request for a batch. What never changes is created, so that a repetition finds it there; a membership
 * carries its revision as external version, so that an older one loses. Nothing is refreshed: readers do that when they ask.
 */
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
      for (const write of this.#writes(indexed)) {
        writes.push(write)
        owners.push(place)
      }
      if (indexed.kind === "visit") months.add(this.#visitIndex(indexed.record))
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

  #writes(indexed: Indexed): Write[] {
    switch (indexed.kind) {
      case "post":
        return [this.#create("posts", indexed.record.id, postDocument(indexed.record))]
      case "fingerprint":
        return [this.#create("fingerprints", indexed.record.id, indexed.record)]
      case "sighting": {
        const { id, postedAt, seenAt } = indexed.record
        return [
          this.#create("sightings", id, { ...indexed.record, at: postedAt ?? seenAt, place: placeOfRecord(indexed) }),
        ]
      }
      case "membership": {
        const { fingerprint, revision } = indexed.record
        const index = this.#connection.write("memberships")
        return [{ index, id: fingerprint, document: indexed.record, how: "index", version: revision }]
      }
      case "finding":
        return [this.#create("findings", indexed.record.id, findingDocument(indexed.record))]
      case "attachment": {
        const { id, postedAt, seenAt } = indexed.record
        return [this.#create("attachments", id, { ...indexed.record, at: postedAt ?? seenAt })]
      }
      case "visit":
        return this.#visitWrites(indexed.record)
    }
  }

  #create(kind: IndexKind, id: string, document: object): Write {
    return { index: this.#connection.write(kind), id, document, how: "create" }
  }

  #visitWrites(visit: Visit): Write[] {
    const failures = visit.imageFailures.map(({ post, url, error }): Write => {
      const id = idOf("picture-failure", post, url)
      const document = { id, post, url, forum: visit.forum, at: visit.at, error }
      const index = this.#connection.write("picture-failures")
      return { index, id, document, how: "index", version: Date.parse(visit.at) }
    })
    return [...failures, { index: this.#visitIndex(visit), id: visit.id, document: visit, how: "create" }]
  }

  #visitIndex({ at }: Visit): string {
    return monthIndex(this.#connection.prefix, "visits", at.slice(0, 7))
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
      fresh.map((place) => this.#create("places", idOf("place", place), { id: idOf("place", place), place })),
    )
    const failed = written.find((one) => one.state === "failed")
    if (failed?.state === "failed") throw itemError("place", failed.failure)
    for (const place of fresh) this.#places.add(place)
  }
}

function postDocument(post: Post): PostDocument {
  return {
    ...post,
    at: post.postedAt ?? post.seenAt,
    currentSeenAt: post.seenAt,
    place: placeOf(post.forum, post.url),
  }
}

function findingDocument(finding: Finding): object {
  const { abstained, signals } = finding
  const counts = abstained === undefined
  const strong = counts && signals.some((s) => s.strength === "conclusive" || s.strength === "strong")
  return { ...finding, counts, strong, words: findingWords(finding).join(" ") }
}

function placeOfRecord(indexed: Indexed & { kind: "post" | "sighting" }): string {
  return indexed.kind === "post"
    ? placeOf(indexed.record.forum, indexed.record.url)
    : placeOf(indexed.record.forum, indexed.record.postUrl)
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
