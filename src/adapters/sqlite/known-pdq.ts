import { randomUUID } from "node:crypto"
import { rmSync } from "node:fs"
import type { Log } from "../../log.ts"
import { readIndexFile, writeIndexFile } from "../../matching/index-file.ts"
import { matchRadius, PdqIndex } from "../../matching/pdq-index.ts"
import { type TurnedNeighbour, withinTurned } from "../../matching/turned-hash.ts"
import type { Database } from "./database.ts"

interface Stamp {
  readonly mark: string
  readonly newest: number
}

/** A file is written when so many entries had to be read beside it. */
const worthWriting = 50_000
const readAtOnce = 10_000

/**
 * The search index over the known PDQ hashes, in step with the table: entries are read as they come, in order of their sequence, which is
 * never used twice. The index only proposes; what was withdrawn in the meantime is dropped when it is hit. A large index is kept in a
 * file; the table stays the truth, and a file that is damaged or not of this table is replaced by one built from it.
 */
export class KnownPdq {
  readonly #database: Database
  readonly #path: string
  readonly #log: Log
  #index: PdqIndex | undefined
  #newest = 0

  constructor(database: Database, path: string, log: Log) {
    this.#database = database
    this.#path = path
    this.#log = log
  }

  /** Entries that are near, by their sequence, each once, with the turn of the picture at which it is nearest; to be asked within a snapshot. */
  near(pdq: string): TurnedNeighbour[] {
    return withinTurned(this.#upToDate(), pdq, matchRadius)
  }

  /** After a whole set was withdrawn its hashes shall not stay in the file: it is written anew by whoever needs it next. */
  forget(): void {
    rmSync(this.#path, { force: true })
    this.#index = undefined
    this.#newest = 0
  }

  #upToDate(): PdqIndex {
    const first = this.#index === undefined
    this.#index ??= this.#stored() ?? new PdqIndex()
    const index = this.#index
    const newest = this.#database.get<{ newest: number | null }>(
      "SELECT max(sequence) AS newest FROM known_hash",
    )!.newest
    if (newest === null || newest <= this.#newest) return index
    const before = index.size
    index.addAll(this.#entries(this.#newest, newest))
    this.#newest = newest
    if (first && index.size - before >= worthWriting) this.#store(index)
    return index
  }

  *#entries(after: number, last: number) {
    for (;;) {
      const rows = this.#database.all<{ key: number; pdq: string }>(
        `SELECT sequence AS key, value AS pdq FROM known_hash
          WHERE sequence > ? AND sequence <= ? AND algorithm = 'pdq' ORDER BY sequence LIMIT ?`,
        after,
        last,
        readAtOnce,
      )
      yield* rows
      if (rows.length < readAtOnce) return
      after = rows.at(-1)!.key
    }
  }

  #stored(): PdqIndex | undefined {
    const read = readIndexFile(this.#path)
    if ("problem" in read) {
      if (read.missing) return undefined
      this.#log.warn("the index of known hashes is built from the store again, which loses nothing", {
        because: read.problem,
      })
      return undefined
    }
    const { mark, newest } = JSON.parse(read.stamp) as Stamp
    if (!this.#database.get("SELECT 1 FROM known_index_file WHERE mark = ? AND newest = ?", mark, newest)) {
      this.#log.warn("the index of known hashes is built from the store again, which loses nothing", {
        because: "the index file belongs to another state of the store",
      })
      return undefined
    }
    const there = this.#database.get<{ count: number }>(
      "SELECT count(*) AS count FROM known_hash WHERE algorithm = 'pdq'",
    )!
    if (read.index.size > 2 * there.count) return undefined // most of it was withdrawn
    this.#newest = newest
    return read.index
  }

  /** A failure costs time at the next start and nothing else. */
  #store(index: PdqIndex): void {
    try {
      const stamp: Stamp = { mark: randomUUID(), newest: this.#newest }
      index.compact()
      writeIndexFile(this.#path, index, JSON.stringify(stamp))
      // Last, because from here on other writers wait.
      this.#database.run("INSERT INTO known_index_file (mark, newest) VALUES (?, ?)", stamp.mark, stamp.newest)
      this.#database.run("DELETE FROM known_index_file WHERE mark <> ?", stamp.mark)
    } catch (error) {
      this.#log.warn("the index file of known hashes cannot be written", {
        code: (error as NodeJS.ErrnoException).code,
      })
    }
  }
}
