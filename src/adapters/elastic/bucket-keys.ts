import { randomInt } from "node:crypto"
import { WatchlineError } from "../../errors.ts"
import { idOf } from "../../model/record.ts"
import type { BucketKeys } from "../../ports/text-vault.ts"
import type { Bulk, Write } from "./bulk.ts"
import type { ElasticConnection } from "./connection.ts"
import { isConflict, itemError } from "./elastic-errors.ts"
import { aliasesOf, createIndex, indexName } from "./installation.ts"
import { all } from "./scope-query.ts"
import { viewing } from "./view.ts"

interface KeyDocument {
  readonly type: "live" | "destroyed"
  readonly bucket: string
  /** base64; absent when destroyed. */
  readonly key?: string
}

const keyId = (bucket: string) => idOf("text-key", bucket)

/**
 * Wrapped keys of time buckets, in an index of their own. An overwritten document stays in the index's files until Elasticsearch merges them,
 * and its history keeps it longer. So destroying a key overwrites it, moves everything to a new index, and deletes the old one with its
 * files, in one step with the change of aliases: of two processes that do so at once one is the first, the other drops its copy. Snapshots
 * must leave these indices out. What a disk keeps of files that are deleted is one reason why the keys are wrapped by another.
 */
export class ElasticBucketKeys implements BucketKeys {
  readonly #connection: ElasticConnection
  readonly #bulk: Bulk

  constructor(connection: ElasticConnection, bulk: Bulk) {
    this.#connection = connection
    this.#bulk = bulk
  }

  async getOrCreate(bucket: string, create: () => Uint8Array): Promise<Uint8Array> {
    const known = await this.#find(bucket)
    if (known) return known
    const key = Buffer.from(create())
    try {
      await this.#persistently(() => this.#write({ type: "live", bucket, key: key.toString("base64") }, true))
      return new Uint8Array(key)
    } catch (error) {
      if (!isConflict(error)) throw error
      return (await this.#find(bucket))!
    }
  }

  async get(bucket: string): Promise<Uint8Array | undefined> {
    const { key } = (await this.#read(bucket)) ?? {}
    return key === undefined ? undefined : new Uint8Array(Buffer.from(key, "base64"))
  }

  async destroy(bucket: string): Promise<void> {
    await this.#persistently(() => this.#write({ type: "destroyed", bucket }, false))
    await this.#leaveOverwritten()
  }

  async buckets(): Promise<string[]> {
    await this.#leaveOverwritten() // what a killed process left undone
    return viewing(this.#connection, async (view) => {
      const buckets: string[] = []
      const sources = [{ bucket: { terms: { field: "bucket" } } }]
      for await (const page of view.buckets("text-keys", all({ term: { type: "live" } }), sources)) {
        buckets.push(...page.map(({ key }) => key.bucket as string))
      }
      return buckets
    })
  }

  async #read(bucket: string): Promise<KeyDocument | undefined> {
    return (await this.#connection.get<KeyDocument>("text-keys", keyId(bucket)))?.document
  }

  async #find(bucket: string): Promise<Uint8Array | undefined> {
    const found = await this.#read(bucket)
    if (found?.type !== "destroyed") return this.get(bucket)
    throw new WatchlineError("text_key_destroyed", {
      message: `The key of bucket ${bucket} was destroyed; the bucket gets no other.`,
      remedy: "Seal into a bucket whose time is not over.",
    })
  }

  async #write(document: KeyDocument, create: boolean): Promise<void> {
    await this.#connection.ask((client) =>
      client.index({
        index: this.#connection.write("text-keys"),
        id: keyId(document.bucket),
        document,
        require_alias: true,
        ...(create ? { op_type: "create" } : {}),
      }),
    )
  }

  /** Another process may be moving the keys, or may have been killed while it did: then it is done here. */
  async #persistently(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (!(error instanceof WatchlineError) || error.code !== "engine_unavailable") throw error
      await this.#leaveOverwritten()
      await write()
    }
  }

  async #leaveOverwritten(): Promise<void> {
    const { client, prefix } = this.#connection
    const index = await this.#index()
    if (!(await this.#needsLeaving(index))) return
    await this.#connection.ask(() => client.indices.addBlock({ index, block: "write" }))
    const next = indexName(prefix, "text-keys", Number(`${Date.now()}${randomInt(1000)}`))
    await createIndex(this.#connection, next)
    for (const page of await this.#documents()) {
      for (const written of await this.#bulk.send(
        page.map((document): Write => ({ index: next, id: keyId(document.bucket), document, how: "create" })),
      )) {
        if (written.state === "failed") throw itemError("text-key", written.failure)
      }
    }
    const actions = Object.entries(aliasesOf(this.#connection, "text-keys")).map(([alias, more]) => ({
      add: { index: next, alias, ...more },
    }))
    try {
      await this.#connection.ask(() =>
        client.indices.updateAliases({ actions: [...actions, { remove_index: { index } }] }),
      )
    } catch (error) {
      await this.#connection.ask(() => client.indices.delete({ index: next }))
      if ((await this.#index()) === index) throw error // else another process was faster
    }
  }

  /** The index behind the alias. */
  async #index(): Promise<string> {
    const found = await this.#connection.ask((client) =>
      client.indices.getAlias({ name: this.#connection.write("text-keys") }),
    )
    return Object.keys(found)[0]!
  }

  /** Whether there are overwritten documents in its files, on any copy, or a move that was not finished. */
  async #needsLeaving(index: string): Promise<boolean> {
    await this.#connection.refresh("text-keys")
    const [stats, settings] = await Promise.all([
      this.#connection.ask((client) => client.indices.stats({ index, metric: ["docs"] })),
      this.#connection.ask((client) =>
        client.indices.getSettings({ index, name: "index.blocks.write", flat_settings: true }),
      ),
    ])
    const blocked = Object.keys(settings).length > 0
    return blocked || (stats._all.total?.docs?.deleted ?? 0) > 0
  }

  #documents(): Promise<KeyDocument[][]> {
    return viewing(this.#connection, async (view) => {
      const pages: KeyDocument[][] = []
      for await (const page of view.pages<KeyDocument>("text-keys", { query: { match_all: {} }, sort: ["bucket"] })) {
        pages.push(page.map((hit) => hit._source!))
      }
      return pages
    })
  }
}
