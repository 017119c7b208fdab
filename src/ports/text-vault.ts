import type { PostContent, Sealed } from "../model/post.ts"

/** Who opens text, and why; both are written to the audit log before anything is opened. */
export interface Opening {
  readonly actor: string
  /** At least three characters. */
  readonly reason: string
}

/**
 * Data keys of time buckets, wrapped by the workspace key. `destroy` overwrites and deletes; a bucket whose key was destroyed stays
 * destroyed and never gets another.
 */
export interface BucketKeys {
  /** The bucket's wrapped key; `create` is called once where there is none and its result kept, also with several processes asking. */
  getOrCreate(bucket: string, create: () => Uint8Array): Promise<Uint8Array>
  get(bucket: string): Promise<Uint8Array | undefined>
  destroy(bucket: string): Promise<void>
  buckets(): Promise<string[]>
}

/**
 * Seals text and opens it again. The record's id is authenticated with the text, so that a seal cannot be moved to another record.
 *
 * Errors: `text_key_destroyed`, `sealed_text_invalid` (never), `reason_required`.
 */
export interface TextVault {
  seal(recordId: string, content: PostContent, collectedAt: number, retentionDays: number): Promise<Sealed>
  /** One audit event for the whole call. Items come in order; an item that cannot be opened is the error that says why. */
  open(items: readonly { recordId: string; sealed: Sealed }[], opening: Opening): Promise<(PostContent | Error)[]>
  /** Keyed digest (HMAC-SHA-256, hexadecimal) with the workspace's own key for `purpose`. */
  digest(purpose: "pseudonym" | "version" | "card-name" | "card-text", text: string): string
  /** Destroys the keys of all buckets whose time is over; returns their names. */
  expire(now: number): Promise<string[]>
}
