import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto"
import { open, readFile, rename, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { WatchlineError } from "../errors.ts"
import type { GuideKeys } from "./guide-keys.ts"

/** A word or phrase that the organisation looks for. Findings name it by its id only. */
export interface Term {
  /** Keyed digest, 16 hexadecimal digits: without the workspace's key nobody can tell which term it is, nor try one. */
  readonly id: string
  readonly text: string
}

/** The organisation's own terms, in one file that rests encrypted. */
export interface TermList {
  /** Sorted by id; empty where there is no file. Errors: `sealed_text_invalid`. */
  read(): Promise<Term[]>
  /** Adds terms; what is there already stays as it is. Returns how many were new. */
  add(texts: Iterable<string>): Promise<number>
  /** Takes terms out, by id; the file goes with the last one. Errors: `not_found` (nothing is changed). */
  remove(ids: readonly string[]): Promise<void>
}

const [nonceSize, tagSize] = [12, 16]
const context = Buffer.from("watchline/1/term-list")
const mostTerms = 20_000
const longestTerm = 200

/**
 * `terms.sealed`: nonce, then the encrypted JSON and its tag (AES-256-GCM, NIST SP 800-38D), under a key of its own derived from the
 * workspace key. A change writes a new file with a new nonce beside the old one and then takes its name.
 */
export function openTermList(folder: string, keys: GuideKeys): TermList {
  const path = join(folder, "terms.sealed")
  const idOf = (text: string) => createHmac("sha256", keys.termIds).update(text, "utf8").digest("hex").slice(0, 16)

  async function read(): Promise<Term[]> {
    const sealed = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined
      throw error
    })
    if (!sealed) return []
    const texts = JSON.parse(decrypt(sealed)) as string[]
    return texts.map((text) => ({ id: idOf(text), text })).sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  function decrypt(sealed: Buffer): string {
    const nonce = sealed.subarray(0, nonceSize)
    try {
      const decipher = createDecipheriv("aes-256-gcm", keys.termList, nonce, { authTagLength: tagSize }).setAAD(context)
      decipher.setAuthTag(sealed.subarray(-tagSize))
      const plain = Buffer.concat([decipher.update(sealed.subarray(nonceSize, -tagSize)), decipher.final()])
      const text = plain.toString("utf8")
      plain.fill(0)
      return text
    } catch (cause) {
      throw new WatchlineError("sealed_text_invalid", {
        message: `${path} was altered, or was sealed by another workspace.`,
        remedy: "Put it back from a backup, or delete it and import the terms again.",
        cause,
      })
    }
  }

  async function write(texts: readonly string[]): Promise<void> {
    if (texts.length === 0) return unlink(path)
    const nonce = randomBytes(nonceSize)
    const cipher = createCipheriv("aes-256-gcm", keys.termList, nonce, { authTagLength: tagSize }).setAAD(context)
    const plain = Buffer.from(JSON.stringify(texts))
    const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    plain.fill(0)
    const fresh = join(folder, `.terms.${randomBytes(6).toString("hex")}`)
    const file = await open(fresh, "wx", 0o600)
    try {
      await file.writeFile(sealed)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
    const parent = await open(dirname(path), "r")
    await parent.sync().finally(() => parent.close())
  }

  return {
    read,
    async add(texts) {
      const known = new Set((await read()).map(({ text }) => text))
      const before = known.size
      for (const text of texts) {
        const term = text.normalize("NFKC").trim().replace(/\s+/gu, " ").toLowerCase()
        if (term.length < 2 || term.length > longestTerm) continue
        known.add(term)
      }
      if (known.size > mostTerms) {
        throw new WatchlineError("input_invalid", {
          message: `The list would hold ${known.size} terms; at most ${mostTerms} are taken.`,
          remedy: "Leave out what other terms contain.",
        })
      }
      if (known.size > before) await write([...known])
      return known.size - before
    },
    async remove(ids) {
      const terms = await read()
      const missing = ids.find((id) => !terms.some((term) => term.id === id))
      if (missing !== undefined) {
        throw new WatchlineError("not_found", {
          message: `No term has the id ${missing}.`,
          remedy: "`watchline terms list` shows the ids.",
        })
      }
      await write(terms.filter(({ id }) => !ids.includes(id)).map(({ text }) => text))
    },
  }
}
