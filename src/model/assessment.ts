import type { Approval, Decision, Verdict } from "./decision.ts"
import type { Id, Instant } from "./record.ts"

/** What people said, about one cluster or about all. */
export interface History {
  readonly decisions: readonly Decision[]
  readonly approvals: readonly Approval[]
}

/** The cluster that holds this fingerprint now; undefined where nobody knows it. */
export type ClusterOf = (fingerprint: Id) => Id | undefined

/** Two people's agreement that a cluster is to be listed. */
export interface Confirmed {
  readonly state: "confirmed"
  readonly decision: Decision
  readonly approval: Approval
  /** When the second of the two spoke. */
  readonly at: Instant
}

export type Assessment =
  | { readonly state: "open" | "rejected" | "disputed" }
  | { readonly state: "decided"; readonly decision: Decision }
  | Confirmed

type Says = "confirms" | "doubts" | "rejects"
interface Word {
  readonly says: Says
  readonly at: Instant
}

/**
 * Where a cluster stands, given the decisions and approvals about it in any order.
 *
 * A person's *word* is their latest act on the cluster: a decision, or an answer to somebody else's. To approve a confirmation is to
 * confirm, to refuse one is to reject; to approve a rejection is to reject; "unsure" is to doubt. Answers to one's own decision count for nothing,
 * under whatever spelling of the name. A decision *stands* until its author makes another.
 *
 * - `confirmed`: a standing "confirmed" decision was approved by another person; both of them still confirm; nobody's word rejects; and
 *   nobody began to doubt after that approval. Only this is ever listed.
 * - `disputed`: some confirm and others reject, or a doubt is newer than the approval or the rejection. It ends when those who disagree
 *   speak again.
 * - `rejected`: somebody rejects, nobody confirms. One person suffices, because it lists nothing.
 * - `decided`: confirmed by one, waits for a second.
 * - `open`: nobody has decided, or all who did are unsure.
 */
export function assess(history: History): Assessment {
  // in one order, so that records of one moment give one answer however they were read
  const decisions = history.decisions.toSorted(byId)
  const standing = standingDecisions(decisions)
  const answers = validAnswers(decisions, history.approvals.toSorted(byId))
  const words = lastWords(standing, answers)
  const said = [...words.values()]
  const last = (says: Says) => newest(said.filter((word) => word.says === says))
  const [confirms, doubts, rejects] = [last("confirms"), last("doubts"), last("rejects")]

  if (rejects) return { state: confirms || (doubts && doubts.at >= rejects.at) ? "disputed" : "rejected" }
  const stillConfirms = (person: string) => words.get(personKey(person))?.says === "confirms"
  const offered = [...standing.values()].filter((decision) => decision.verdict === "confirmed")
  const agreed = offered.flatMap((decision) =>
    answers
      .filter(
        ({ approval }) => approval.decision === decision.id && approval.approved && stillConfirms(approval.person),
      )
      .map(
        ({ approval }): Confirmed => ({ state: "confirmed", decision, approval, at: later(decision.at, approval.at) }),
      ),
  )
  const confirmed = newest(agreed)
  if (confirmed) return doubts && doubts.at >= confirmed.at ? { state: "disputed" } : confirmed
  const decision = newest(offered)
  return decision ? { state: "decided", decision } : { state: "open" }
}

/** Where every cluster stands that somebody decided on. Decisions follow their cluster through merges. */
export function assessments(history: History, clusterOf: ClusterOf): Map<Id, Assessment> {
  const clusters = Map.groupBy(history.decisions, (decision) => clusterOf(decision.cluster) ?? decision.cluster)
  const approvals = Map.groupBy(history.approvals, (approval) => approval.decision)
  const stands = new Map<Id, Assessment>()
  for (const [cluster, decisions] of clusters) {
    stands.set(cluster, assess({ decisions, approvals: decisions.flatMap(({ id }) => approvals.get(id) ?? []) }))
  }
  return stands
}

/** `assessments` from where records and clusters are kept. */
export async function assessClusters(
  kept: { decisions(): Promise<readonly Decision[]>; approvals(): Promise<readonly Approval[]> },
  clusterOf: (fingerprint: Id) => Promise<Id | undefined>,
): Promise<Map<Id, Assessment>> {
  // approvals first: one that is read must find its decision
  const approvals = await kept.approvals()
  const decisions = await kept.decisions()
  const current = new Map<Id, Id | undefined>()
  for (const { cluster } of decisions) {
    if (!current.has(cluster)) current.set(cluster, await clusterOf(cluster))
  }
  return assessments({ decisions, approvals }, (fingerprint) => current.get(fingerprint))
}

/** Two names that a person could mistake for one are one person: case, width and spaces make no second person. */
export function samePerson(one: string, other: string): boolean {
  return personKey(one) === personKey(other)
}

function personKey(person: string): string {
  return person.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase()
}

/** Each person's last decision. The sequence decides where it can, so that a clock set back brings no old decision back. */
export function standingDecisions(decisions: readonly Decision[]): Map<string, Decision> {
  const standing = new Map<string, Decision>()
  for (const [person, own] of Map.groupBy(decisions, (decision) => personKey(decision.person))) {
    const lasts = [...Map.groupBy(own, (decision) => decision.cluster).values()].map((of) =>
      of.reduce((best, next) =>
        next.sequence > best.sequence || (next.sequence === best.sequence && isNewer(next, best)) ? next : best,
      ),
    )
    standing.set(
      person,
      lasts.reduce((best, next) => (isNewer(next, best) ? next : best)),
    )
  }
  return standing
}

interface Answer {
  readonly decision: Decision
  readonly approval: Approval
}

function validAnswers(decisions: readonly Decision[], approvals: readonly Approval[]): Answer[] {
  const byId = new Map(decisions.map((decision) => [decision.id, decision]))
  return approvals.flatMap((approval) => {
    const decision = byId.get(approval.decision)
    if (!decision || samePerson(decision.person, approval.person)) return []
    const counts = decision.verdict === "confirmed" || (decision.verdict === "rejected" && approval.approved)
    return counts ? [{ decision, approval }] : []
  })
}

function lastWords(standing: ReadonlyMap<string, Decision>, answers: readonly Answer[]): Map<string, Word> {
  const words = new Map<string, Word>()
  const hear = (person: string, word: Word) => {
    const before = words.get(person)
    if (!before || isNewer(word, before)) words.set(person, word)
  }
  for (const [person, { verdict, at }] of standing) hear(person, { says: verdictSays[verdict], at })
  for (const { decision, approval } of answers)
    hear(personKey(approval.person), { says: answerSays(decision, approval), at: approval.at })
  return words
}

const verdictSays: Readonly<Record<Verdict, Says>> = { confirmed: "confirms", unsure: "doubts", rejected: "rejects" }

function answerSays({ verdict }: Decision, { approved }: Approval): Says {
  return verdict === "confirmed" && approved ? "confirms" : "rejects"
}

/** Later in time; of two at one moment, the one that keeps more off the list. */
function isNewer(
  next: { at: Instant; says?: Says; verdict?: Verdict },
  best: { at: Instant; says?: Says; verdict?: Verdict },
): boolean {
  return next.at > best.at || (next.at === best.at && caution(next) > caution(best))
}

function caution({ says, verdict }: { says?: Says; verdict?: Verdict }): number {
  const word = says ?? (verdict ? verdictSays[verdict] : "confirms")
  return { confirms: 0, doubts: 1, rejects: 2 }[word]
}

export function newest<Item extends { readonly at: Instant }>(items: readonly Item[]): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best === undefined || item.at > best.at ? item : best),
    undefined,
  )
}

function byId(one: { readonly id: Id }, other: { readonly id: Id }): number {
  return one.id < other.id ? -1 : 1
}

function later(one: Instant, other: Instant): Instant {
  return one > other ? one : other
}
