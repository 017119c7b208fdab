import { type Id, idOf } from "../../model/record.ts"
import type { Link } from "../../ports/frontier.ts"
import { pageRank } from "../../ports/frontier-rules.ts"
import type { Query } from "./connection.ts"

export interface SiteDocument {
  readonly type: "site"
  readonly forum: string
  /** Who holds the site. */
  readonly worker?: string
  readonly until: number
  /** Pages discovered so far: the next one's number. */
  readonly sequence: number
}

export interface PageDocument extends Link {
  readonly type: "page"
  readonly forum: string
  /** Of the kind: what leads to more pages goes first. */
  readonly rank: number
  /** Order of discovery. */
  readonly sequence: number
  /** Milliseconds; the end of its lease for a leased page; the far end of time for one not planned. */
  readonly due: number
  readonly worker?: string
  readonly attempt: number
  readonly visited: boolean
  /** Given up. */
  readonly failed: boolean
  readonly yield?: string
  readonly content?: string
}

export interface PictureDocument {
  readonly type: "picture"
  readonly forum: string
  readonly url: string
  readonly fingerprint: Id
  readonly sha256: string
}

/** The page that stands for a content. */
export interface ContentDocument {
  readonly type: "content"
  readonly forum: string
  readonly page: string
}

export type FrontierDocument = SiteDocument | PageDocument | PictureDocument | ContentDocument

export const siteId = (forum: string) => `site:${idOf("site", forum)}`
export const pageId = (forum: string, url: string) => `page:${idOf("page", forum, url)}`
export const pictureId = (forum: string, url: string) => `picture:${idOf("picture", forum, url)}`
export const contentId = (forum: string, content: string) => `content:${idOf("content", forum, content)}`

export const newSite = (forum: string): SiteDocument => ({ type: "site", forum, until: 0, sequence: 0 })

export function pageDocument(forum: string, { url, kind }: Link, sequence: number): PageDocument {
  return {
    type: "page",
    forum,
    url,
    kind,
    rank: pageRank[kind],
    sequence,
    due: 0,
    attempt: 0,
    visited: false,
    failed: false,
  }
}

/** Leased, or not given up and either never visited or failed at the last try. */
export const isUnfinished: Query = {
  bool: {
    minimum_should_match: 1,
    should: [
      { exists: { field: "worker" } },
      {
        bool: {
          must_not: [{ term: { failed: true } }],
          minimum_should_match: 1,
          should: [{ term: { visited: false } }, { range: { attempt: { gt: 0 } } }],
        },
      },
    ],
  },
}
