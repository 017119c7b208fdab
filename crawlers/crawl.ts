import { setTimeout as sleep } from "node:timers/promises"
import { unforeseen, WatchlineError } from "../src/errors.ts"
import type { Log } from "../src/log.ts"
import type { Lease } from "../src/ports/frontier.ts"
import { retryFailedPictures } from "./images/failed-pictures.ts"
import { type ForumVisit, type PageYield, recordAlarm, recordFailure, visitPage } from "./visit-page.ts"

export interface CrawlOptions extends ForumVisit {
  /** Unique to this process and forum. */
  readonly worker: string
  readonly log: Log
  /** Pages in flight at once. */
  readonly pages: number
  /** End when nothing is left to do, instead of waiting for revisits. */
  readonly once: boolean
  /** Stops the crawl; pages in hand go back to the frontier untouched. */
  readonly signal: AbortSignal
  readonly leaseMs: number
  /** Whether Tor answers now. */
  readonly torAnswers: () => Promise<boolean>
  /** How long to wait for a Tor or a store that is away, in milliseconds. */
  readonly torPatienceMs: number
  readonly onProgress?: (progress: CrawlProgress) => void
}

export interface CrawlProgress {
  pages: number
  posts: number
  pictures: number
  pictureFailures: number
  pageFailures: number
  alarms: number
  state: "crawling" | "waiting for Tor" | "waiting for the store" | "waiting for the next page" | "outside active hours"
}

/** What a crawl did, and why it ended. */
export interface CrawlSummary extends Omit<CrawlProgress, "state"> {
  readonly ended: "nothing due" | "stopped" | "outside active hours"
}

const pollMs = 100

/**
 * Crawls one forum: leases pages from the frontier, visits them, several at once if it may, until nothing is due or it is stopped. While
 * Tor or a store is away it waits and contacts nobody. What fails with `stop`, the mandate's end above all, ends the crawl with that error after the
 * pages in hand went back.
 */
export async function crawlForum(options: CrawlOptions): Promise<CrawlSummary> {
  const { forum, frontier, clock, worker } = options
  const progress: CrawlProgress = {
    pages: 0,
    posts: 0,
    pictures: 0,
    pictureFailures: 0,
    pageFailures: 0,
    alarms: 0,
    state: "crawling",
  }
  const inHand = new Set<Promise<void>>()
  const halt = new AbortController()
  const signal = AbortSignal.any([options.signal, halt.signal])
  let fatal: unknown
  let torIsAway = false
  let isFull = false
  const show = (state: CrawlProgress["state"]) => {
    progress.state = state
    options.onProgress?.(progress)
  }
  const tools: ForumVisit = {
    ...options,
    onPicture: () => {
      progress.pictures += 1
      options.onProgress?.(progress)
    },
  }

  /** Links that are left out are an alarm, once a run. */
  const watchRoom = async (): Promise<void> => {
    if (isFull || (await frontier.room(forum.id)) > 0) return
    isFull = true
    progress.alarms += 1
    options.log.warn("no more pages of this forum are taken", { forum: forum.id, alarm: "page_limit" })
    await recordAlarm(tools, "page_limit")
  }

  /** Where the store is away the lease runs out by itself, and the page comes again. */
  const giveBack = (lease: Lease) => frontier.release(lease).catch(unlessAway)

  const noteFailure = async (lease: Lease, failure: WatchlineError): Promise<void> => {
    await recordFailure(lease, tools, failure)
    await frontier.failed(lease, failure, clock())
  }

  const visit = async (lease: Lease): Promise<void> => {
    try {
      await options.politeness.pageTurn(signal)
      count(progress, await visitPage(lease, tools, signal))
      await watchRoom()
    } catch (error) {
      if (signal.aborted) return giveBack(lease)
      const failure = asCrawlError(error)
      if (failure.next === "stop") {
        fatal ??= failure
        halt.abort()
        return giveBack(lease)
      }
      if (failure.next === "later") {
        if (failure.code === "tor_unreachable" || failure.code === "tor_not_ready") torIsAway = true
        else await sleep(pollMs * 10)
        return giveBack(lease)
      }
      progress.pageFailures += 1
      options.log.warn("page failed", { forum: forum.id, kind: lease.kind, code: failure.code, attempt: lease.attempt })
      await noteFailure(lease, failure).catch(unlessAway)
    } finally {
      options.onProgress?.(progress)
    }
  }

  /** Pictures whose dead letters somebody replayed. What Tor or the log keeps from being done stays for the next crawl. */
  async function retryReplayed(): Promise<void> {
    try {
      await retryFailedPictures({ ...tools, signal })
    } catch (error) {
      if (!signal.aborted && asCrawlError(error).next === "stop") throw error
      options.log.warn("replayed pictures wait for the next crawl", { forum: forum.id, code: asCrawlError(error).code })
    }
  }

  /** Asks the store until it answers. */
  const stored = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const since = clock()
    for (let wait = pollMs; ; wait = Math.min(5000, wait * 2)) {
      try {
        const answer = await ask()
        if (progress.state === "waiting for the store") show("crawling")
        return answer
      } catch (error) {
        unlessAway(error)
        if (signal.aborted || clock() - since > options.torPatienceMs) throw error
        if (wait === pollMs) options.log.warn("the store is away; the crawl waits", { forum: forum.id })
        show("waiting for the store")
        options.gate.allowNow()
        await pause(wait, signal)
      }
    }
  }

  const renewal = setInterval(() => void frontier.renew(worker, clock()).catch(() => {}), options.leaseMs / 4)
  let ended: CrawlSummary["ended"] = "stopped"
  let retried = false
  try {
    await stored(() => frontier.add(forum.id, [{ url: forum.url, kind: "index" }]))
    while (!signal.aborted) {
      options.gate.allowUrl(forum.url)
      if (torIsAway) {
        await Promise.all(inHand)
        show("waiting for Tor")
        await waitForTor(options, signal)
        torIsAway = false
        show("crawling")
      }
      const opensAt = options.politeness.opensAt()
      if (opensAt > clock()) {
        if (options.once) {
          ended = "outside active hours"
          break
        }
        show("outside active hours")
        await pause(Math.min(opensAt - clock(), 60_000), signal)
        continue
      }
      if (!retried) {
        retried = true
        await retryReplayed()
      }
      const lease =
        inHand.size < options.pages
          ? await stored(() => frontier.lease(worker, clock(), { forums: [forum.id], perSite: options.pages }))
          : undefined
      if (lease) {
        const work: Promise<void> = visit(lease)
          .catch((error) => {
            fatal ??= error
            halt.abort()
          })
          .finally(() => inHand.delete(work))
        inHand.add(work)
      } else if (inHand.size > 0) {
        await Promise.race(inHand)
      } else {
        const due = await stored(() => frontier.nextDue([forum.id], options.once ? "unfinished" : "all"))
        if (options.once && due === undefined) {
          ended = "nothing due"
          break
        }
        if ((due ?? Number.POSITIVE_INFINITY) - clock() > 1000) show("waiting for the next page")
        await pause(Math.min(1000, Math.max(pollMs, (due ?? Number.POSITIVE_INFINITY) - clock())), signal)
      }
    }
  } catch (error) {
    fatal ??= error
    halt.abort()
  } finally {
    await Promise.all(inHand)
    clearInterval(renewal)
  }
  if (fatal !== undefined) throw fatal
  const { state: _, ...counts } = progress
  return { ...counts, ended }
}

function count(progress: CrawlProgress, page: PageYield): void {
  progress.pages += 1
  progress.posts += page.posts
  progress.pictureFailures += page.pictureFailures
  if (page.alarm) progress.alarms += 1
}

/** What nobody foresaw, a parser's own fault for instance, counts against the page, not against the run. */
function asCrawlError(error: unknown): WatchlineError {
  if (error instanceof WatchlineError) return error
  return new WatchlineError("page_unexpected", { message: unforeseen(error), cause: error })
}

/** @throws what is not the store's absence */
function unlessAway(error: unknown): void {
  if (error instanceof WatchlineError && (error.code === "engine_unavailable" || error.code === "disk_full")) return
  throw error
}

async function waitForTor(
  { gate, torAnswers, torPatienceMs, clock, log }: CrawlOptions,
  signal: AbortSignal,
): Promise<void> {
  const since = clock()
  log.warn("Tor is away; the crawl waits")
  for (let wait = pollMs; !signal.aborted; wait = Math.min(5000, wait * 2)) {
    gate.allowNow()
    if (await torAnswers()) return
    if (clock() - since > torPatienceMs) {
      throw new WatchlineError("tor_unreachable", {
        message: `Tor has been away for ${Math.round(torPatienceMs / 1000)} s.`,
        remedy:
          "Start Tor again and repeat the command: it continues where it stopped. `watchline tor check` says what is missing.",
      })
    }
    await pause(wait, signal)
  }
}

const pause = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {})
