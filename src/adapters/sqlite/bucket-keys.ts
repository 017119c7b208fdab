import { WatchlineError } from "../../errors.ts"
import type { BucketKeys } from "../../ports/text-vault.ts"
import type { Database } from "./database.ts"

/** What has become of a key. Between the two last, old bytes may be left in the write-ahead log. */
const [live, overwritten, gone] = [0, 1, 2]

/**
 * Wrapped keys of time buckets. Destroying one overwrites it, checkpoints the write-ahead log into the file and cuts the log to nothing, so
 * that no file of the store holds the key any more. What a file system or a flash disk keeps of blocks it has let go is beyond a program; that is
 * one reason why these keys are wrapped by another.
 */
export class SqliteBucketKeys implements BucketKeys {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async getOrCreate(bucket: string, create: () => Uint8Array): Promise<Uint8Array> {
    return this.#find(bucket) ?? this.#database.transaction(() => this.#find(bucket) ?? this.#add(bucket, create()))
  }

  async get(bucket: string): Promise<Uint8Array | undefined> {
    return this.#row(bucket)?.key ?? undefined
  }

  async destroy(bucket: string): Promise<void> {
    this.#database.run(
      `INSERT INTO bucket_key (bucket, state) VALUES (?1, ${overwritten})
        ON CONFLICT DO UPDATE SET key = zeroblob(length(key)), state = ${overwritten}`,
      bucket,
    )
    this.#database.run("UPDATE bucket_key SET key = NULL WHERE bucket = ?", bucket)
    if (this.#emptyLog()) return
    throw new WatchlineError("engine_unavailable", {
      message: `The key of bucket ${bucket} is destroyed, but a reader keeps the write-ahead log that still holds its bytes.`,
      remedy:
        "Nothing to do: the next look at the buckets finishes it. Look for a Watchline process that hangs if this repeats.",
    })
  }

  async buckets(): Promise<string[]> {
    const unfinished = this.#database.get("SELECT 1 FROM bucket_key WHERE state = ?", overwritten)
    if (unfinished) this.#emptyLog()
    return this.#database
      .all<{ bucket: string }>("SELECT bucket FROM bucket_key WHERE state = ? ORDER BY bucket", live)
      .map((row) => row.bucket)
  }

  #emptyLog(): boolean {
    const emptied = this.#database.truncateLog()
    if (emptied) this.#database.run("UPDATE bucket_key SET state = ? WHERE state = ?", gone, overwritten)
    return emptied
  }

  #row(bucket: string): { key: Uint8Array | null; state: number } | undefined {
    return this.#database.get("SELECT key, state FROM bucket_key WHERE bucket = ?", bucket)
  }

  #find(bucket: string): Uint8Array | undefined {
    const row = this.#row(bucket)
    if (!row) return undefined
    if (row.state === live && row.key) return row.key
    throw new WatchlineError("text_key_destroyed", {
      message: `The key of bucket ${bucket} was destroyed; the bucket gets no other.`,
      remedy: "Seal into a bucket whose time is not over.",
    })
  }

  #add(bucket: string, key: Uint8Array): Uint8Array {
    this.#database.run("INSERT INTO bucket_key (bucket, key) VALUES (?, ?)", bucket, key)
    return key
  }
}
