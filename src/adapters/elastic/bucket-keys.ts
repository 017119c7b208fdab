import { setTimeout as sleep } from "node:timers/promises"
import { WatchlineError } from "../../errors.ts"
import { idOf } from "../../model/record.ts"
import type { BucketKeys } from "../../ports/text-vault.ts"
import type { ElasticConnection } from "./connection.ts"
import { isConflict } from "./elastic-errors.ts"
import { all } from "./scope-query.ts"
import { viewing } from "./view.ts"

interface KeyDocument {
  readonly type: "live" | "destroyed"
  readonly bucket: string
  /** base64; absent when destroyed. */
  readonly key?: string
}

const keyId = (bucket: string) => idOf("text-key", bucket)

/** Looks whether the server has let go of what was overwritten. */
const looks = { count: 20, everyMs: 250 }

/**
 * Wrapped keys of time buckets, in an index of their own. Destroying one overwrites its document, writes the index to disk, which drops the
 * translog, and merges all segments into one, which leaves what was overwritten behind; the server's own count of such documents says when
 * that is true. Snapshots must leave this index out. That a disk keeps what a file system let go is one reason why the keys are wrapped.
 */
export class ElasticBucketKeys implements BucketKeys {
  readonly #connection: ElasticConnection

  constructor(connection: ElasticConnection) {
    this.#connection = connection
  }

  async getOrCreate(bucket: string, create: () => Uint8Array): Promise<Uint8Array> {
    const known = await this.#find(bucket)
    if (known) return known
    const key = Buffer.from(create())
    try {
      await this.#write({ type: "live", bucket, key: key.toString("base64") }, true)
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
    await this.#write({ type: "destroyed", bucket }, false)
    if (await this.#forgetOverwritten()) return
    throw new WatchlineError("engine_unavailable", {
      message: `The key of bucket ${bucket} is destroyed, but Elasticsearch still keeps the file that held its bytes.`,
      remedy: "Nothing to do: the next look at the buckets finishes it.",
    })
  }

  async buckets(): Promise<string[]> {
    if ((await this.#overwritten()) > 0) await this.#forgetOverwritten()
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

  async #forgetOverwritten(): Promise<boolean> {
    const index = this.#connection.write("text-keys")
    for (let look = 0; look < looks.count; look++) {
      if (look > 0) await sleep(looks.everyMs)
      await this.#connection.ask((client) => client.indices.flush({ index, force: true, wait_if_ongoing: true }))
      await this.#connection.ask((client) => client.indices.forcemerge({ index, max_num_segments: 1 }))
      await this.#connection.ask((client) => client.indices.flush({ index, force: true, wait_if_ongoing: true }))
      if ((await this.#overwritten()) === 0) return true
    }
    return false
  }

  /** Documents that were overwritten and still lie in a file, on any copy. */
  async #overwritten(): Promise<number> {
    const index = this.#connection.write("text-keys")
    await this.#connection.refresh("text-keys")
    const { _all } = await this.#connection.ask((client) => client.indices.stats({ index, metric: ["docs"] }))
    return _all.total?.docs?.deleted ?? 0
  }
}
