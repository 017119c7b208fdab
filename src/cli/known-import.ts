import { createHash } from "node:crypto"
import { createWriteStream, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { WatchlineError } from "../errors.ts"
import type { KnownLine } from "../known/known-entry.ts"
import { type KnownHash, knownHashId } from "../model/known-hash.ts"
import type { Instant } from "../model/record.ts"
import type { KnownHashes } from "../ports/known-hashes.ts"

/** What is said of every entry of an import that does not say it itself. */
export interface ImportTerms {
  readonly source: string
  readonly licence?: string
  readonly expiresAt?: Instant
  readonly importedAt: Instant
}

export interface ImportSummary {
  readonly imported: number
  readonly withdrawn: number
  readonly rejected: number
  /** The first thousand. */
  readonly problems: readonly { readonly line: number; readonly problem: string }[]
  /** Line after which an interrupted import of the same file went on. */
  readonly resumedAfter?: number
}

const storedAtOnce = 1000
const reported = 1000

/**
 * Reads a set into the store, in order: what its source withdraws goes, what it says again is renewed. Every step can be repeated, so an
 * import that was killed goes on after its last stored line when it is started again, or from the beginning; the result is the same.
 *
 * @param rejectedTo a file for every rejected line: number, tab, reason; never the value
 */
export async function importKnown(options: {
  readonly known: KnownHashes
  readonly lines: AsyncIterable<KnownLine>
  readonly terms: ImportTerms
  readonly checkpoint: Checkpoint
  readonly rejectedTo?: string
}): Promise<ImportSummary> {
  const { known, terms, checkpoint } = options
  const { source } = terms
  const after = checkpoint.read()
  const problems: { line: number; problem: string }[] = []
  const rejects = options.rejectedTo === undefined ? undefined : createWriteStream(options.rejectedTo, { mode: 0o600 })
  let rejected = 0
  let imported = 0
  let withdrawn = 0
  let adds = new Map<string, KnownHash>()
  let references = new Set<string>()
  let ids = new Set<string>()

  async function store(): Promise<void> {
    const gone = { source, references: [...references], ids: [...ids] }
    if (references.size + ids.size > 0) withdrawn += await known.withdraw(gone)
    if (adds.size > 0) await known.add([...adds.values()])
    imported += adds.size
    adds = new Map()
    references = new Set()
    ids = new Set()
  }

  let current = 0
  for await (const read of options.lines) {
    if (read.line <= after) continue
    // Between two lines, never within one: a line can bring several hashes.
    if (read.line !== current && adds.size + references.size + ids.size >= storedAtOnce) {
      await store()
      checkpoint.write(current)
    }
    current = read.line
    if ("problem" in read) {
      rejected += 1
      if (problems.length < reported) problems.push({ line: read.line, problem: read.problem })
      rejects?.write(`${read.line}\t${read.problem}\n`)
    } else if ("hash" in read) {
      const { algorithm, value, reference } = read.hash
      const hash = { id: knownHashId(algorithm, value, source, reference), ...terms, ...read.hash }
      adds.set(hash.id, hash)
    } else if ("algorithm" in read.gone) {
      const id = knownHashId(read.gone.algorithm, read.gone.value, source, read.gone.reference)
      adds.delete(id)
      ids.add(id)
    } else {
      const { reference } = read.gone
      for (const [id, hash] of adds) if (hash.reference === reference) adds.delete(id)
      references.add(reference)
    }
  }
  await store()
  checkpoint.remove()
  if (rejects) await new Promise((done) => rejects.end(done))
  return { imported, withdrawn, rejected, problems, ...(after > 0 ? { resumedAfter: after } : {}) }
}

/** How far the import of one file has come; kept in the workspace until it is complete. */
export interface Checkpoint {
  /** Last line whose entries are stored; 0 at the beginning. */
  read(): number
  write(line: number): void
  remove(): void
}

/** A file that has changed in size or time is another one. @throws WatchlineError `input_invalid` if it cannot be read */
export function importCheckpoint(home: string, file: string, format: string, source: string): Checkpoint {
  let identity: string
  try {
    const { size, mtimeMs } = statSync(file)
    identity = JSON.stringify([resolve(file), size, mtimeMs, format, source])
  } catch (cause) {
    throw new WatchlineError("input_invalid", { message: `${file} cannot be read.`, cause })
  }
  const folder = join(home, "imports")
  const path = join(folder, createHash("sha256").update(identity).digest("hex").slice(0, 32))
  return {
    read() {
      try {
        const line = Number(readFileSync(path, "utf8"))
        return Number.isSafeInteger(line) && line > 0 ? line : 0
      } catch {
        return 0
      }
    },
    write(line) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      // Ten digits in one write: a number cut short would be a smaller one, which only repeats work.
      writeFileSync(path, String(line).padStart(10, "0"), { mode: 0o600 })
    },
    remove: () => rmSync(path, { force: true }),
  }
}
