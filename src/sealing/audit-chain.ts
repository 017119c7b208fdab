import { AuditEvent, auditEventId } from "../model/audit-event.ts"
import type { Id } from "../model/record.ts"

/** An event that somebody wrote down elsewhere. The chain alone cannot show that its newest events were cut off; this can. */
export interface AuditAnchor {
  readonly sequence: number
  readonly id: Id
}

export type ChainVerdict =
  | { readonly ok: true; readonly count: number; readonly head?: Id }
  | { readonly ok: false; readonly at: number; readonly why: string }

/**
 * Reads the audit log from its start: every event carries the digest of its fields, its place in the sequence and the digest of the event
 * before it. So a changed, removed, inserted or moved event shows at the first place that does not fit.
 *
 * `at` is the sequence that was expected there. An empty log is a whole chain without a head.
 */
export async function verifyChain(events: AsyncIterable<AuditEvent>, anchor?: AuditAnchor): Promise<ChainVerdict> {
  let count = 0
  let head: Id | undefined
  for await (const event of events) {
    const at = count + 1
    const why = linkProblem(event, at, head)
    if (why !== undefined) return { ok: false, at, why }
    if (anchor?.sequence === at && anchor.id !== event.id)
      return { ok: false, at, why: "This is not the event that was written down." }
    head = event.id
    count = at
  }
  if (anchor !== undefined && anchor.sequence > count) {
    return { ok: false, at: count + 1, why: `The log ends before event ${anchor.sequence}, which was written down.` }
  }
  return { ok: true, count, ...(head === undefined ? {} : { head }) }
}

function linkProblem(event: AuditEvent, expected: number, head: Id | undefined): string | undefined {
  const problem = AuditEvent.problem(event)
  if (problem !== undefined) return `The event does not match its schema: ${problem}.`
  if (event.sequence !== expected) return `Event ${event.sequence} stands where event ${expected} belongs.`
  if (event.previous !== head) return "The event does not follow the one before it."
  const { id, ...fields } = event
  if (id !== auditEventId(fields)) return "The event's fields were changed after it was written."
  return undefined
}
