import type { Approval, Decision } from "../../model/decision.ts"
import type { Decisions } from "../../ports/decisions.ts"
import type { CaseFile } from "./case-file.ts"

/** Created and never replaced; a second of the same id finds the first one there. */
export class ElasticDecisions implements Decisions {
  readonly #file: CaseFile

  constructor(file: CaseFile) {
    this.#file = file
  }

  async decide(decision: Decision): Promise<void> {
    await this.#file.create("decision", decision.id, decision)
  }

  async approve(approval: Approval): Promise<void> {
    await this.#file.create("approval", approval.id, approval)
  }

  async decisions(): Promise<Decision[]> {
    return this.#file.list("decision")
  }

  async approvals(): Promise<Approval[]> {
    return this.#file.list("approval")
  }
}
