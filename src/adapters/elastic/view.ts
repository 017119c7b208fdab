import type { estypes } from "@elastic/elasticsearch"
import type { ElasticConnection, Hit, Query } from "./connection.ts"
import { isMissing } from "./elastic-errors.ts"
import type { IndexKind } from "./indices.ts"

/** How long the server keeps a point in time that nobody asks for. */
const keepAlive = "5m"
/** Documents or groups in one answer. */
export const pageSize = 1000

type Sort = readonly (string | Readonly<Record<string, "asc" | "desc">>)[]

export interface Pages {
  readonly query: Query
  /** Ends with a field that no two documents share. */
  readonly sort: Sort
  readonly source?: readonly string[] | false
  readonly size?: number
}

export interface Bucket {
  readonly key: Readonly<Record<string, string | number | null>>
  readonly count: number
  readonly aggregations: Readonly<Record<string, estypes.AggregationsAggregate>>
}

/**
 * The indices as they stood when each was first asked for: a point in time per kind, so that all pages of an answer come from one state.
 * Where the server has lost one, after a restart or a long pause, a scan goes on after its last document in the state of that moment.
 */
export class View {
  readonly #connection: ElasticConnection
  readonly #points = new Map<IndexKind, Promise<string | undefined>>()

  constructor(connection: ElasticConnection) {
    this.#connection = connection
  }

  /** Opens several kinds at once, for answers that join them. */
  async open(...kinds: readonly IndexKind[]): Promise<this> {
    await Promise.all(kinds.map((kind) => this.#point(kind)))
    return this
  }

  async search<Document>(kind: IndexKind, body: estypes.SearchRequest): Promise<estypes.SearchResponse<Document>> {
    for (let again = false; ; again = true) {
      const id = await this.#point(kind)
      if (id === undefined) return nothing
      try {
        return await this.#connection.ask((client) =>
          client.search<Document>({
            track_total_hits: false,
            allow_partial_search_results: false,
            ...body,
            pit: { id, keep_alive: keepAlive },
          }),
        )
      } catch (error) {
        if (!isMissing(error) || again) throw error
        this.#points.delete(kind)
      }
    }
  }

  /** Every document that the query finds, page after page. */
  async *pages<Document>(
    kind: IndexKind,
    { query, sort, source, size = pageSize }: Pages,
  ): AsyncGenerator<Hit<Document>[]> {
    for (let after: estypes.SortResults | undefined; ; ) {
      const { hits } = await this.search<Document>(kind, {
        size,
        query,
        sort: sort.map((field) => (typeof field === "string" ? { [field]: "asc" } : field)) as estypes.Sort,
        ...(source === undefined ? {} : { _source: source === false ? false : [...source] }),
        ...(after === undefined ? {} : { search_after: after }),
      })
      if (hits.hits.length > 0) yield hits.hits
      if (hits.hits.length < size) return
      const last = hits.hits.at(-1)!.sort!
      // The server appends its own tie-breaker, which means nothing in another point in time; ours is unique already.
      after = [...last.slice(0, sort.length), Number.MAX_SAFE_INTEGER]
    }
  }

  /** As `pages`, in memory: for what belongs to one page of something else. */
  async all<Document>(kind: IndexKind, query: Query, source?: readonly string[]): Promise<Document[]> {
    const found: Document[] = []
    const pages = this.pages<Document>(kind, { query, sort: ["id"], size: 5000, ...(source ? { source } : {}) })
    for await (const page of pages) for (const hit of page) found.push(hit._source!)
    return found
  }

  /** Every group of documents, exactly counted and in the order of `sources`, page after page. */
  async *buckets(
    kind: IndexKind,
    query: Query,
    sources: readonly Readonly<Record<string, estypes.AggregationsCompositeAggregationSource>>[],
    aggregations?: Record<string, estypes.AggregationsAggregationContainer>,
    size = pageSize,
  ): AsyncGenerator<Bucket[]> {
    for (let after: estypes.AggregationsCompositeAggregateKey | undefined; ; ) {
      const answer = await this.search(kind, {
        size: 0,
        query,
        aggregations: {
          groups: {
            composite: {
              size,
              sources: sources as NonNullable<estypes.AggregationsCompositeAggregation["sources"]>,
              ...(after ? { after } : {}),
            },
            ...(aggregations ? { aggregations } : {}),
          },
        },
      })
      const groups = answer.aggregations?.groups as estypes.AggregationsCompositeAggregate | undefined
      const buckets = (groups?.buckets ?? []) as estypes.AggregationsCompositeBucket[]
      if (buckets.length > 0) {
        yield buckets.map(({ key, doc_count, ...rest }) => ({
          key: key as Bucket["key"],
          count: doc_count,
          aggregations: rest as Bucket["aggregations"],
        }))
      }
      if (buckets.length < size) return
      after = groups!.after_key!
    }
  }

  async count(kind: IndexKind, query: Query): Promise<number> {
    const { hits } = await this.search(kind, { size: 0, query, track_total_hits: true })
    return typeof hits.total === "number" ? hits.total : (hits.total?.value ?? 0)
  }

  async close(): Promise<void> {
    const points = await Promise.allSettled(this.#points.values())
    this.#points.clear()
    for (const point of points) {
      if (point.status !== "fulfilled" || point.value === undefined) continue
      await this.#connection.client.closePointInTime({ id: point.value }).catch(() => {}) // it ends by itself
    }
  }

  #hasMonths(): Promise<boolean> {
    return this.#connection.ask((client) => client.indices.existsAlias({ name: this.#connection.read("visits") }))
  }

  #point(kind: IndexKind): Promise<string | undefined> {
    const known = this.#points.get(kind)
    if (known) return known
    const opening = this.#open(kind)
    this.#points.set(kind, opening)
    return opening
  }

  /** Undefined where a monthly kind has no index yet. */
  async #open(kind: IndexKind): Promise<string | undefined> {
    try {
      if (kind === "visits" && !(await this.#hasMonths())) return undefined
      await this.#connection.refresh(kind)
      const { id } = await this.#connection.ask((client) =>
        client.openPointInTime({ index: this.#connection.read(kind), keep_alive: keepAlive }),
      )
      return id
    } catch (error) {
      this.#points.delete(kind)
      throw error
    }
  }
}

const nothing: estypes.SearchResponse<never> = {
  took: 0,
  timed_out: false,
  _shards: { failed: 0, successful: 0, total: 0 },
  hits: { hits: [], total: 0 },
}

/** Runs a question over one view and closes it whatever happens. */
export async function viewing<Answer>(
  connection: ElasticConnection,
  ask: (view: View) => Promise<Answer>,
): Promise<Answer> {
  const view = new View(connection)
  try {
    return await ask(view)
  } finally {
    await view.close()
  }
}

/** As `viewing`, for answers that stream. */
export async function* streaming<Row>(
  connection: ElasticConnection,
  scan: (view: View) => AsyncGenerator<Row>,
): AsyncGenerator<Row> {
  const view = new View(connection)
  try {
    yield* scan(view)
  } finally {
    await view.close()
  }
}
