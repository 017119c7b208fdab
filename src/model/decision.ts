import Type from "typebox"
import { Id, Instant, idOf, type RecordOf, record } from "./record.ts"

export const Verdict = Type.Union([Type.Literal("confirmed"), Type.Literal("rejected"), Type.Literal("unsure")])
export type Verdict = "confirmed" | "rejected" | "unsure"

/** What one person said about a cluster. Never overwritten. Identity: cluster, person and sequence. */
export const Decision = record("decision", 1, {
  id: Id,
  /** The cluster's leader when the decision was made; it covers the cluster that holds this fingerprint, late members included. */
  cluster: Id,
  person: Type.String({ minLength: 1, maxLength: 100 }),
  /** Counts this person's decisions on this cluster, from 1. */
  sequence: Type.Integer({ minimum: 1 }),
  verdict: Verdict,
  reason: Type.Optional(Type.String({ maxLength: 2000 })),
  /** Time that the assessment took, in minutes. */
  minutes: Type.Number({ minimum: 0, maximum: 1440 }),
  at: Instant,
})
export type Decision = RecordOf<typeof Decision>

/** A second person's answer to a decision. Identity: decision and person. */
export const Approval = record("approval", 1, {
  id: Id,
  decision: Id,
  person: Type.String({ minLength: 1, maxLength: 100 }),
  approved: Type.Boolean(),
  reason: Type.Optional(Type.String({ maxLength: 2000 })),
  at: Instant,
})
export type Approval = RecordOf<typeof Approval>

export function decisionId(cluster: Id, person: string, sequence: number): Id {
  return idOf("decision", cluster, person, sequence)
}

export function approvalId(decision: Id, person: string): Id {
  return idOf("approval", decision, person)
}
