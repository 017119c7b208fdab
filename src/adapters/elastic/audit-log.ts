import type { AuditEvent } from "../../model/audit-event.ts"
import { type AuditEntry, type AuditLog, eventAfter } from "../../ports/audit-log.ts"
import type { CaseFile } from "./case-file.ts"

/**
 * One document for each event, created under its number: of two writers at the same link of the chain one finds the number taken, reads
 * what stands there and goes on behind it.
 */
export class ElasticAuditLog implements AuditLog {
  readonly #file: CaseFile
  /** The newest event that this process knows of. */
  #head: AuditEvent | undefined

  constructor(file: CaseFile) {
    this.#file = file
  }

  async append(entry: AuditEntry): Promise<AuditEvent> {
    this.#head ??= await this.#file.last<AuditEvent>("audit-event")
    for (;;) {
      const event = eventAfter(this.#head, entry)
      const created = await this.#file.create("audit-event", String(event.sequence), event, event.sequence)
      const taken = created ? event : await this.#file.get<AuditEvent>("audit-event", String(event.sequence))
      if (taken) this.#head = taken
      if (created) return event
    }
  }

  async *events(): AsyncGenerator<AuditEvent> {
    for await (const page of this.#file.pages<AuditEvent>("audit-event")) yield* page
  }
}
