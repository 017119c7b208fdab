import type { WatchlineError } from "../errors.ts"
import type { Attachment } from "../model/attachment.ts"
import type { Membership } from "../model/cluster.ts"
import type { Finding, FindingKind } from "../model/finding.ts"
import type { Fingerprint } from "../model/fingerprint.ts"
import type { Post } from "../model/post.ts"
import type { Id, Instant } from "../model/record.ts"
import type { Sighting } from "../model/sighting.ts"
import type { Visit } from "../model/visit.ts"

/** A record as the index takes it. */
export type Indexed =
  | { readonly kind: "post"; readonly record: Post }
  | { readonly kind: "fingerprint"; readonly record: Fingerprint }
  | { readonly kind: "sighting"; readonly record: Sighting }
  | { readonly kind: "membership"; readonly record: Membership }
  | { readonly kind: "finding"; readonly record: Finding }
  | { readonly kind: "attachment"; readonly record: Attachment }
  | { readonly kind: "visit"; readonly record: Visit }

/**
 * Writing to the index.
 *
 * - Every record is an upsert by its id; repeating a write changes nothing. The first `seenAt` of a record stays; a membership replaces
 *   one of a lower revision and is ignored beside a higher one; a post keeps every version that was seen.
 * - The answer has one item per record, in order: undefined where it is durable, else why not. One bad record spoils no other.
 *
 * Errors: `engine_unavailable`, `disk_full` (later; nothing of the batch counts as written).
 */
export interface FindingsWriter {
  put(records: readonly Indexed[]): Promise<(WatchlineError | undefined)[]>
}

/**
 * Restricts a question to posts of a period, `from` included and `until` not, by the time of posting, else of seeing, and to forums.
 * Empty: everything. Where a record is none of a forum itself, its post's or sightings' time and place count.
 */
export interface Scope {
  readonly from?: Instant
  readonly until?: Instant
  readonly forums?: readonly string[]
}

/** Counts of a scope. Sightings are images as posted; images are unique by content. */
export interface Tally {
  readonly posts: number
  readonly threads: number
  readonly authors: number
  readonly sightings: number
  readonly images: number
  readonly clusters: number
  /** Sightings whose image or cluster matches a known hash. */
  readonly knownSightings: number
  readonly knownImages: number
  /** Sightings with a finding of strength strong or better of their own. */
  readonly aiSightings: number
  readonly aiImages: number
  /** Sightings without one whose cluster has one: re-encoded reposts. */
  readonly aiByClusterSightings: number
  /** Sightings per signal family, all strengths. */
  readonly signals: readonly {
    readonly family: string
    readonly strength: string
    readonly sightings: number
    readonly images: number
  }[]
  readonly generators: readonly { readonly generator: string; readonly sightings: number }[]
  readonly modelLinkPosts: number
  readonly modelArtefacts: number
  readonly characterPosts: number
  readonly guidePosts: number
  readonly imageErrors: readonly { readonly error: string; readonly images: number }[]
}

export interface Alarm {
  readonly forum: string
  readonly url: string
  readonly at: Instant
  readonly alarm: string
}

export interface ImageRow {
  readonly fingerprint: Fingerprint
  readonly cluster?: Id
  readonly sightings: number
  readonly known: boolean
}

export interface ClusterRow {
  readonly id: Id
  readonly members: readonly Id[]
  readonly sightings: number
  readonly known: boolean
  /** Strongest strength of any member's own signals. */
  readonly strength?: string
  readonly generators: readonly string[]
  readonly firstSeen: Instant
}

export interface ArtefactRow {
  readonly id: string
  readonly kind: string
  readonly platform: string
  readonly posts: number
  readonly threads: number
  readonly forums: number
  readonly authors: number
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

/** A guide with its copies: one text, wherever it was posted. */
export interface GuideRow {
  /** The cluster; the post's own id where it is not clustered yet. */
  readonly id: Id
  readonly posts: number
  readonly threads: number
  /** How many forums it spread to. */
  readonly forums: number
  readonly authors: number
  /** The highest of its posts. */
  readonly score: number
  /** Of its posts, ISO 639; several where a text was posted in parts. */
  readonly languages: readonly string[]
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

export interface PostRow extends Post {
  readonly pictures: readonly { readonly url: string; readonly sha256?: string }[]
}

export interface SearchHit {
  readonly finding: Finding
  /** Where it stands: address of the post or of a post with the image. */
  readonly url?: string
  /** The finding's own words that the question met, to be highlighted; none where its place alone did. */
  readonly matched: readonly string[]
}

export const trendMetrics = [
  "posts", "sightings", "images", "ai-image", "known-image", "model-link", "character-link",
  "character-card", "guide", "guide-spread",
] as const // biome-ignore format: one list
export type TrendMetric = (typeof trendMetrics)[number]
export const trendSplits = ["none", "forum", "generator", "artefact", "family", "guide"] as const
export type TrendSplit = (typeof trendSplits)[number]
export const trendIntervals = ["month", "week", "day"] as const
export type TrendInterval = (typeof trendIntervals)[number]

export interface TrendPoint {
  /** Start of the interval, `YYYY-MM` or `YYYY-MM-DD`. */
  readonly bucket: string
  readonly group: string
  readonly count: number
}

/**
 * Reading the index: the questions that analysts ask. Pure reads; they see all that `put` has answered for.
 * Scans are ordered by record id, or by forum, thread and time for posts, and stream: they hold one page at a time.
 *
 * Errors: `engine_unavailable` (later), `not_found`, `input_invalid`.
 */
export interface Findings {
  tally(scope: Scope): Promise<Tally>
  /**
   * Counts over time; an interval is that of posting, else of seeing, and one without anything has no point.
   *
   * - "posts" and findings about posts count posts; "sightings" and findings about images count sightings, "images" unique content within
   *   each interval. An image is an "ai-image" where a signal of its own is strong or conclusive.
   * - "character-card" counts posts that hand over a character, in a picture or in a file of its own.
   * - "guide-spread" counts forums that a guide reached: a text and its copies once in each forum, when it stood there first, whatever the
   *   scope's time leaves out of what came later. Summed over all time and split by "guide" it is how many forums each text stands in.
   * - Not every metric has every split: `input_invalid` says which there are.
   */
  trend(metric: TrendMetric, interval: TrendInterval, split: TrendSplit, scope: Scope): Promise<TrendPoint[]>
  alarms(scope: Scope): Promise<Alarm[]>
  search(text: string, limit: number): Promise<SearchHit[]>
  posts(scope: Scope): AsyncIterable<PostRow>
  images(scope: Scope): AsyncIterable<ImageRow>
  findings(scope: Scope, kind?: FindingKind): AsyncIterable<Finding>
  clusters(scope: Scope): AsyncIterable<ClusterRow>
  artefacts(scope: Scope): AsyncIterable<ArtefactRow>
  attachments(scope: Scope): AsyncIterable<Attachment>
  /** Posts of the scope that are guides, by cluster of copies. Such a cluster is none of `clusters`, but `clusterOf` and `findCluster` know it. */
  guides(scope: Scope): AsyncIterable<GuideRow>
  /** The cluster that holds this fingerprint now. */
  clusterOf(fingerprint: Id): Promise<Id | undefined>
  /** A cluster whose id starts with these digits; `not_found` if none, `input_invalid` if several. */
  findCluster(prefix: string): Promise<Id>
  sightingsOf(clusters: readonly Id[], scope: Scope): AsyncIterable<Sighting>
}
