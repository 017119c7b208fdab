import { dirname, join } from "node:path"
import { WatchlineError } from "../../errors.ts"
import type { Log } from "../../log.ts"
import { type HashAlgorithm, hashDigits, type KnownHash } from "../../model/known-hash.ts"
import { type Clock, instant } from "../../model/record.ts"
import type { KnownHashes, KnownMatch, WithdrawnEntries } from "../../ports/known-hashes.ts"
import type { Database } from "./database.ts"
import { KnownPdq } from "./known-pdq.ts"

interface Row {
  readonly id: string
  readonly algorithm: HashAlgorithm
  readonly value: string
  readonly source: string
  readonly reference: string | null
  readonly category: string | null
  readonly licence: string | null
  readonly expires_at: string | null
  readonly imported_at: string
}

/** Everything but PDQ is looked up in the file; PDQ hashes are searched in memory. */
export class SqliteKnownHashes implements KnownHashes {
  readonly #database: Database
  readonly #pdq: KnownPdq
  readonly #clock: Clock

  constructor(database: Database, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#database = database
    this.#pdq = new KnownPdq(database, join(dirname(database.path), "known-pdq.index"), log)
    this.#clock = clock
  }

  async add(hashes: readonly KnownHash[]): Promise<void> {
    for (const { algorithm, value } of hashes) checkDigits(algorithm, value)
    this.#database.transaction(() => {
      for (const hash of hashes) {
        this.#database.run(
          `INSERT INTO known_hash (id, algorithm, value, source, reference, category, licence, expires_at, imported_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET category = excluded.category, licence = excluded.licence, expires_at = excluded.expires_at
            WHERE (category, licence, expires_at) IS NOT (excluded.category, excluded.licence, excluded.expires_at)`,
          hash.id,
          hash.algorithm,
          hash.value,
          hash.source,
          hash.reference ?? null,
          hash.category ?? null,
          hash.licence ?? null,
          hash.expiresAt ?? null,
          hash.importedAt,
        )
      }
    })
  }

  async withdraw({ source, references, ids }: WithdrawnEntries): Promise<number> {
    if (!references && !ids) {
      const withdrawn = this.#database.run("DELETE FROM known_hash WHERE source = ?", source)
      if (withdrawn > 0) this.#pdq.forget()
      return withdrawn
    }
    return this.#database.transaction(() => {
      let withdrawn = 0
      for (const reference of references ?? []) {
        withdrawn += this.#database.run("DELETE FROM known_hash WHERE source = ? AND reference = ?", source, reference)
      }
      for (const id of ids ?? []) {
        withdrawn += this.#database.run("DELETE FROM known_hash WHERE id = ? AND source = ?", id, source)
      }
      return withdrawn
    })
  }

  async match(hashes: Readonly<Partial<Record<HashAlgorithm, string>>>): Promise<KnownMatch[]> {
    const asked = Object.entries(hashes) as [HashAlgorithm, string][]
    for (const [algorithm, value] of asked) checkDigits(algorithm, value)
    const now = instant(this.#clock())
    return this.#database.snapshot(() =>
      asked
        .flatMap(([algorithm, value]) => (algorithm === "pdq" ? this.#near(value) : this.#equal(algorithm, value)))
        .filter(({ known: { expiresAt } }) => expiresAt === undefined || expiresAt > now)
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
    return this.#pdq.near(pdq).flatMap(({ key: sequence, ...near }) => {
      const row = this.#database.get<Row>("SELECT * FROM known_hash WHERE sequence = ?", sequence)
      return row ? [{ known: knownHash(row), ...near }] : []
    })
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

function knownHash(row: Row): KnownHash {
  const { id, algorithm, value, source, reference, category, licence, expires_at: expiresAt } = row
  return {
    id,
    algorithm,
    value,
    source,
    ...(reference === null ? {} : { reference }),
    ...(category === null ? {} : { category }),
    ...(licence === null ? {} : { licence }),
    ...(expiresAt === null ? {} : { expiresAt }),
    importedAt: row.imported_at,
  }
}
