import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto"
import { WatchlineError } from "../errors.ts"
import { strictBase64 } from "../model/base64.ts"
import type { PostContent, Sealed } from "../model/post.ts"
import { type Clock, canonicalJson, type Id, idOf, instant } from "../model/record.ts"
import type { AuditLog } from "../ports/audit-log.ts"
import type { BucketKeys, Opening, TextVault } from "../ports/text-vault.ts"
import { bucketEnd, bucketOf } from "./time-bucket.ts"

export interface TextVaultParts {
  /** 32 bytes; see `readKeys`. */
  readonly workspaceKey: Uint8Array
  readonly keys: BucketKeys
  readonly audit: AuditLog
  readonly clock: Clock
  readonly random?: (size: number) => Uint8Array
}

const [nonceSize, tagSize, keySize] = [12, 16, 32]
/** A crawl seals into today's bucket of each mandate, around midnight into two. */
const cachedKeys = 4

/**
 * Seals with AES-256-GCM (NIST SP 800-38D) under the data key of a time bucket, with a random 96-bit nonce; a day's posts stay far below
 * the 2^32 that random nonces allow. Data keys rest wrapped, by AES-256-GCM too, under a key derived from the workspace key (HKDF-SHA-256,
 * RFC 5869, one info string per purpose); the bucket's name is authenticated with them, so wrapped keys cannot be exchanged.
 *
 * Opening asks the store for the data key every time and keeps none: a destroyed key is gone for every process at once. Sealing keeps a
 * few unwrapped ones; `close` and `expire` overwrite them. A bucket whose time is over opens no more, even before `expire` has run.
 */
export function openTextVault(parts: TextVaultParts): TextVault & { close(): void } {
  const { keys, audit, clock, random = randomBytes } = parts
  const derive = (purpose: string) =>
    new Uint8Array(hkdfSync("sha256", parts.workspaceKey, new Uint8Array(0), `watchline/1/${purpose}`, keySize))
  const wrapping = derive("bucket-keys")
  const digestKeys = {
    pseudonym: derive("digest/pseudonym"),
    version: derive("digest/version"),
    "card-name": derive("digest/card-name"),
    "card-text": derive("digest/card-text"),
  }
  const cache = new Map<string, Uint8Array>()
  let closed = false

  function wipeCache(keep = 0): void {
    for (const [bucket, key] of cache) {
      if (cache.size <= keep) return
      key.fill(0)
      cache.delete(bucket)
    }
  }

  function isOver(bucket: string): boolean {
    const end = bucketEnd(bucket)
    return end !== undefined && end <= clock()
  }

  /** Uses a bucket's data key at once: no other call can evict and overwrite it in between. */
  async function withSealingKey<Result>(bucket: string, use: (key: Uint8Array) => Result): Promise<Result> {
    const cached = cache.get(bucket)
    if (cached) return use(cached)
    const wrapped = await keys.getOrCreate(bucket, () => {
      const fresh = random(keySize)
      try {
        return wrap(wrapping, random(nonceSize), fresh, bucket)
      } finally {
        fresh.fill(0)
      }
    })
    refuseWhenClosed()
    const key = unwrap(wrapping, wrapped, bucket)
    if (!key) {
      throw new WatchlineError("config_invalid", {
        message: "The store's data keys were altered or wrapped with another workspace key.",
        remedy: "Put back the workspace.key that belongs to this workspace.",
      })
    }
    const result = use(key)
    if (cache.has(bucket)) key.fill(0)
    else {
      wipeCache(cachedKeys - 1)
      cache.set(bucket, key)
    }
    return result
  }

  /** A bucket's data key, or why there is none. The caller overwrites it after use. */
  async function openingKey(bucket: string): Promise<Uint8Array | WatchlineError> {
    const wrapped = isOver(bucket) ? undefined : await keys.get(bucket)
    refuseWhenClosed()
    if (wrapped === undefined) return destroyedKey(`The key of ${bucket} is destroyed.`)
    const key = unwrap(wrapping, wrapped, bucket)
    return key ?? altered("The data key was altered or wrapped with another workspace key.")
  }

  function refuseWhenClosed(): void {
    if (closed) throw new Error("The text vault was used after it was closed.")
  }

  return {
    async seal(recordId, content, collectedAt, retentionDays) {
      refuseWhenClosed()
      const bucket = bucketOf(collectedAt, retentionDays)
      if (isOver(bucket)) throw destroyedKey(`The time of ${bucket} is over: nothing can be sealed into it.`)
      return withSealingKey(bucket, (key) => {
        const nonce = random(nonceSize)
        const plain = Buffer.from(contentText(content))
        const data = encrypt(key, nonce, plain, contentContext(bucket, recordId))
        plain.fill(0)
        return { bucket, nonce: base64(nonce), data: base64(data) }
      })
    },

    async open(items, opening) {
      refuseWhenClosed()
      const { actor, reason } = checkedOpening(opening)
      const subject = idOf("opened-records", canonicalJson(items.map((item) => item.recordId)))
      await audit.append({ actor, action: "text.open", subject, reason, count: items.length, at: instant(clock()) })
      const found = new Map<string, Uint8Array | WatchlineError>()
      try {
        for (const bucket of new Set(items.map((item) => item.sealed.bucket)))
          found.set(bucket, await openingKey(bucket))
        return items.map(({ recordId, sealed }) => {
          const key = found.get(sealed.bucket)
          return key instanceof Uint8Array
            ? openOne(key, recordId, sealed)
            : (key ?? altered("The seal names no bucket."))
        })
      } finally {
        for (const key of found.values()) if (key instanceof Uint8Array) key.fill(0)
      }
    },

    digest(purpose, text) {
      refuseWhenClosed()
      return createHmac("sha256", digestKeys[purpose]).update(text, "utf8").digest("hex") satisfies Id
    },

    async expire(now) {
      refuseWhenClosed()
      wipeCache()
      const destroyed: string[] = []
      let failure: unknown
      for (const bucket of await keys.buckets()) {
        const end = bucketEnd(bucket)
        if (end === undefined || end > now) continue
        try {
          await keys.destroy(bucket)
        } catch (error) {
          failure ??= error
        }
        // a key may be gone although the store could not clear every trace of it: that is an event too, and no reason to spare the others
        if ((await keys.get(bucket)) !== undefined) continue
        destroyed.push(bucket)
        await audit.append({ actor: "watchline", action: "text.expire", subject: bucket, at: instant(now) })
      }
      if (failure !== undefined) throw failure
      return destroyed
    },

    close() {
      closed = true
      wipeCache()
      for (const key of [wrapping, ...Object.values(digestKeys)]) key.fill(0)
    },
  }
}

function checkedOpening(opening: Opening): Opening {
  const [actor, reason] = [opening.actor.trim(), opening.reason.trim()]
  if (reason.length < 3) {
    throw new WatchlineError("reason_required", {
      remedy: 'Say in a few words why the text is opened, e.g. --open "case 2026-117".',
    })
  }
  if (actor.length === 0 || actor.length > 100 || reason.length > 2000) {
    throw new WatchlineError("input_invalid", {
      message: "Who opens the text needs a name of 1 to 100 characters, the reason at most 2000.",
    })
  }
  return { actor, reason }
}

function openOne(key: Uint8Array, recordId: string, sealed: Sealed): PostContent | WatchlineError {
  const [nonce, data] = [strictBase64(sealed.nonce), strictBase64(sealed.data)]
  const plain = nonce && data && decrypt(key, nonce, data, contentContext(sealed.bucket, recordId))
  if (!plain) return altered("The text, its nonce, its bucket or its record was altered.")
  try {
    return parseContent(plain.toString("utf8")) ?? altered("The seal holds no post.")
  } finally {
    plain.fill(0)
  }
}

/** A lone surrogate cannot be written as UTF-8 or as canonical JSON; it becomes U+FFFD rather than cost the post. */
function contentText({ title, author, text }: PostContent): string {
  return canonicalJson({ title: title.toWellFormed(), author: author.toWellFormed(), text: text.toWellFormed() })
}

function parseContent(json: string): PostContent | undefined {
  const value: unknown = JSON.parse(json)
  if (typeof value !== "object" || value === null) return undefined
  if (!("title" in value && "author" in value && "text" in value)) return undefined
  const { title, author, text } = value
  if (typeof title !== "string" || typeof author !== "string" || typeof text !== "string") return undefined
  return { title, author, text }
}

function contentContext(bucket: string, recordId: string): string {
  return canonicalJson(["watchline/1/text", bucket, recordId])
}

function keyContext(bucket: string): string {
  return canonicalJson(["watchline/1/bucket-key", bucket])
}

/** Nonce, then the encrypted key and its tag: 60 bytes. */
function wrap(wrapping: Uint8Array, nonce: Uint8Array, key: Uint8Array, bucket: string): Uint8Array {
  return new Uint8Array(Buffer.concat([nonce, encrypt(wrapping, nonce, key, keyContext(bucket))]))
}

function unwrap(wrapping: Uint8Array, wrapped: Uint8Array, bucket: string): Uint8Array | undefined {
  const key = decrypt(wrapping, wrapped.subarray(0, nonceSize), wrapped.subarray(nonceSize), keyContext(bucket))
  return key?.length === keySize ? key : undefined
}

function encrypt(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, context: string): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagSize }).setAAD(Buffer.from(context))
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Undefined where anything was altered. */
function decrypt(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, context: string): Buffer | undefined {
  if (nonce.length !== nonceSize || data.length < tagSize) return undefined
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagSize }).setAAD(Buffer.from(context))
  decipher.setAuthTag(data.subarray(data.length - tagSize))
  try {
    return Buffer.concat([decipher.update(data.subarray(0, data.length - tagSize)), decipher.final()])
  } catch {
    return undefined
  }
}

function destroyedKey(message: string): WatchlineError {
  return new WatchlineError("text_key_destroyed", { message })
}

function altered(message: string): WatchlineError {
  return new WatchlineError("sealed_text_invalid", { message })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64")
}
