import { WatchlineError } from "../../errors.ts"
import type { SignedList } from "../../model/list-version.ts"
import type { ListVersions } from "../../ports/list-versions.ts"
import type { Database } from "./database.ts"

export class SqliteListVersions implements ListVersions {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async publish(signed: SignedList): Promise<void> {
    const { sequence } = signed.list
    this.#database.transaction(() => {
      const newest = this.#database.get<{ sequence: number | null }>(
        "SELECT max(sequence) AS sequence FROM list_version",
      )
      const next = (newest?.sequence ?? 0) + 1
      if (sequence !== next) {
        throw new WatchlineError("input_invalid", {
          message: `List version ${sequence} was offered where version ${next} comes next.`,
          remedy: "Build the list again on the newest version, then publish it.",
        })
      }
      this.#database.run("INSERT INTO list_version (sequence, json) VALUES (?, ?)", sequence, JSON.stringify(signed))
    })
  }

  async latest(): Promise<SignedList | undefined> {
    const row = this.#database.get<{ json: string }>("SELECT json FROM list_version ORDER BY sequence DESC LIMIT 1")
    return row && JSON.parse(row.json)
  }

  async get(sequence: number): Promise<SignedList | undefined> {
    const row = this.#database.get<{ json: string }>("SELECT json FROM list_version WHERE sequence = ?", sequence)
    return row && JSON.parse(row.json)
  }
}
