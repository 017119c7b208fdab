import type { Approval, Decision } from "../model/decision.ts"

/** What people said. Append-only: adding a record that is there already changes nothing, and nothing is ever replaced. */
export interface Decisions {
  decide(decision: Decision): Promise<void>
  approve(approval: Approval): Promise<void>
  decisions(): Promise<Decision[]>
  approvals(): Promise<Approval[]>
}
