import type { AuditEvent } from "../model/audit-event.ts"
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
