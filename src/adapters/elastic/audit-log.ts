import { WatchlineError } from "../../errors.ts"
import { AuditEvent, auditEventId } from "../../model/audit-event.ts"
import type { AuditEntry, AuditLog } from "../../ports/audit-log.ts"
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
      const event = following(this.#head, entry)
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

function following(last: AuditEvent | undefined, entry: AuditEntry): AuditEvent {
  const { actor, action, subject, reason, count, at } = entry
  const fields = {
    sequence: (last?.sequence ?? 0) + 1,
    ...(last ? { previous: last.id } : {}),
    at,
    actor,
    action,
    ...(subject === undefined ? {} : { subject }),
    ...(reason === undefined ? {} : { reason }),
    ...(count === undefined ? {} : { count }),
  }
  const event: AuditEvent = { id: auditEventId(fields), ...fields }
  const problem = AuditEvent.problem(event)
  if (problem) throw new WatchlineError("record_invalid", { message: `audit-event ${action}: ${problem}` })
  return event
}
