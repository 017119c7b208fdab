import { WatchlineError } from "../../errors.ts"
import { matchRadius } from "../../matching/pdq-index.ts"
import { turnedHashes } from "../../matching/turned-hash.ts"
import { type HashAlgorithm, hashDigits, type KnownHash } from "../../model/known-hash.ts"
import { type Clock, instant } from "../../model/record.ts"
import type { Turn } from "../../model/turn.ts"
import type { KnownHashes, KnownMatch, WithdrawnEntries } from "../../ports/known-hashes.ts"
import type { Bulk, Write } from "./bulk.ts"
import type { ElasticConnection, Hit, Query } from "./connection.ts"
import { itemError } from "./elastic-errors.ts"
import { chunks } from "./image-facts.ts"
import { all, anyOf } from "./scope-query.ts"
import { viewing } from "./view.ts"

type KnownDocument = KnownHash & { readonly pdq?: string }

/** Neighbours in one answer; asked for again with more where that many lie within the radius. */
const fewNeighbours = 100
const mostNeighbours = 10_000 // Elasticsearch's own limit
const written = 1000

/**
 * Hash sets in one index. A PDQ's neighbours come from the server's search over bit vectors, which compares every hash, and each distance is
 * counted again here. Writes are visible when they resolve: sets are imported rarely and must count at once.
 */
export class ElasticKnownHashes implements KnownHashes {
  readonly #connection: ElasticConnection
  readonly #bulk: Bulk
  readonly #clock: Clock

  constructor(connection: ElasticConnection, bulk: Bulk, clock: Clock) {
    this.#connection = connection
    this.#bulk = bulk
    this.#clock = clock
  }

  async add(hashes: readonly KnownHash[]): Promise<void> {
    for (const { algorithm, value } of hashes) checkDigits(algorithm, value)
    const index = this.#connection.write("known-hashes")
    for (const chunk of chunks(hashes, written)) {
      const ids = chunk.map(({ id }) => id)
      const there = await this.#connection.getAll<KnownDocument>("known-hashes", ids, { source: ["importedAt"] })
      const writes = chunk.map((known, place): Write => {
        const { importedAt } = there[place]?.document ?? known
        const document: KnownDocument = {
          ...known,
          importedAt,
          ...(known.algorithm === "pdq" ? { pdq: known.value } : {}),
        }
        return { index, id: known.id, document, how: "index" }
      })
      await this.#send(writes)
    }
    await this.#connection.refresh("known-hashes")
  }

  async withdraw({ source, references, ids }: WithdrawnEntries): Promise<number> {
    const named: Query[] = [anyOf("reference", references ?? []), anyOf("id", ids ?? [])]
    const query = all(
      { term: { source } },
      ...(references || ids ? [{ bool: { should: named, minimum_should_match: 1 } }] : []),
    )
    const index = this.#connection.write("known-hashes")
    const withdrawn = await viewing(this.#connection, async (view) => {
      let count = 0
      for await (const page of view.pages("known-hashes", { query, sort: ["id"], source: false })) {
        await this.#send(page.map((hit): Write => ({ index, id: hit._id!, how: "delete" })))
        count += page.length
      }
      return count
    })
    await this.#connection.refresh("known-hashes")
    return withdrawn
  }

  async match(hashes: Readonly<Partial<Record<HashAlgorithm, string>>>): Promise<KnownMatch[]> {
    const asked = Object.entries(hashes) as [HashAlgorithm, string][]
    for (const [algorithm, value] of asked) checkDigits(algorithm, value)
    const digests = asked.filter(([algorithm]) => algorithm !== "pdq")
    const [equal, near] = await Promise.all([
      digests.length > 0 ? this.#equal(digests) : [],
      hashes.pdq === undefined ? [] : this.#near(hashes.pdq),
    ])
    const now = instant(this.#clock())
    return [...equal, ...near]
      .filter(({ known: { expiresAt } }) => expiresAt === undefined || expiresAt > now)
      .sort((a, b) => a.distance - b.distance || (a.known.id < b.known.id ? -1 : 1))
  }

  async count(): Promise<number> {
    return viewing(this.#connection, (view) => view.count("known-hashes", { match_all: {} }))
  }

  async #equal(digests: readonly [HashAlgorithm, string][]): Promise<KnownMatch[]> {
    const should = digests.map(([algorithm, value]) => all({ term: { value } }, { term: { algorithm } }))
    const hits = await this.#search({ query: { bool: { should, minimum_should_match: 1 } }, size: mostNeighbours })
    return hits.map(({ _source }) => ({ known: knownHash(_source!), distance: 0 }))
  }

  /** As it is, and as if the picture were turned or mirrored; of an entry the nearest. */
  async #near(pdq: string): Promise<KnownMatch[]> {
    const asked = [{ pdq }, ...turnedHashes(pdq)] as readonly { readonly pdq: string; readonly turn?: Turn }[]
    for (let size = fewNeighbours; ; size = mostNeighbours) {
      const knn = asked.map((one) => ({
        field: "pdq",
        query_vector: one.pdq,
        k: size,
        num_candidates: size,
        similarity: matchRadius,
      }))
      const hits = await this.#search({ size, knn })
      if (hits.length === size && size < mostNeighbours) continue
      return hits.flatMap(({ _source }) => nearest(knownHash(_source!), asked))
    }
  }

  async #search(body: object): Promise<Hit<KnownDocument>[]> {
    const { hits } = await this.#connection.ask((client) =>
      client.search<KnownDocument>({
        index: this.#connection.read("known-hashes"),
        track_total_hits: false,
        allow_partial_search_results: false,
        ...body,
      }),
    )
    return hits.hits
  }

  async #send(writes: readonly Write[]): Promise<void> {
    for (const one of await this.#bulk.send(writes)) {
      if (one.state === "failed" && one.failure.status !== 404) throw itemError("known-hash", one.failure)
    }
  }
}

function checkDigits(algorithm: HashAlgorithm, value: string): void {
  const digits = hashDigits[algorithm]
  if (digits !== undefined && value.length === digits && /^[0-9a-f]+$/.test(value)) return
  throw new WatchlineError("input_invalid", {
    message: `A ${algorithm} hash has ${digits} lower-case hexadecimal digits; this one has ${value.length} characters.`,
    remedy: "Correct the hash or leave it out.",
  })
}

function knownHash({ pdq: _, ...known }: KnownDocument): KnownHash {
  return known
}

function nearest(known: KnownHash, asked: readonly { readonly pdq: string; readonly turn?: Turn }[]): KnownMatch[] {
  let best: KnownMatch | undefined
  for (const { pdq, turn } of asked) {
    const distance = differingBits(pdq, known.value)
    if (distance < (best?.distance ?? matchRadius + 1))
      best = { known, distance, ...(turn === undefined ? {} : { turn }) }
  }
  return best ? [best] : []
}

function differingBits(one: string, other: string): number {
  let bits = 0
  let differing = BigInt(`0x${one}`) ^ BigInt(`0x${other}`)
  for (; differing > 0n; differing &= differing - 1n) bits += 1
  return bits
}
