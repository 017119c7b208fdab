import { WatchlineError } from "../../src/errors.ts"
import type { BucketKeys } from "../../src/ports/text-vault.ts"

/** A true key store in memory; `stored` lets a test look at what rests there, and alter it. */
export function memoryBucketKeys(): BucketKeys & { readonly stored: Map<string, Uint8Array | "destroyed"> } {
  const stored = new Map<string, Uint8Array | "destroyed">()
  return {
    stored,
    async getOrCreate(bucket, create) {
      const found = stored.get(bucket) ?? create()
      if (found === "destroyed") throw new WatchlineError("text_key_destroyed")
      stored.set(bucket, found)
      return found
    },
    async get(bucket) {
      const found = stored.get(bucket)
      return found === "destroyed" ? undefined : found
    },
    async destroy(bucket) {
      const found = stored.get(bucket)
      if (found instanceof Uint8Array) found.fill(0)
      stored.set(bucket, "destroyed")
    },
    async buckets() {
      return [...stored].filter(([, key]) => key !== "destroyed").map(([bucket]) => bucket)
    },
  }
}
