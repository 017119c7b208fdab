import { createHash } from "node:crypto"
import type { estypes } from "@elastic/elasticsearch"
import { WatchlineError } from "../../errors.ts"
import { canonicalJson } from "../../model/record.ts"
import type { Bulk, Write } from "./bulk.ts"
import type { ElasticConnection, Hit } from "./connection.ts"
import { itemError } from "./elastic-errors.ts"
import { declared, type IndexKind, indexKinds, single } from "./indices.ts"
import { aliasesOf, createIndex, type IndexSizing, indexName, installMissing, putTemplate } from "./installation.ts"

export interface IndexState {
  readonly kind: string
  readonly index: string
  readonly documents: number
  readonly bytes: number
  readonly shards: number
}

export interface Migration {
  readonly kind: string
  readonly from: string
  readonly to: string
  readonly documents: number
}

/** Elasticsearch's advice. */
const mostShardBytes = 50e9
const keepAlive = "5m"
const pageSize = 1000

/** What operators do with the indices themselves: make what is missing, look at them, move their documents to new ones. */
export class IndexCare {
  readonly #connection: ElasticConnection
  readonly #bulk: Bulk
  readonly #sizing: IndexSizing

  constructor(connection: ElasticConnection, bulk: Bulk, sizing: IndexSizing) {
    this.#connection = connection
    this.#bulk = bulk
    this.#sizing = sizing
  }

  /** How the cluster is, and what people should mend. */
  async inspect(): Promise<{ nodes: number; status: string; differences: string[] }> {
    const [{ number_of_nodes: nodes, status }, rows] = await Promise.all([
      this.#connection.ask((client) => client.cluster.health({})),
      this.state(),
    ])
    const differences: string[] = []
    if (status === "red") differences.push("a primary shard is missing: some findings cannot be read")
    const { replicas = 0 } = this.#sizing
    if (status === "yellow") differences.push(`copies are missing: ${replicas} are asked for on ${nodes} nodes`)
    const large = rows.filter((row) => row.bytes / row.shards > mostShardBytes).map((row) => row.index)
    if (large.length > 0) differences.push(`shards over 50 GB in ${large.join(", ")}: raise elastic.shards and migrate`)
    return { nodes, status, differences }
  }

  /** Makes what is missing, empty. */
  async install(): Promise<void> {
    await installMissing(this.#connection, this.#sizing)
  }

  async state(): Promise<IndexState[]> {
    const { prefix } = this.#connection
    const rows = await this.#connection.askAnyway((client) =>
      client.cat.indices({
        index: `${prefix}-*`,
        format: "json",
        bytes: "b",
        h: ["index", "docs.count", "store.size", "pri"],
      }),
    )
    return rows
      .flatMap((row) => {
        const kind = kindOf(prefix, row.index ?? "")
        if (kind === undefined) return []
        const [documents, bytes] = [Number(row["docs.count"] ?? 0), Number(row["store.size"] ?? 0)]
        return [{ kind, index: row.index!, documents, bytes, shards: Number(row.pri) }]
      })
      .sort((a, b) => (a.index < b.index ? -1 : 1))
  }

  /**
   * Moves the documents of a kind to a new index, made as this program declares it: blocks the old one for writing, so that workers wait,
   * copies, compares number and digest of what both hold, and swaps the aliases in the same step that deletes the old one. What fails before
   * that leaves the old index as it was. An interrupted migration is begun anew by the next one.
   *
   * Errors: `input_invalid` for a kind that there is not, `store_damaged` where the copy differs.
   */
  async migrate(kind: string, onCopied: (documents: number) => void = () => {}): Promise<Migration> {
    if (!isMovable(kind)) {
      throw new WatchlineError("input_invalid", {
        message: `There is no index "${kind}" that could be migrated.`,
        remedy: `There are ${indexKinds.filter(isMovable).join(", ")}.`,
      })
    }
    const { client, prefix } = this.#connection
    const from = await this.#indexOf(kind)
    await this.#removeDrafts(kind, from)
    const to = indexName(prefix, kind, Date.now())
    await putTemplate(this.#connection, kind, this.#sizing)
    await createIndex(this.#connection, to)
    try {
      await this.#connection.askAnyway(() => client.indices.addBlock({ index: from, block: "write" }))
      const copied = await this.#copy(from, to, single.has(kind), onCopied)
      await this.#connection.askAnyway(() => client.indices.refresh({ index: to }))
      const arrived = await this.#digest(to)
      if (copied.documents !== arrived.documents || copied.digest !== arrived.digest) {
        throw new WatchlineError("store_damaged", {
          message: `The copy of ${from} differs from it: ${arrived.documents} of ${copied.documents} documents.`,
          remedy: "The old index is untouched and in use; try again, and look into the server's log if this repeats.",
        })
      }
      const added = Object.entries(aliasesOf(this.#connection, kind)).map(([alias, more]) => ({
        add: { index: to, alias, ...more },
      }))
      await this.#connection.askAnyway(() =>
        client.indices.updateAliases({ actions: [...added, { remove_index: { index: from } }] }),
      )
      return { kind, from, to, documents: arrived.documents }
    } catch (error) {
      await Promise.allSettled([
        client.indices.delete({ index: to }),
        client.indices.putSettings({ index: from, settings: { index: { blocks: { write: false } } } }),
      ])
      throw error
    }
  }

  /** What a migration that was killed has left. */
  async #removeDrafts(kind: IndexKind, inUse: string): Promise<void> {
    const index = `${this.#connection.prefix}-${kind}-v*`
    const found = await this.#connection.askAnyway((client) => client.indices.getAlias({ index }))
    const drafts = Object.keys(found).filter((name) => name !== inUse)
    if (drafts.length > 0) await this.#connection.askAnyway((client) => client.indices.delete({ index: drafts }))
  }

  async #indexOf(kind: IndexKind): Promise<string> {
    const found = await this.#connection.askAnyway((client) =>
      client.indices.getAlias({ name: this.#connection.write(kind) }),
    )
    return Object.keys(found)[0]!
  }

  /** With their versions, so that an older revision loses against the copy as it did against the original. */
  async #copy(from: string, to: string, inOrder: boolean, onCopied: (documents: number) => void) {
    const sum = new DocumentSum()
    for await (const page of this.#pages(from, inOrder)) {
      const writes = page.map(
        ({ _id, _source, _version, _routing }): Write => ({
          index: to,
          id: _id!,
          document: _source as object,
          how: "index",
          version: _version!,
          ...(_routing === undefined ? {} : { routing: _routing as unknown as string }),
        }),
      )
      for (const written of await this.#bulk.send(writes)) {
        if (written.state === "failed") throw itemError(`a document of ${from}`, written.failure)
      }
      for (const hit of page) sum.add(hit)
      onCopied(sum.documents)
    }
    return sum
  }

  async #digest(index: string): Promise<DocumentSum> {
    const sum = new DocumentSum()
    for await (const page of this.#pages(index, false)) for (const hit of page) sum.add(hit)
    return sum
  }

  /** @param inOrder of writing: some kinds are read in it */
  async *#pages(index: string, inOrder: boolean): AsyncGenerator<Hit<unknown>[]> {
    await this.#connection.askAnyway((client) => client.indices.refresh({ index }))
    const { id } = await this.#connection.askAnyway((client) =>
      client.openPointInTime({ index, keep_alive: keepAlive }),
    )
    try {
      for (let after: estypes.SortResults | undefined; ; ) {
        const { hits } = await this.#connection.askAnyway((client) =>
          client.search<unknown>({
            pit: { id, keep_alive: keepAlive },
            size: pageSize,
            sort: [inOrder ? { _seq_no: "asc" } : { _shard_doc: "asc" }],
            version: true,
            track_total_hits: false,
            allow_partial_search_results: false,
            _source_exclude_vectors: false, // a bit vector is left out otherwise
            ...(after === undefined ? {} : { search_after: after }),
          }),
        )
        if (hits.hits.length > 0) yield hits.hits
        if (hits.hits.length < pageSize) return
        after = hits.hits.at(-1)!.sort!
      }
    } finally {
      await this.#connection.client.closePointInTime({ id }).catch(() => {}) // it ends by itself
    }
  }
}

/** Number and digest of a set of documents, whatever their order: the sum of their SHA-256. */
class DocumentSum {
  documents = 0
  #sum = 0n

  add({ _id, _version, _source }: Hit<unknown>): void {
    const digest = createHash("sha256")
      .update(canonicalJson([_id, _version, _source]))
      .digest("hex")
    this.#sum = BigInt.asUintN(256, this.#sum + BigInt(`0x${digest}`))
    this.documents += 1
  }

  get digest(): string {
    return this.#sum.toString(16)
  }
}

/** Months of visits stay as they were written; text keys move whenever one is destroyed. */
function isMovable(kind: string): kind is IndexKind {
  return indexKinds.some((known) => known === kind && !declared(known).monthly && known !== "text-keys")
}

function kindOf(prefix: string, index: string): IndexKind | undefined {
  return indexKinds.find((kind) => index.startsWith(`${prefix}-${kind}-v`))
}
