import type { Forum } from "../../model/forum.ts"
import type { SignedMandate } from "../../model/mandate.ts"
import type { Id } from "../../model/record.ts"
import type { Forums, Mandates } from "../../ports/registry.ts"
import type { Database } from "./database.ts"

/** A mandate that is added again keeps its place and takes the new signature, so that a change of key needs no new mandate. */
export class SqliteMandates implements Mandates {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async add(id: Id, signed: SignedMandate): Promise<void> {
    this.#database.run(
      "INSERT INTO mandate (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
      id,
      JSON.stringify(signed),
    )
  }

  async get(id: Id): Promise<SignedMandate | undefined> {
    const row = this.#database.get<{ json: string }>("SELECT json FROM mandate WHERE id = ?", id)
    return row && JSON.parse(row.json)
  }

  async list(): Promise<{ id: Id; signed: SignedMandate }[]> {
    return this.#database
      .all<{ id: Id; json: string }>("SELECT id, json FROM mandate ORDER BY sequence")
      .map(({ id, json }) => ({ id, signed: JSON.parse(json) as SignedMandate }))
  }
}

export class SqliteForums implements Forums {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async put(forum: Forum): Promise<void> {
    this.#database.run(
      "INSERT INTO forum (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json",
      forum.id,
      JSON.stringify(forum),
    )
  }

  async get(id: string): Promise<Forum | undefined> {
    const row = this.#database.get<{ json: string }>("SELECT json FROM forum WHERE id = ?", id)
    return row && JSON.parse(row.json)
  }

  async list(): Promise<Forum[]> {
    return this.#database
      .all<{ json: string }>("SELECT json FROM forum ORDER BY id")
      .map(({ json }) => JSON.parse(json) as Forum)
  }
}
