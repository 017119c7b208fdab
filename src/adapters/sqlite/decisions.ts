import type { Approval, Decision } from "../../model/decision.ts"
import type { Decisions } from "../../ports/decisions.ts"
import type { Database } from "./database.ts"

export class SqliteDecisions implements Decisions {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async decide(decision: Decision): Promise<void> {
    this.#database.run("INSERT OR IGNORE INTO decision (id, json) VALUES (?, ?)", decision.id, JSON.stringify(decision))
  }

  async approve(approval: Approval): Promise<void> {
    this.#database.run("INSERT OR IGNORE INTO approval (id, json) VALUES (?, ?)", approval.id, JSON.stringify(approval))
  }

  async decisions(): Promise<Decision[]> {
    return this.#database
      .all<{ json: string }>("SELECT json FROM decision ORDER BY sequence")
      .map(({ json }) => JSON.parse(json) as Decision)
  }

  async approvals(): Promise<Approval[]> {
    return this.#database
      .all<{ json: string }>("SELECT json FROM approval ORDER BY sequence")
      .map(({ json }) => JSON.parse(json) as Approval)
  }
}
