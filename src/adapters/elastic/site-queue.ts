import { moreUrgent } from "../../ports/frontier-rules.ts"
import type { ElasticConnection, Found, Position } from "./connection.ts"
import { type PageDocument, pageId, type SiteDocument } from "./frontier-documents.ts"
import { all } from "./scope-query.ts"

/** Pages of one site in memory. */
const mostPages = 200

/**
 * The most urgent due pages of a site, in order, for the process that holds it: a search of the index is needed once for many pages. The
 * site's document names a state of the forum; where it is not the one that this queue goes with, somebody else was there and the queue is filled
 * anew. What this process adds or plans itself is told to the queue.
 */
export class SiteQueue {
  readonly #connection: ElasticConnection
  readonly #forum: string
  #position: Position | undefined
  #pages: { readonly document: PageDocument; readonly position: Position | undefined }[] = []
  /** Whether all due pages are in the queue. */
  #complete = false
  /** When the next page that is not due yet comes due, as far as is known. */
  #upcoming = Number.POSITIVE_INFINITY

  constructor(connection: ElasticConnection, forum: string) {
    this.#connection = connection
    this.#forum = forum
  }

  /** The most urgent page that is due; it stays in the queue until `take`. */
  async next(site: Found<SiteDocument>, now: number): Promise<Found<PageDocument> | undefined> {
    const fits = this.#position?.seqNo === site.seqNo && this.#position.term === site.term
    if (!fits || this.#upcoming <= now || (this.#pages.length === 0 && !this.#complete)) await this.#fill(site, now)
    const first = this.#pages[0]
    if (!first) return undefined
    if (first.position) return { document: first.document, ...first.position }
    // discovered by this process: where it stands was not told then
    return this.#connection.get<PageDocument>("frontier", pageId(this.#forum, first.document.url), this.#forum)
  }

  /** The first page was leased until then. */
  take(until: number): void {
    this.#pages.shift()
    this.plan(until)
  }

  plan(due: number): void {
    this.#upcoming = Math.min(this.#upcoming, due)
  }

  /** New pages, due at once. */
  discovered(pages: readonly PageDocument[]): void {
    for (const document of pages) {
      const behind = this.#pages.findIndex((page) => moreUrgent(document, page.document))
      if (behind >= 0) this.#pages.splice(behind, 0, { document, position: undefined })
      else if (this.#complete) this.#pages.push({ document, position: undefined })
    }
    if (this.#pages.length <= mostPages * 2) return
    this.#pages.length = mostPages
    this.#complete = false
  }

  /** The site's document was changed by this process, and it stood where this queue knew it (`before`). */
  follow(after: Position, before: Position | undefined = this.#position): void {
    if (this.#position?.seqNo === before?.seqNo && this.#position?.term === before?.term) {
      this.#position = { seqNo: after.seqNo, term: after.term }
    }
  }

  async #fill(site: Position, now: number): Promise<void> {
    await this.#connection.refresh("frontier")
    const ofForum = [{ term: { type: "page" } }, { term: { forum: this.#forum } }]
    const search = (body: object) =>
      this.#connection.ask((client) =>
        client.search<PageDocument>({
          index: this.#connection.read("frontier"),
          routing: this.#forum,
          track_total_hits: false,
          allow_partial_search_results: false,
          seq_no_primary_term: true,
          ...body,
        }),
      )
    const [due, later] = await Promise.all([
      search({
        size: mostPages,
        query: all(...ofForum, { range: { due: { lte: now } } }),
        sort: [{ rank: "asc" }, { sequence: "asc" }],
      }),
      search({ size: 1, query: all(...ofForum, { range: { due: { gt: now } } }), sort: [{ due: "asc" }] }),
    ])
    this.#pages = due.hits.hits.map((hit) => ({
      document: hit._source!,
      position: { seqNo: hit._seq_no!, term: hit._primary_term! },
    }))
    this.#complete = this.#pages.length < mostPages
    this.#upcoming = later.hits.hits[0]?._source?.due ?? Number.POSITIVE_INFINITY
    this.#position = { seqNo: site.seqNo, term: site.term }
  }
}
