import { WatchlineError } from "../errors.ts"
import { AuditEvent, auditEventId } from "../model/audit-event.ts"
import type { Instant } from "../model/record.ts"

export interface AuditEntry {
  readonly actor: string
  readonly action: string
  readonly subject?: string
  readonly reason?: string
  readonly count?: number
  readonly at: Instant
}

/**
 * Append-only and hash-chained. `append` gives the event its sequence and chains it to the one before, also with several processes
 * writing. `events` reads in order; checking the chain is `verifyChain`'s work, not the store's.
 */
export interface AuditLog {
  append(entry: AuditEntry): Promise<AuditEvent>
  events(): AsyncIterable<AuditEvent>
}

/**
 * The event that an entry becomes behind the newest one of the chain; the first where there is none.
 *
 * @throws `record_invalid`
 */
export function eventAfter(last: Pick<AuditEvent, "sequence" | "id"> | undefined, entry: AuditEntry): AuditEvent {
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
