import { WatchlineError } from "../errors.ts"
import { assess, type ClusterOf, type History, newest, samePerson, standingDecisions } from "../model/assessment.ts"
import { Approval, approvalId, Decision, decisionId, type Verdict } from "../model/decision.ts"
import type { Id, Instant } from "../model/record.ts"

/**
 * The record of a person's decision.
 *
 * Errors: `not_found` (no such cluster), `input_invalid`.
 */
export function newDecision(
  history: History,
  input: {
    readonly cluster: Id
    readonly person: string
    readonly verdict: Verdict
    readonly reason?: string
    readonly minutes: number
    readonly at: Instant
  },
  clusterOf: ClusterOf,
): Decision {
  const person = input.person.trim()
  const cluster = knownCluster(input.cluster, clusterOf)
  const before = history.decisions.filter(
    (decision) => decision.cluster === cluster && samePerson(decision.person, person),
  )
  const sequence = 1 + Math.max(0, ...before.map((decision) => decision.sequence))
  return checked(Decision, { ...input, id: decisionId(cluster, person, sequence), cluster, person, sequence })
}

/**
 * The record of a second person's answer to the newest standing confirmation of a cluster by somebody else.
 *
 * Errors: `not_found` (no such cluster), `second_person_required` (all there is to answer is this person's own), `input_invalid` (nothing
 * to answer, answered already, approved already).
 */
export function newApproval(
  history: History,
  input: {
    readonly cluster: Id
    readonly person: string
    readonly approved: boolean
    readonly reason?: string
    readonly at: Instant
  },
  clusterOf: ClusterOf,
): Approval {
  const { cluster: named, ...answer } = input
  const person = input.person.trim()
  const cluster = knownCluster(named, clusterOf)
  const decisions = history.decisions.filter(
    (decision) => (clusterOf(decision.cluster) ?? decision.cluster) === cluster,
  )
  const offered = [...standingDecisions(decisions).values()].filter((decision) => decision.verdict === "confirmed")
  if (offered.length === 0) {
    throw refused(
      'Nobody\'s decision on this cluster is "confirmed", so there is nothing to approve.',
      "Decide first: `watchline decide CLUSTER`.",
    )
  }
  const decision = newest(offered.filter((offer) => !samePerson(offer.person, person)))
  if (!decision) {
    throw new WatchlineError("second_person_required", {
      message: `${person} made this decision and cannot approve it.`,
      remedy:
        "Ask somebody else to look at the cluster and run `watchline approve`. To take a decision back, decide anew.",
    })
  }
  const stands = assess({ decisions, approvals: history.approvals })
  if (input.approved && stands.state === "confirmed") {
    throw refused(
      `This cluster was approved already, by ${stands.approval.person}.`,
      "Nothing more is needed: `watchline list build` takes it up.",
    )
  }
  if (history.approvals.some((other) => other.decision === decision.id && samePerson(other.person, person))) {
    throw refused(
      `${person} has answered this decision already, and an answer is never replaced.`,
      "To say something else, make a decision of your own with `watchline decide`; the other person can then answer that one.",
    )
  }
  return checked(Approval, { ...answer, id: approvalId(decision.id, person), decision: decision.id, person })
}

function knownCluster(named: Id, clusterOf: ClusterOf): Id {
  const cluster = clusterOf(named)
  if (cluster !== undefined) return cluster
  throw new WatchlineError("not_found", {
    message: `No cluster ${named} is known.`,
    remedy: "`watchline export clusters --jsonl` lists them; if it is new, let `watchline work` catch up.",
  })
}

function checked<Value>(
  kind: { problem(value: unknown): string | undefined; readonly name: string },
  value: Value,
): Value {
  const problem = kind.problem(value)
  if (problem === undefined) return value
  throw refused(
    `The ${kind.name} is not complete: ${problem}.`,
    "Name the person, and the time it took in minutes (0 to 1440).",
  )
}

function refused(message: string, remedy: string): WatchlineError {
  return new WatchlineError("input_invalid", { message, remedy })
}
