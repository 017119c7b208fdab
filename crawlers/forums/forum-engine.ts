import type { Instant } from "../../src/model/record.ts"
import type { PageKind } from "../../src/model/visit.ts"
import type { Link } from "../../src/ports/frontier.ts"

/** What a parser is given. */
export interface PageInput {
  /** The address that answered. */
  readonly url: string
  readonly html: string
  /** IANA zone for dates that name none. */
  readonly timeZone: string
  /** For "today" and "yesterday": milliseconds since 1970. */
  readonly now: number
}

export interface ParsedPost {
  /** The engine's id; where it has none, a digest of author, time and text. */
  readonly postId: string
  /** Permanent address of the post, canonical. */
  readonly url: string
  readonly author: string
  readonly postedAt?: Instant
  /** Plain text without quotes of others, signature and markup; line breaks kept, code blocks kept. */
  readonly text: string
  /** Addresses that the post's own text links to, absolute and canonical; those of pictures and of quotes left out. */
  readonly links: readonly string[]
  /** Pictures posted here at full size, attachments included, canonical; no smilies, avatars, ranks or quoted ones. */
  readonly images: readonly string[]
  /** Attached files that may be a character card or a workflow, by their names; canonical. They stand among the links too. */
  readonly attachments: readonly string[]
}

export interface ParsedPage {
  readonly kind: PageKind
  readonly title: string
  /** For threads: the engine's thread id and the canonical address of the thread's first page. */
  readonly thread?: string
  readonly threadUrl?: string
  readonly posts: readonly ParsedPost[]
  /** Pages of the same forum worth a visit: boards, threads, further pages; canonical, each once; never log-in, posting, search, profile or feeds. */
  readonly links: readonly Link[]
  /** What the page is instead of content: a log-in form, an error or maintenance message, an interstitial. */
  readonly obstacle?: "log_in" | "error" | "maintenance" | "challenge"
}

/** One forum software. Pure: HTML in, posts and links out. A sibling in the same folder for each engine, named in the registry. */
export interface ForumEngine {
  readonly name: string
  /** Raised when its output changes; recorded with every visit. */
  readonly version: number
  /** Names of the structural markers that this page shows; two or more identify the engine. */
  markers(page: PageInput): Iterable<string>
  parse(page: PageInput): ParsedPage
}
