import type { WatchlineError } from "../../errors.ts"
import type { Id } from "../../model/record.ts"
import type { PageKind } from "../../model/visit.ts"
import type { Frontier, FrontierCounts, Lease, Link, Visited } from "../../ports/frontier.ts"
import { afterFailure, moreUrgent, never, type RetryPlan } from "../../ports/frontier-rules.ts"
import type { Bulk, Write, Written } from "./bulk.ts"
import type { ElasticConnection, Found, Position, Query } from "./connection.ts"
import { away, itemError } from "./elastic-errors.ts"
import {
  type ContentDocument,
  contentId,
  type FrontierDocument,
  isUnfinished,
  newSite,
  type PageDocument,
  type PictureDocument,
  pageDocument,
  pageId,
  pictureId,
  type SiteDocument,
  siteId,
} from "./frontier-documents.ts"
import { all, anyOf } from "./scope-query.ts"
import { SiteQueue } from "./site-queue.ts"
import { viewing } from "./view.ts"

export interface ElasticFrontierOptions {
  readonly random: () => number
  readonly leaseMs: number
  readonly retry: RetryPlan
  /** Pages of one forum that are taken from its own links. */
  readonly mostPages: number
}

/** Tries against other writers before the call is to be repeated. */
const mostTries = 20

/**
 * Pages, sites and pictures of one index; all documents of a forum on one shard. A site's document says who holds it and until when, and
 * changes only if it still stands where it was read (`if_seq_no`): so of two processes that ask at once one gets the site. Every page is
 * changed in the same way, so a lease that has ended changes nothing.
 *
 * The holder keeps the most urgent pages of its sites in memory (`SiteQueue`), because searches see nothing that was not refreshed. The
 * position of the site's document tells whether somebody else changed the forum since.
 */
export class ElasticFrontier implements Frontier {
  readonly #connection: ElasticConnection
  readonly #bulk: Bulk
  readonly #random: () => number
  readonly #leaseMs: number
  readonly #retry: RetryPlan
  readonly #mostPages: number
  readonly #queues = new Map<string, SiteQueue>()
  /** Leased pages of this process's workers: page id to lease, by worker. */
  readonly #held = new Map<string, Map<string, Held>>()
  /** Which of this process's workers holds a site, and until when at least. */
  readonly #sites = new Map<string, { readonly worker: string; readonly until: number }>()

  constructor(
    connection: ElasticConnection,
    bulk: Bulk,
    { random, leaseMs, retry, mostPages }: ElasticFrontierOptions,
  ) {
    this.#connection = connection
    this.#bulk = bulk
    this.#random = random
    this.#leaseMs = leaseMs
    this.#retry = retry
    this.#mostPages = mostPages
  }

  async add(forum: string, links: readonly Link[]): Promise<void> {
    await this.#discover(forum, links, Number.POSITIVE_INFINITY)
  }

  async lease(
    worker: string,
    now: number,
    { forums, perSite }: { readonly forums: readonly string[]; readonly perSite: number },
  ): Promise<Lease | undefined> {
    for (let tries = 0; tries < mostTries; tries++) {
      const sites = await Promise.all(forums.map((forum) => this.#site(forum)))
      let best: { page: Found<PageDocument>; site: Found<SiteDocument> } | undefined
      for (const [place, forum] of forums.entries()) {
        const site = sites[place]
        if (
          !site ||
          (site.document.worker !== undefined && site.document.worker !== worker && site.document.until > now)
        )
          continue
        const leased = this.#leased(worker, forum, now)
        if (leased >= perSite) continue
        const page = await this.#queue(forum).next(site, now)
        if (page && !(best && moreUrgent(best.page.document, page.document))) best = { page, site }
        else if (!page && leased === 0) await this.#leave(forum, worker)
      }
      if (!best) return undefined
      if (await this.#take(worker, now, best.page, best.site)) return leaseOf(best.page.document, worker)
    }
    throw away("others lease the same sites all the time")
  }

  async renew(worker: string, now: number): Promise<void> {
    const held = this.#held.get(worker) ?? new Map<string, Held>()
    const until = now + this.#leaseMs
    for (const [id, { forum, due }] of held) {
      if (due <= now) held.delete(id)
      else await this.#changePage(forum, id, worker, (page) => ({ ...page, due: until }))
      const still = held.get(id)
      if (still) held.set(id, { forum, due: until })
    }
    for (const [forum, holder] of this.#sites) {
      if (holder.worker !== worker) continue
      const site = await this.#changeSite(forum, (before) =>
        before.worker === worker ? { ...before, until } : undefined,
      )
      if (site) this.#sites.set(forum, { worker, until })
      else this.#sites.delete(forum)
    }
  }

  async visited({ forum, url, worker }: Lease, result: Visited, now: number): Promise<void> {
    const id = pageId(forum, url)
    await this.#discover(forum, result.found, this.#mostPages)
    await this.#keepPictures(forum, result.examined)
    const due = result.again === undefined ? never : Date.parse(result.again)
    // A visit that outlived its lease counts too, unless somebody else is at it now.
    const changed = await this.#changePage(
      forum,
      id,
      worker,
      (page) => ({
        ...withoutLease(page),
        due,
        attempt: 0,
        visited: true,
        failed: false,
        ...(result.yield === undefined ? {} : { yield: result.yield }),
        ...(result.content === undefined ? {} : { content: result.content }),
      }),
      { alsoUnleased: true },
    )
    this.#held.get(worker)?.delete(id)
    if (changed && result.content !== undefined) await this.#claimContent(forum, result.content, id, changed.sequence)
    this.#queues.get(forum)?.plan(due)
    await this.#stay(forum, worker, now)
  }

  async failed({ forum, url, worker }: Lease, error: WatchlineError, now: number): Promise<void> {
    const id = pageId(forum, url)
    const changed = await this.#changePage(forum, id, worker, (page) => {
      return { ...withoutLease(page), ...afterFailure(page.attempt, error, this.#retry, now, this.#random) }
    })
    this.#held.get(worker)?.delete(id)
    if (!changed) return
    this.#queues.get(forum)?.plan(changed.due)
    await this.#stay(forum, worker, now)
  }

  async release({ forum, url, worker }: Lease): Promise<void> {
    const id = pageId(forum, url)
    await this.#changePage(forum, id, worker, (page) => ({ ...withoutLease(page), due: 0 }))
    this.#held.get(worker)?.delete(id)
    this.#queues.delete(forum)
    if (this.#leased(worker, forum, Number.NEGATIVE_INFINITY) === 0) await this.#leave(forum, worker)
  }

  async shownBefore(forum: string, url: string, content: string): Promise<boolean> {
    const [claim, own] = await this.#connection.getAll<ContentDocument | PageDocument>(
      "frontier",
      [contentId(forum, content), pageId(forum, url)],
      { routing: forum },
    )
    if (!claim || !own) return false
    const first = await this.#page(forum, (claim.document as ContentDocument).page)
    return first?.document.content === content && first.document.sequence < (own.document as PageDocument).sequence
  }

  async room(forum: string): Promise<number> {
    return Math.max(0, this.#mostPages - ((await this.#site(forum))?.document.sequence ?? 0))
  }

  async examined(forum: string, urls: readonly string[]): Promise<Map<string, { fingerprint: Id; sha256: string }>> {
    const ids = urls.map((url) => pictureId(forum, url))
    const found = await this.#connection.getAll<PictureDocument>("frontier", ids, { routing: forum })
    return new Map(
      found.flatMap((picture, place) => {
        if (!picture) return []
        const { fingerprint, sha256 } = picture.document
        return [[urls[place]!, { fingerprint, sha256 }] as const]
      }),
    )
  }

  async nextDue(forums: readonly string[], which: "unfinished" | "all"): Promise<number | undefined> {
    return viewing(this.#connection, async (view) => {
      const planned = { range: { due: { lt: never } } }
      const { hits } = await view.search<PageDocument>("frontier", {
        size: 1,
        query: all(
          { term: { type: "page" } },
          anyOf("forum", forums),
          planned,
          ...(which === "unfinished" ? [isUnfinished] : []),
        ),
        sort: [{ due: "asc" }],
        _source: ["due"],
      })
      return hits.hits[0]?._source?.due
    })
  }

  async counts(forum: string): Promise<FrontierCounts> {
    const leased: Query = { exists: { field: "worker" } }
    const free: Query = { bool: { must_not: [leased] } }
    const filters = {
      waiting: all(free, { term: { failed: false } }, { term: { visited: false } }),
      leased,
      visited: all(free, { term: { failed: false } }, { term: { visited: true } }),
      failed: all(free, { term: { failed: true } }),
    }
    return viewing(this.#connection, async (view) => {
      const query = all({ term: { type: "page" } }, { term: { forum } })
      const { aggregations } = await view.search("frontier", {
        size: 0,
        query,
        aggregations: { state: { filters: { filters } } },
      })
      const { buckets } = aggregations!.state as { buckets: Record<keyof typeof filters, { doc_count: number }> }
      const count = (state: keyof typeof filters) => buckets[state].doc_count
      return { waiting: count("waiting"), leased: count("leased"), visited: count("visited"), failed: count("failed") }
    })
  }

  /** Gives back what this process's workers hold, so that a next run need not wait for their leases. */
  async close(): Promise<void> {
    for (const [worker, pages] of this.#held) {
      for (const [id, { forum }] of pages) {
        await this.#changePage(forum, id, worker, (page) => ({ ...withoutLease(page), due: 0 }))
      }
    }
    for (const [forum, { worker }] of this.#sites) await this.#leave(forum, worker)
    this.#held.clear()
    this.#queues.clear()
  }

  /** Takes the site, or prolongs the hold on it, and then the page. False where somebody else was faster. */
  async #take(worker: string, now: number, page: Found<PageDocument>, site: Found<SiteDocument>): Promise<boolean> {
    const { forum, url } = page.document
    const until = now + this.#leaseMs
    const queue = this.#queue(forum)
    const held = await this.#write(forum, siteId(forum), { ...site.document, worker, until }, site)
    if (!held) return false
    queue.follow(held)
    this.#sites.set(forum, { worker, until })
    const document: PageDocument = { ...page.document, worker, due: until, failed: false }
    const taken = await this.#write(forum, pageId(forum, url), document, page)
    if (!taken) {
      this.#queues.delete(forum)
      return false
    }
    queue.take(until)
    const leases = this.#held.get(worker) ?? new Map<string, Held>()
    leases.set(pageId(forum, url), { forum, due: until })
    this.#held.set(worker, leases)
    return true
  }

  /** Adds pages that are not known yet, as far as there is room, numbered in the order of discovery. */
  async #discover(forum: string, links: readonly Link[], mostPages: number): Promise<void> {
    const unique = [...new Map(links.map((link) => [link.url, link])).values()]
    if (unique.length === 0) return
    const ids = unique.map(({ url }) => pageId(forum, url))
    const known = await this.#connection.getAll("frontier", ids, { routing: forum, source: false })
    const fresh = unique.filter((_, place) => !known[place])
    if (fresh.length === 0) return
    let first = 0
    let taken: Link[] = []
    const site = await this.#changeSite(forum, (before) => {
      const { sequence } = before
      first = sequence
      taken = fresh.slice(0, Math.max(0, mostPages - sequence))
      return taken.length === 0 ? undefined : { ...before, sequence: sequence + taken.length }
    })
    if (!site) return
    const pages = taken.map((link, place) => pageDocument(forum, link, first + place))
    const writes = pages.map(
      (document): Write => this.#document(forum, pageId(forum, document.url), document, "create"),
    )
    const written = await this.#bulk.send(writes)
    checkAll(written)
    this.#queues.get(forum)?.discovered(pages.filter((_, place) => written[place]!.state === "written"))
  }

  async #keepPictures(forum: string, examined: Visited["examined"]): Promise<void> {
    const writes = [...examined].map(([url, { fingerprint, sha256 }]) => {
      const document: PictureDocument = { type: "picture", forum, url, fingerprint, sha256 }
      return this.#document(forum, pictureId(forum, url), document, "index")
    })
    checkAll(await this.#bulk.send(writes))
  }

  /** The earliest page that shows a content stands for it, until it shows another one. */
  async #claimContent(forum: string, content: string, page: string, sequence: number): Promise<void> {
    const id = contentId(forum, content)
    await this.#change<ContentDocument>(forum, id, async (before) => {
      if (before?.page === page) return undefined
      const claimant = before && (await this.#page(forum, before.page))
      if (claimant?.document.content === content && claimant.document.sequence < sequence) return undefined
      return { type: "content", forum, page }
    })
  }

  /** Keeps the site for the worker that is there, or that is the first to come. */
  async #stay(forum: string, worker: string, now: number): Promise<void> {
    const hold = this.#sites.get(forum)
    // A hold that lasts for a good while yet is prolonged by the next lease or renewal.
    if (hold?.worker === worker && hold.until - now > this.#leaseMs / 2) return
    const until = now + this.#leaseMs
    const changed = await this.#changeSite(forum, (site) => {
      const isOthers = site.worker !== undefined && site.worker !== worker && site.until > now
      return isOthers ? undefined : { ...site, worker, until }
    })
    if (changed) this.#sites.set(forum, { worker, until })
  }

  async #leave(forum: string, worker: string): Promise<void> {
    await this.#changeSite(forum, (site) => {
      if (site.worker !== worker) return undefined
      const { worker: _, ...free } = site
      return { ...free, until: 0 }
    })
    if (this.#sites.get(forum)?.worker === worker) this.#sites.delete(forum)
  }

  #leased(worker: string, forum: string, now: number): number {
    const held = this.#held.get(worker)
    if (!held) return 0
    return [...held.values()].filter((lease) => lease.forum === forum && lease.due > now).length
  }

  #queue(forum: string): SiteQueue {
    const known = this.#queues.get(forum)
    if (known) return known
    const queue = new SiteQueue(this.#connection, forum)
    this.#queues.set(forum, queue)
    return queue
  }

  #site(forum: string): Promise<Found<SiteDocument> | undefined> {
    return this.#connection.get("frontier", siteId(forum), forum)
  }

  #page(forum: string, id: string): Promise<Found<PageDocument> | undefined> {
    return this.#connection.get("frontier", id, forum)
  }

  /** Changes a page that this worker has leased; undefined where it has not, or has no longer. */
  #changePage(
    forum: string,
    id: string,
    worker: string,
    change: (page: PageDocument) => PageDocument,
    { alsoUnleased = false } = {},
  ): Promise<PageDocument | undefined> {
    return this.#change<PageDocument>(forum, id, (page) => {
      if (!page) return undefined
      return page.worker === worker || (alsoUnleased && page.worker === undefined) ? change(page) : undefined
    })
  }

  async #changeSite(
    forum: string,
    change: (site: SiteDocument) => SiteDocument | undefined,
  ): Promise<SiteDocument | undefined> {
    let before: Position | undefined
    let after: Found<SiteDocument> | undefined
    const changed = await this.#change<SiteDocument>(
      forum,
      siteId(forum),
      (site) => change(site ?? newSite(forum)),
      (from, to) => {
        before = from
        after = to
      },
    )
    // The queue's pages are not touched by this change: it goes along with the document.
    if (after && before) this.#queues.get(forum)?.follow(after, before)
    return changed
  }

  /** Reads, changes and writes a document until nobody came in between; undefined where `change` leaves it as it is. */
  async #change<Document extends FrontierDocument>(
    forum: string,
    id: string,
    change: (before: Document | undefined) => Document | undefined | Promise<Document | undefined>,
    onWritten?: (before: Position | undefined, after: Found<Document>) => void,
  ): Promise<Document | undefined> {
    for (let tries = 0; tries < mostTries; tries++) {
      const before = await this.#connection.get<Document>("frontier", id, forum)
      const document = await change(before?.document)
      if (!document) return undefined
      const after = await this.#write(forum, id, document, before)
      if (!after) continue
      onWritten?.(before, after)
      return document
    }
    throw away("others change the same page all the time")
  }

  /** Undefined where the document is not where it was read. */
  async #write<Document extends FrontierDocument>(
    forum: string,
    id: string,
    document: Document,
    at: Position | undefined,
  ): Promise<Found<Document> | undefined> {
    const position = await this.#connection.replace("frontier", id, document, { at, routing: forum })
    return position && { document, ...position }
  }

  #document(forum: string, id: string, document: FrontierDocument, how: "create" | "index"): Write {
    return { index: this.#connection.write("frontier"), id, document, routing: forum, how }
  }
}

interface Held {
  readonly forum: string
  readonly due: number
}

function withoutLease({ worker: _, ...page }: PageDocument): PageDocument {
  return page
}

function leaseOf({ forum, url, kind, attempt, yield: lastYield }: PageDocument, worker: string): Lease {
  return { forum, url, kind: kind as PageKind, worker, attempt, ...(lastYield === undefined ? {} : { lastYield }) }
}

function checkAll(written: readonly Written[]): void {
  for (const one of written) {
    if (one.state !== "failed") continue
    const error = itemError("frontier", one.failure)
    throw error.next === "never" ? away(error.message) : error
  }
}
