import type { WatchlineError } from "../errors.ts"
import type { Id, Instant } from "../model/record.ts"
import type { PageKind } from "../model/visit.ts"

/** An address that a page named, and what it promised. */
export interface Link {
  /** Canonical address: the page's identity in the frontier. */
  readonly url: string
  readonly kind: PageKind
}

export interface Lease extends Link {
  readonly forum: string
  readonly worker: string
  /** Counts tries that failed since the last success, from 0. */
  readonly attempt: number
  /** Digest of what the page yielded last time; absent on the first visit. */
  readonly lastYield?: string
}

/** What a visit leaves behind. */
export interface Visited {
  readonly found: readonly Link[]
  /** When the page is due again; absent: never. */
  readonly again?: Instant
  /** Digest of the yield, to tell an unchanged page next time. */
  readonly yield?: string
  /** Digest of what the page shows whatever its address, to tell a page that shows the same under another one. */
  readonly content?: string
  /** Pictures examined on this visit: address to fingerprint id, so that a revisit does not fetch them again. */
  readonly examined: ReadonlyMap<string, { readonly fingerprint: Id; readonly sha256: string }>
}

export interface FrontierCounts {
  readonly waiting: number
  readonly leased: number
  readonly visited: number
  /** Given up after too many tries. */
  readonly failed: number
}

/**
 * What is to be visited, and when. Several crawlers may share one frontier; a site is a forum.
 *
 * - `lease` hands out the most urgent due page. All leased pages of a site belong to one worker at a time, at most `perSite` of them, so
 *   that one process keeps the site's politeness. Between two pages the site stays with its worker; it is free when the worker's lease
 *   time has run out, `lease` found nothing due there, or the last page was released. A lease ends by `visited`, `failed`, `release` or
 *   its time, whichever is first.
 *   An empty answer means that nothing is due now, not that nothing will be: ask `nextDue`.
 * - `renew` prolongs all leases of a worker; a worker calls it more often than half a lease.
 * - `visited` is idempotent, and the page counts as visited only when its links and pictures are kept. Links that are known already are
 *   ignored, whatever their order of arrival.
 * - `failed` schedules another try with jittered back-off. After the last one the page is given up for a day or so and then gets a new set
 *   of tries, since its host may have been away. An error whose next step is `never` gives it up for good; `later` and `stop` count no try.
 *   A lease that has ended changes nothing.
 * - A forum has at most so many pages as the frontier was opened with. Links that a page names beyond that are left out, so that no forum
 *   can fill the frontier with ever new addresses; `room` says how many still fit. What `add` is given is always taken.
 * - `release` gives a page back untouched: the page was not at fault (Tor was down, the run was stopped).
 * - After a crash a leased page is due again when its lease has run out; so a page can be visited twice, never lost.
 *
 * Errors: `engine_unavailable`, `disk_full` (later).
 */
export interface Frontier {
  add(forum: string, links: readonly Link[]): Promise<void>
  lease(
    worker: string,
    now: number,
    options: { readonly forums: readonly string[]; readonly perSite: number },
  ): Promise<Lease | undefined>
  renew(worker: string, now: number): Promise<void>
  visited(lease: Lease, result: Visited, now: number): Promise<void>
  failed(lease: Lease, error: WatchlineError, now: number): Promise<void>
  release(lease: Lease): Promise<void>
  /** Whether a page that was discovered before this one showed the same content when it was visited last. */
  shownBefore(forum: string, url: string, content: string): Promise<boolean>
  /** How many more pages of a forum are taken, at least 0. */
  room(forum: string): Promise<number>
  /** Fingerprints of pictures of this forum that were examined before, by address. */
  examined(forum: string, urls: readonly string[]): Promise<Map<string, { fingerprint: Id; sha256: string }>>
  /**
   * When the next page of these forums is due, in milliseconds since 1970; absent: none is. "unfinished" counts pages that were never
   * visited, whose last try failed, or that are leased (at the end of their lease), not those given up; "all" counts planned revisits too.
   */
  nextDue(forums: readonly string[], which: "unfinished" | "all"): Promise<number | undefined>
  counts(forum: string): Promise<FrontierCounts>
  close(): Promise<void>
}
