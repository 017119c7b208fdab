import { setTimeout as sleep } from "node:timers/promises"
import { WatchlineError } from "../../errors.ts"
import { canonicalJson } from "../../model/record.ts"
import { type ElasticConnection, once } from "./connection.ts"
import { isConflict } from "./elastic-errors.ts"
import { all } from "./scope-query.ts"
import { pageSize, viewing } from "./view.ts"

export type CaseRecord = "mandate" | "forum" | "decision" | "approval" | "list-version" | "audit-event"

interface CaseDocument {
  readonly type: CaseRecord
  /** The record's own number; 0 for records that have none. */
  readonly sequence: number
  readonly record: object
}

/** Tries of a write whose answer did not come. */
const mostTries = 4

/**
 * Records that people make, in one index of one shard. A write whose answer did not come is made again: a document that is there then and
 * says the same is one's own.
 */
export class CaseFile {
  readonly #connection: ElasticConnection

  constructor(connection: ElasticConnection) {
    this.#connection = connection
  }

  /** Replaces what is there. */
  async put(type: CaseRecord, id: string, record: object): Promise<void> {
    await this.#persistently(() =>
      this.#connection.client.index({
        index: this.#connection.write("case-file"),
        id: `${type}:${id}`,
        document: caseDocument(type, record),
        require_alias: true,
      }),
    )
  }

  /** @returns false where another record of that id is there already; nothing was changed then */
  async create(type: CaseRecord, id: string, record: object, sequence?: number): Promise<boolean> {
    const document = caseDocument(type, record, sequence)
    const created = await this.#persistently((again) =>
      this.#connection.client
        .index(
          {
            index: this.#connection.write("case-file"),
            id: `${type}:${id}`,
            document,
            op_type: "create",
            require_alias: true,
          },
          once,
        )
        .then(
          () => true,
          async (error: unknown) => {
            if (!isConflict(error)) throw error
            if (!again) return false
            const there = await this.get(type, id)
            return there !== undefined && canonicalJson(there) === canonicalJson(record)
          },
        ),
    )
    return created
  }

  async get<Item>(type: CaseRecord, id: string): Promise<Item | undefined> {
    return (await this.#connection.get<CaseDocument>("case-file", `${type}:${id}`))?.document.record as Item | undefined
  }

  /** In order. */
  async list<Item>(type: CaseRecord): Promise<Item[]> {
    return (await Array.fromAsync(this.pages<Item>(type))).flat()
  }

  async *pages<Item>(type: CaseRecord): AsyncGenerator<Item[]> {
    await this.#connection.refresh("case-file")
    let after: [number, number] | undefined
    for (;;) {
      const { hits } = await this.#connection.ask((client) =>
        client.search<CaseDocument>({
          index: this.#connection.read("case-file"),
          size: pageSize,
          query: all({ term: { type } }),
          // by the number, then by the order of writing; one shard has one such order
          sort: [{ sequence: "asc" }, { _seq_no: "asc" }],
          allow_partial_search_results: false,
          track_total_hits: false,
          ...(after === undefined ? {} : { search_after: after }),
        }),
      )
      if (hits.hits.length > 0) yield hits.hits.map((hit) => hit._source!.record as Item)
      if (hits.hits.length < pageSize) return
      after = hits.hits.at(-1)!.sort as [number, number]
    }
  }

  async last<Item>(type: CaseRecord): Promise<Item | undefined> {
    return viewing(this.#connection, async (view) => {
      const { hits } = await view.search<CaseDocument>("case-file", {
        size: 1,
        query: all({ term: { type } }),
        sort: [{ sequence: "desc" }],
      })
      return hits.hits[0]?._source?.record as Item | undefined
    })
  }

  async #persistently<Answer>(write: (again: boolean) => Promise<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#connection.ask(() => write(tries > 1))
      } catch (error) {
        const passes = error instanceof WatchlineError && error.code === "engine_unavailable"
        if (!passes || tries === mostTries) throw error
        await sleep(100 * 2 ** tries)
      }
    }
  }
}

function caseDocument(type: CaseRecord, record: object, sequence = 0): CaseDocument {
  return { type, sequence, record }
}
