import { type Assessment, assessClusters } from "../model/assessment.ts"
import type { Decision } from "../model/decision.ts"
import type { Id, Instant } from "../model/record.ts"
import type { Decisions } from "../ports/decisions.ts"
import type { Alarm, Findings, GuideRow, Scope, Tally, TrendPoint } from "../ports/findings.ts"
import { monthScope } from "./month-scope.ts"

/** Images as posted, and unique by content. */
export interface ImageCount {
  readonly posted: number
  readonly unique: number
}

/** What people assessed of a scope's images. A decision covers the near-duplicates of its cluster, whenever they were posted. */
export interface AssessedCount extends ImageCount {
  readonly clusters: number
}

/** Guides of a scope, a text and its copies counted once. */
export interface GuideTextCount {
  readonly texts: number
  /** Posted more than once, and in more than one forum. */
  readonly reposted: number
  readonly inSeveralForums: number
  /** The most forums that one text spread to. */
  readonly mostForums: number
  /** How often a text came to a forum where it had never been, its first forum included: how guides spread. */
  readonly forumsReached: number
  /** Somebody decided on it; two agree. */
  readonly assessed: number
  readonly confirmed: number
}

/**
 * What a hotline reports for a month, or for any other scope: evidence counted, and what people said about it.
 *
 * Posts and images count in the month in which they were posted. Time counts in the month in which a decision was made.
 */
export interface MonthReport {
  /** `2026-10`; absent where the scope is no single month. */
  readonly month?: string
  readonly from?: Instant
  readonly until?: Instant
  readonly forums?: readonly string[]
  readonly posts: number
  readonly threads: number
  /** Pseudonyms; a person with two handles counts twice. */
  readonly authors: number
  readonly images: ImageCount
  /** Near-duplicate clusters among the images. */
  readonly clusters: number
  /** Set aside because the image, or a near-duplicate, is in a known-hash set. */
  readonly known: ImageCount
  /** Likely AI-generated: with a strong or conclusive signal of their own … */
  readonly generated: ImageCount
  /** … and, beside those, posted images of which only a near-duplicate carries one. */
  readonly generatedByNearDuplicate: number
  readonly signals: Tally["signals"]
  readonly generators: Tally["generators"]
  /** At least one person decided on the cluster, also "unsure". */
  readonly assessed: AssessedCount
  /** Two persons agree that it is to be listed. */
  readonly confirmed: AssessedCount
  /** People contradict each other: somebody has to talk. */
  readonly disputed: AssessedCount
  readonly analystHours: number
  /** Posts that name models, and how many models. */
  readonly modelLinks: { readonly posts: number; readonly artefacts: number }
  readonly characterPosts: number
  /** Posts that hand over a character, in a picture or in a file of its own. */
  readonly characterCardPosts: number
  /** Posts that are how-to guides … */
  readonly guides: number
  /** … and the same with copies counted once. */
  readonly guideTexts: GuideTextCount
  readonly imageErrors: Tally["imageErrors"]
  readonly alarms: readonly Alarm[]
}

export interface MonthReportParts {
  readonly findings: Pick<Findings, "tally" | "trend" | "alarms" | "clusterOf" | "sightingsOf" | "guides">
  readonly decisions: Pick<Decisions, "decisions" | "approvals">
}

/** Asks the findings and decisions for a report; nothing is stored. Errors: `usage` (no such month), `engine_unavailable`. */
export async function monthReport(
  { findings, decisions }: MonthReportParts,
  asked: { readonly month: string; readonly forums?: readonly string[] } | Scope,
): Promise<MonthReport> {
  const scope = scopeOf(asked)
  const [tally, alarms] = [await findings.tally(scope), await findings.alarms(scope)]
  const stands = await assessClusters(decisions, (fingerprint) => findings.clusterOf(fingerprint))
  return {
    ...("month" in asked ? { month: asked.month } : {}),
    ...scope,
    posts: tally.posts,
    threads: tally.threads,
    authors: tally.authors,
    images: { posted: tally.sightings, unique: tally.images },
    clusters: tally.clusters,
    known: { posted: tally.knownSightings, unique: tally.knownImages },
    generated: { posted: tally.aiSightings, unique: tally.aiImages },
    generatedByNearDuplicate: tally.aiByClusterSightings,
    signals: tally.signals,
    generators: tally.generators,
    ...(await assessedCounts(findings, stands, scope)),
    analystHours: hours(await decisionsOf(findings, await decisions.decisions(), scope)),
    modelLinks: { posts: tally.modelLinkPosts, artefacts: tally.modelArtefacts },
    characterPosts: tally.characterPosts,
    characterCardPosts: sumOf(await findings.trend("character-card", "month", "none", scope)),
    guides: tally.guidePosts,
    guideTexts: await guideTexts(findings, stands, scope),
    imageErrors: tally.imageErrors,
    alarms,
  }
}

function scopeOf(asked: { readonly month: string; readonly forums?: readonly string[] } | Scope): Scope {
  if (!("month" in asked)) return asked
  return { ...monthScope(asked.month), ...(asked.forums ? { forums: asked.forums } : {}) }
}

async function assessedCounts(
  findings: MonthReportParts["findings"],
  stands: ReadonlyMap<Id, Assessment>,
  scope: Scope,
): Promise<Pick<MonthReport, "assessed" | "confirmed" | "disputed">> {
  const counts = { assessed: counter(), confirmed: counter(), disputed: counter() }
  for (const [cluster, { state }] of stands) {
    for await (const { sha256 } of findings.sightingsOf([cluster], scope)) {
      counts.assessed.add(cluster, sha256)
      if (state === "confirmed" || state === "disputed") counts[state].add(cluster, sha256)
    }
  }
  return { assessed: counts.assessed.total(), confirmed: counts.confirmed.total(), disputed: counts.disputed.total() }
}

async function guideTexts(
  findings: MonthReportParts["findings"],
  stands: ReadonlyMap<Id, Assessment>,
  scope: Scope,
): Promise<GuideTextCount> {
  const guides = await Array.fromAsync(findings.guides(scope))
  const count = (holds: (guide: GuideRow) => boolean) => guides.filter(holds).length
  return {
    texts: guides.length,
    reposted: count(({ posts }) => posts > 1),
    inSeveralForums: count(({ forums }) => forums > 1),
    mostForums: guides.reduce((most, { forums }) => Math.max(most, forums), 0),
    forumsReached: sumOf(await findings.trend("guide-spread", "month", "none", scope)),
    assessed: count(({ id }) => stands.has(id)),
    confirmed: count(({ id }) => stands.get(id)?.state === "confirmed"),
  }
}

const sumOf = (points: readonly TrendPoint[]) => points.reduce((sum, { count }) => sum + count, 0)

function counter(): { add(cluster: Id, sha256: string): void; total(): AssessedCount } {
  const [clusters, images] = [new Set<Id>(), new Set<string>()]
  let posted = 0
  return {
    add(cluster, sha256) {
      posted += 1
      clusters.add(cluster)
      images.add(sha256)
    },
    total: () => ({ posted, unique: images.size, clusters: clusters.size }),
  }
}

/** Decisions made in the scope's time; where it names forums, those on clusters that were ever seen there. */
async function decisionsOf(
  findings: MonthReportParts["findings"],
  all: readonly Decision[],
  { from, until, forums }: Scope,
): Promise<Decision[]> {
  const within: Decision[] = []
  for (const decision of all) {
    if ((from !== undefined && decision.at < from) || (until !== undefined && decision.at >= until)) continue
    if (forums === undefined || forums.length === 0 || (await wasSeenIn(findings, decision.cluster, forums)))
      within.push(decision)
  }
  return within
}

async function wasSeenIn(
  findings: MonthReportParts["findings"],
  fingerprint: Id,
  forums: readonly string[],
): Promise<boolean> {
  const cluster = (await findings.clusterOf(fingerprint)) ?? fingerprint
  for await (const _ of findings.sightingsOf([cluster], { forums })) return true
  return false
}

/** To a hundredth of an hour. */
function hours(decisions: readonly Decision[]): number {
  return Math.round(decisions.reduce((sum, { minutes }) => sum + minutes, 0) / 0.6) / 100
}
