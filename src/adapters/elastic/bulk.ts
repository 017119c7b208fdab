import { setTimeout as sleep } from "node:timers/promises"
import type { ElasticConnection, Position } from "./connection.ts"
import { away, type ItemFailure } from "./elastic-errors.ts"

/** One write. `create` refuses a document that is there; `version` and `at` refuse to replace a newer one. */
export interface Write {
  readonly index: string
  readonly id: string
  readonly document?: object
  readonly routing?: string
  readonly how: "create" | "index" | "delete"
  /** External version: only a higher one replaces. */
  readonly version?: number
  /** Only if the document still stands where it was read. */
  readonly at?: Position
}

/** What became of one write. `kept`: the document that is there was not to be replaced. */
export type Written =
  | { readonly state: "written" | "kept" }
  | { readonly state: "failed"; readonly failure: ItemFailure }

/** What a bulk request did, for measurements and tests. */
export interface BulkTally {
  readonly written: number
  /** Writes of documents that were there already, or newer. */
  readonly kept: number
  /** Writes that the server was too busy for; they were sent again. */
  readonly throttled: number
  readonly failed: number
}

export interface BulkOptions {
  /** 0 to below 1, for jitter. */
  readonly random: () => number
  /** Body of one request; 5 MiB. Elasticsearch advises 5 to 15. */
  readonly mostBytes?: number
  /** Times that throttled writes are sent again before the server counts as away; 7, which is about 13 s. */
  readonly rounds?: number
  readonly onBulk?: (tally: BulkTally) => void
}

const backOff = { firstMs: 100, mostMs: 5000 }

/**
 * Sends writes in order, in requests of a bounded size, and answers for every one. What the server is too busy for (429) is sent again
 * after a growing, jittered pause.
 *
 * Errors: `engine_unavailable` (nothing is known of the writes: repeat them all), and what `elasticError` says of the whole request.
 */
export class Bulk {
  readonly #connection: ElasticConnection
  readonly #options: BulkOptions

  constructor(connection: ElasticConnection, options: BulkOptions) {
    this.#connection = connection
    this.#options = options
  }

  async send(writes: readonly Write[], refresh = false): Promise<Written[]> {
    const results = new Array<Written>(writes.length)
    let left = writes.map((write, place) => ({ write, place }))
    for (let round = 0; left.length > 0; round++) {
      const busy: typeof left = []
      for (const chunk of chunks(left, this.#options.mostBytes ?? 5 * 1024 * 1024)) {
        const answers = await this.#request(chunk.lines, refresh)
        const tally = { written: 0, kept: 0, throttled: 0, failed: 0 }
        for (const [index, item] of chunk.items.entries()) {
          const answer = answers[index]!
          if (isBusy(answer)) {
            busy.push(item)
            tally.throttled += 1
          } else {
            results[item.place] = answer
            tally[answer.state] += 1
          }
        }
        this.#options.onBulk?.(tally)
      }
      left = busy
      if (left.length === 0) break
      if (round >= (this.#options.rounds ?? 7)) throw away("it is too busy")
      const pause = Math.min(backOff.mostMs, backOff.firstMs * 2 ** round)
      await sleep(pause * (0.5 + this.#options.random()))
    }
    return results
  }

  async #request(operations: string[], refresh: boolean): Promise<Written[]> {
    const { items } = await this.#connection.ask((client) =>
      client.bulk({
        operations,
        ...(refresh ? { refresh: true } : {}),
        filter_path: ["items.*.status", "items.*.error.type", "items.*.error.reason"],
      }),
    )
    return items.map((item) => {
      const { status, error } = Object.values(item)[0]!
      if (status < 300) return { state: "written" }
      if (status === 409) return { state: "kept" }
      return { state: "failed", failure: { status, type: error?.type ?? "", reason: error?.reason ?? "" } }
    })
  }
}

/** Not a full disk, which answers 429 too but is not over in seconds. */
function isBusy(answer: Written): boolean {
  return answer.state === "failed" && answer.failure.status === 429 && answer.failure.type !== "cluster_block_exception"
}

function* chunks<Item extends { readonly write: Write }>(items: readonly Item[], mostBytes: number) {
  let chunk: { items: Item[]; lines: string[] } = { items: [], lines: [] }
  let bytes = 0
  for (const item of items) {
    const lines = linesOf(item.write)
    const size = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
    if (chunk.items.length > 0 && bytes + size > mostBytes) {
      yield chunk
      chunk = { items: [], lines: [] }
      bytes = 0
    }
    chunk.items.push(item)
    chunk.lines.push(...lines)
    bytes += size
  }
  if (chunk.items.length > 0) yield chunk
}

const isAlias = (index: string) => index.endsWith("-write")

function linesOf({ index, id, document, routing, how, version, at }: Write): string[] {
  const action = {
    [how]: {
      _index: index,
      _id: id,
      ...(isAlias(index) ? { require_alias: true } : {}), // a missing index is an error, never made in passing
      ...(routing === undefined ? {} : { routing }),
      ...(version === undefined ? {} : { version, version_type: "external" }),
      ...(at === undefined ? {} : { if_seq_no: at.seqNo, if_primary_term: at.term }),
    },
  }
  return how === "delete" ? [JSON.stringify(action)] : [JSON.stringify(action), JSON.stringify(document)]
}
