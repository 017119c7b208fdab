import { WatchlineError } from "../../errors.ts"
import type { Membership } from "../../model/cluster.ts"
import type { ClusterPoint, Clusters } from "../../ports/clusters.ts"
import type { Bulk, Write } from "./bulk.ts"
import type { ElasticConnection } from "./connection.ts"
import { away, isConflict, itemError } from "./elastic-errors.ts"
import { all } from "./scope-query.ts"
import { viewing } from "./view.ts"

interface Batch {
  readonly points: readonly ClusterPoint[]
  readonly changed: readonly Membership[]
}

interface ClusterDocument {
  readonly id: string
  readonly type: "point" | "membership" | "batch" | "applied"
  /** Of the batch; of `applied`: up to which batch the documents stand. */
  readonly number?: number
  /** Within the batch. */
  readonly place?: number
  readonly published?: boolean
  readonly contents?: ClusterPoint | Membership | Batch
}

const batchId = (number: number) => `batch:${number}`
const appliedId = "applied"

/**
 * A save is one document, created under the next number: so it is kept as a whole or not at all, and of two writers one finds the number
 * taken. The documents of single points and memberships follow from these batches; whoever comes next applies what a killed process left.
 *
 * A membership's external version is twice its revision, one more when it is published: so a repetition changes nothing, and publishing an
 * old revision cannot touch a newer one.
 */
export class ElasticClusters implements Clusters {
  readonly #connection: ElasticConnection
  readonly #bulk: Bulk
  readonly #index: "clusters" | "guide-clusters"

  constructor(connection: ElasticConnection, bulk: Bulk, of: "image" | "guide" = "image") {
    this.#connection = connection
    this.#bulk = bulk
    this.#index = of === "image" ? "clusters" : "guide-clusters"
  }

  async *points(): AsyncGenerator<ClusterPoint> {
    await this.#catchUp()
    yield* this.#scan<ClusterPoint>("point")
  }

  async *memberships(): AsyncGenerator<Membership> {
    await this.#catchUp()
    yield* this.#scan<Membership>("membership")
  }

  async save(points: readonly ClusterPoint[], changed: readonly Membership[]): Promise<void> {
    const newest = await this.#catchUp()
    await this.#refuseUnlessNext(changed)
    const contents: Batch = { points, changed }
    const number = newest + 1
    const document: ClusterDocument = { id: batchId(number), type: "batch", number, contents }
    try {
      await this.#connection.ask((client) =>
        client.index({
          index: this.#connection.write(this.#index),
          id: document.id,
          document,
          op_type: "create",
          require_alias: true,
        }),
      )
    } catch (error) {
      throw isConflict(error) ? overtaken("Another worker saved clusters meanwhile.") : error
    }
    await this.#apply(number, contents)
  }

  async unpublished(): Promise<Membership[]> {
    await this.#catchUp()
    return viewing(this.#connection, async (view) => {
      const query = all({ term: { type: "membership" } }, { term: { published: false } })
      const found: Membership[] = []
      for await (const page of view.pages<ClusterDocument>(this.#index, { query, sort: ["number", "place", "id"] })) {
        found.push(...page.map((hit) => hit._source!.contents as Membership))
      }
      return found
    })
  }

  async published(memberships: readonly Membership[]): Promise<void> {
    await this.#send(memberships.map((membership) => this.#membership(membership, { published: true })))
  }

  async *#scan<Item>(type: "point" | "membership"): AsyncGenerator<Item> {
    // one page in memory, and no point in time that stays open while the reader works
    for (let after = ""; ; ) {
      const page = await viewing(this.#connection, async (view) => {
        const query = all({ term: { type } }, { range: { id: { gt: after } } })
        const { hits } = await view.search<ClusterDocument>(this.#index, { size: 5000, query, sort: [{ id: "asc" }] })
        return hits.hits.map((hit) => hit._source!)
      })
      for (const document of page) yield document.contents as Item
      if (page.length < 5000) return
      after = page.at(-1)!.id
    }
  }

  async #refuseUnlessNext(changed: readonly Membership[]): Promise<void> {
    const ids = changed.map(({ fingerprint }) => `membership:${fingerprint}`)
    const stored = await this.#connection.getAll<ClusterDocument>(this.#index, ids)
    for (const [place, { fingerprint, revision }] of changed.entries()) {
      const before = (stored[place]?.document.contents as Membership | undefined)?.revision ?? 0
      if (revision === before + 1) continue
      throw overtaken(
        `Revision ${revision} of the place of ${fingerprint} does not follow the stored one: another worker was faster.`,
      )
    }
  }

  /** Applies batches that were saved and are not in the documents yet. @returns the newest batch's number, 0 where there is none */
  async #catchUp(): Promise<number> {
    const applied = (await this.#connection.get<ClusterDocument>(this.#index, appliedId))?.document.number ?? 0
    for (let number = applied + 1; ; number++) {
      const batch = await this.#connection.get<ClusterDocument>(this.#index, batchId(number))
      if (!batch) return number - 1
      const contents = batch.document.contents as Batch | undefined
      if (contents) await this.#apply(number, contents) // else somebody else has, this very moment
    }
  }

  async #apply(number: number, { points, changed }: Batch): Promise<void> {
    const index = this.#connection.write(this.#index)
    await this.#send([
      ...points.map((point): Write => {
        const id = `point:${point.fingerprint}`
        return { index, id, document: { id, type: "point", contents: point }, how: "create" }
      }),
      ...changed.map((membership, place) => this.#membership(membership, { published: false, number, place })),
    ])
    const marker: ClusterDocument = { id: appliedId, type: "applied", number }
    await this.#send([{ index, id: appliedId, document: marker, how: "index", version: number }])
    // What the batch held is in the documents now; its number stays taken.
    await this.#send([
      { index, id: batchId(number), document: { id: batchId(number), type: "batch", number }, how: "index" },
    ])
  }

  #membership(membership: Membership, state: { published: boolean; number?: number; place?: number }): Write {
    const id = `membership:${membership.fingerprint}`
    const document: ClusterDocument = { id, type: "membership", contents: membership, ...state }
    const version = membership.revision * 2 + (state.published ? 1 : 0)
    return { index: this.#connection.write(this.#index), id, document, how: "index", version }
  }

  async #send(writes: readonly Write[]): Promise<void> {
    for (const written of await this.#bulk.send(writes)) {
      if (written.state !== "failed") continue
      const error = itemError("cluster", written.failure)
      throw error.next === "never" ? away(error.message) : error
    }
  }
}

function overtaken(message: string): WatchlineError {
  return new WatchlineError("engine_unavailable", {
    message,
    remedy: "Load the clusters again; the batch is done anew.",
  })
}
