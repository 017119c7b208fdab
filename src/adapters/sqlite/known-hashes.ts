import { WatchlineError } from "../../errors.ts"
import { matchRadius, PdqIndex } from "../../matching/pdq-index.ts"
import { type HashAlgorithm, hashDigits, type KnownHash } from "../../model/known-hash.ts"
import type { KnownHashes, KnownMatch } from "../../ports/known-hashes.ts"
import type { Database } from "./database.ts"

interface Row {
  readonly sequence: number
  readonly id: string
  readonly algorithm: HashAlgorithm
  readonly value: string
  readonly source: string
  readonly category: string | null
  readonly imported_at: string
}

interface Changes {
  readonly additions: number
  readonly withdrawals: number
}

/**
 * Digests are looked up in the file; PDQ hashes are searched in memory, loaded at the first question and kept in step with what other
 * processes add or withdraw by two counters in the file.
 */
export class SqliteKnownHashes implements KnownHashes {
  readonly #database: Database
  #pdq = new PdqIndex()
  #seen: Changes = { additions: 0, withdrawals: 0 }
  #newest = 0

  constructor(database: Database) {
    this.#database = database
  }

  async add(hashes: readonly KnownHash[]): Promise<void> {
    for (const { algorithm, value } of hashes) checkDigits(algorithm, value)
    this.#database.transaction(() => {
      for (const { id, algorithm, value, source, category, importedAt } of hashes) {
        this.#database.run(
          `INSERT INTO known_hash (id, algorithm, value, source, category, imported_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET category = excluded.category WHERE category IS NOT excluded.category`,
          id,
          algorithm,
          value,
          source,
          category ?? null,
          importedAt,
        )
      }
      this.#database.run("UPDATE known_hash_change SET additions = additions + 1")
    })
  }

  async withdraw(source: string): Promise<number> {
    return this.#database.transaction(() => {
      this.#database.run("UPDATE known_hash_change SET withdrawals = withdrawals + 1")
      return this.#database.run("DELETE FROM known_hash WHERE source = ?", source)
    })
  }

  async match(hashes: Readonly<Partial<Record<HashAlgorithm, string>>>): Promise<KnownMatch[]> {
    const asked = Object.entries(hashes) as [HashAlgorithm, string][]
    for (const [algorithm, value] of asked) checkDigits(algorithm, value)
    return this.#database.snapshot(() =>
      asked
        .flatMap(([algorithm, value]) => (algorithm === "pdq" ? this.#near(value) : this.#equal(algorithm, value)))
        .sort((a, b) => a.distance - b.distance || (a.known.id < b.known.id ? -1 : 1)),
    )
  }

  async count(): Promise<number> {
    return this.#database.get<{ count: number }>("SELECT count(*) AS count FROM known_hash")!.count
  }

  #equal(algorithm: HashAlgorithm, value: string): KnownMatch[] {
    return this.#database
      .all<Row>("SELECT * FROM known_hash WHERE value = ? AND algorithm = ?", value, algorithm)
      .map((row) => ({ known: knownHash(row), distance: 0 }))
  }

  #near(pdq: string): KnownMatch[] {
    this.#keepUp()
    return this.#pdq.within(pdq, matchRadius).map(({ key, distance }) => ({
      known: knownHash(this.#database.get<Row>("SELECT * FROM known_hash WHERE id = ?", key)!),
      distance,
    }))
  }

  #keepUp(): void {
    const now = this.#database.get<Changes>("SELECT additions, withdrawals FROM known_hash_change")!
    if (now.withdrawals !== this.#seen.withdrawals) {
      this.#pdq = new PdqIndex()
      this.#newest = 0
    } else if (now.additions === this.#seen.additions) return
    this.#database.take<{ sequence: number; id: string; value: string }>(
      "SELECT sequence, id, value FROM known_hash WHERE sequence > ? AND algorithm = 'pdq' ORDER BY sequence",
      [this.#newest],
      ({ sequence, id, value }) => {
        this.#pdq.add(id, value)
        this.#newest = sequence
        return false
      },
    )
    this.#seen = now
  }
}

function checkDigits(algorithm: HashAlgorithm, value: string): void {
  const digits = hashDigits[algorithm]
  if (digits !== undefined && value.length === digits && /^[0-9a-f]+$/.test(value)) return
  throw new WatchlineError("input_invalid", {
    message: `A ${algorithm} hash has ${digits} lower-case hexadecimal digits; this one has ${value.length} characters.`,
    remedy: "Correct the hash or leave it out.",
  })
}

function knownHash({ id, algorithm, value, source, category, imported_at: importedAt }: Row): KnownHash {
  return { id, algorithm, value, source, ...(category === null ? {} : { category }), importedAt }
}
