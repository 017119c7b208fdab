import Type from "typebox"
import { canonicalJson, Id, Instant, idOf, type RecordOf, record } from "./record.ts"

/** Who did what, when, with which reason. Identity: digest over its fields and the event before it, so that nothing can be removed. */
export const AuditEvent = record("audit-event", 1, {
  id: Id,
  sequence: Type.Integer({ minimum: 1 }),
  previous: Type.Optional(Id),
  at: Instant,
  actor: Type.String({ minLength: 1, maxLength: 100 }),
  /** Verb and object, e.g. "text.open", "mandate.sign", "decision.approve". */
  action: Type.String({ pattern: "^[a-z-]+\\.[a-z-]+$", maxLength: 60 }),
  subject: Type.Optional(Type.String({ maxLength: 200 })),
  reason: Type.Optional(Type.String({ maxLength: 2000 })),
  count: Type.Optional(Type.Integer({ minimum: 0 })),
})
export type AuditEvent = RecordOf<typeof AuditEvent>

/** The digest that an event must carry, given all its other fields. */
export function auditEventId(event: Omit<AuditEvent, "id">): Id {
  return idOf("audit-event", canonicalJson(event))
}
