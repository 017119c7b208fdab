import { type AuditEvent, auditEventId } from "../../src/model/audit-event.ts"
import type { AuditLog } from "../../src/ports/audit-log.ts"

/** A true audit log in memory, open to a test's inspection. */
export function memoryAuditLog(): AuditLog & { readonly written: AuditEvent[] } {
  const written: AuditEvent[] = []
  return {
    written,
    async append(entry) {
      const previous = written.at(-1)
      const fields = { ...entry, sequence: written.length + 1, ...(previous ? { previous: previous.id } : {}) }
      const event = { ...fields, id: auditEventId(fields) }
      written.push(event)
      return event
    },
    async *events() {
      yield* written
    },
  }
}
