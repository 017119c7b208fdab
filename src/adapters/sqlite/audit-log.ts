import type { AuditEvent } from "../../model/audit-event.ts"
import { type AuditEntry, type AuditLog, eventAfter } from "../../ports/audit-log.ts"
import type { Database } from "./database.ts"

const pageSize = 500

export class SqliteAuditLog implements AuditLog {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async append(entry: AuditEntry): Promise<AuditEvent> {
    return this.#database.transaction(() => {
      const last = this.#database.get<{ sequence: number; id: string }>(
        "SELECT sequence, id FROM audit_event ORDER BY sequence DESC LIMIT 1",
      )
      const event = eventAfter(last, entry)
      this.#database.run(
        "INSERT INTO audit_event (sequence, id, json) VALUES (?, ?, ?)",
        event.sequence,
        event.id,
        JSON.stringify(event),
      )
      return event
    })
  }

  async *events(): AsyncGenerator<AuditEvent> {
    for (let after = 0; ; ) {
      const page = this.#database.all<{ sequence: number; json: string }>(
        "SELECT sequence, json FROM audit_event WHERE sequence > ? ORDER BY sequence LIMIT ?",
        after,
        pageSize,
      )
      for (const { json } of page) yield JSON.parse(json) as AuditEvent
      if (page.length < pageSize) return
      after = page.at(-1)!.sequence
    }
  }
}
