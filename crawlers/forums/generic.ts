import type { CheerioAPI } from "cheerio/slim"
import type { Element } from "domhandler"
import type { PageKind } from "../../src/model/visit.ts"
import type { Link } from "../../src/ports/frontier.ts"
import { maxLinks, maxLinksRead } from "./canonical-link.ts"
import type { DateContext } from "./forum-dates.ts"
import type { ForumEngine, PageInput, ParsedPage, ParsedPost } from "./forum-engine.ts"
import { type GenericAddress, GenericAddresses } from "./generic-address.ts"
import { readGenericPost } from "./generic-posts.ts"
import { obstacleOf } from "./obstacle.ts"
import { collapse, pageTree } from "./page-tree.ts"
import { findUnits, type Units } from "./post-units.ts"
import { query, textUnder } from "./query.ts"

const maxPosts = 2000

/**
 * Forums of no known software: posts are what repeats with a date and a name, lists are what repeats with a link. Written against the
 * shapes of MyBB, SMF, FluxBB, XenForo, vBulletin, Discourse's plain pages and imageboards, but by structure, not by their names alone.
 */
export const generic: ForumEngine = {
  name: "generic",
  version: 1,

  markers(page) {
    const read = readPage(page)
    const marks: Record<string, boolean> = {
      "repeating posts": read.posts.length > 0,
      "rows of links": read.units?.role === "rows",
      "thread address": read.own?.kind === "thread",
      "board address": read.own?.kind === "board",
      pages: read.$("[rel=next], .pagination, .pages, .pagelinks, .pagelink, .pageNav").length > 0,
    }
    return Object.keys(marks).filter((name) => marks[name])
  },

  parse(page) {
    const read = readPage(page)
    const { $, own, posts, kind } = read
    const links = linksOf(read)
    const lists = links.some((link) => link.kind === "thread" || link.kind === "board")
    const blocked =
      posts.length === 0 && (!lists || kind === "thread" || $("input[type=password]").length > 0)
        ? obstacleOf($)
        : undefined
    const rest = {
      links,
      ...(blocked && !(lists && kind !== "thread" && kind !== "other") ? { obstacle: blocked } : {}),
    }
    const title = titleOf($, kind)
    if (kind !== "thread" || !own) return { kind: rest.obstacle ? "other" : kind, title, posts: [], ...rest }
    const path = new URL(own.first)
    return {
      kind: rest.obstacle ? "other" : kind,
      title,
      thread: `${path.pathname}${path.search}`.replace(/^\//, "") || "/",
      threadUrl: own.first,
      posts,
      ...rest,
    } satisfies ParsedPage
  },
}

interface Read {
  readonly $: CheerioAPI
  readonly addresses: GenericAddresses
  readonly own: GenericAddress | undefined
  readonly units: Units | undefined
  readonly posts: readonly ParsedPost[]
  readonly kind: PageKind
}

const reads = new WeakMap<PageInput, Read>()

function readPage(page: PageInput): Read {
  const known = reads.get(page)
  if (known) return known
  const { $, base } = pageTree(page)
  const addresses = new GenericAddresses(page.url, base)
  const own = addresses.read(page.url) ?? ownByCanonical($, addresses)
  const isList = own?.kind === "board" || own?.kind === "index"
  const units = findUnits($, addresses, own?.first ?? "", isList)
  const posts = units?.role === "posts" && !isList ? postsOf($, units, page, addresses, own) : []
  const kind = kindOf(own, units, posts)
  const read: Read = { $, addresses, own, units, posts: kind === "thread" ? posts : [], kind }
  reads.set(page, read)
  return read
}

function ownByCanonical($: CheerioAPI, addresses: GenericAddresses): GenericAddress | undefined {
  return addresses.read($("link[rel=canonical]").attr("href") ?? $("meta[property='og:url']").attr("content"))
}

function postsOf(
  _$: CheerioAPI,
  units: Units,
  page: PageInput,
  addresses: GenericAddresses,
  own: GenericAddress | undefined,
): ParsedPost[] {
  const dates: DateContext = { zone: page.timeZone, now: page.now }
  const address = addresses.link(page.url) ?? own?.url ?? page.url
  const posts = new Map<string, ParsedPost>()
  for (const element of units.elements.slice(0, maxPosts)) {
    const post = readGenericPost(element, own?.url ?? address, addresses, dates)
    if (post && !posts.has(post.postId)) posts.set(post.postId, post)
  }
  return [...posts.values()]
}

function kindOf(own: GenericAddress | undefined, units: Units | undefined, posts: readonly ParsedPost[]): PageKind {
  if (own?.kind === "index" || own?.kind === "board") return own.kind
  if (posts.length > 0 && own) return "thread"
  if (own?.kind) return own.kind
  return units?.role === "rows" ? "board" : "other"
}

function titleOf($: CheerioAPI, kind: PageKind): string {
  const title = collapse($("title").first().text())
  if (kind !== "thread") return title
  const heading = $("h1").toArray().concat($("h2, .subject, .labelSubject, .display_title").toArray())
  // The heading that the page's title repeats is the thread's; a site's own name stands there too, but shorter and on every page.
  const fitting = heading
    .map((element) => textUnder(element))
    .filter((text) => text.length > 1 && text.length < 300 && title.includes(text))
  return fitting.sort((a, b) => b.length - a.length)[0] ?? (title || (heading[0] ? textUnder(heading[0]) : ""))
}

function linksOf({ $, addresses, own, units, kind }: Read): Link[] {
  const found = new Map<string, Link>()
  const add = (url: string, its: PageKind): void => {
    const known = found.get(url)
    if (found.size >= maxLinks || (known && known.kind !== "other")) return
    found.set(url, { url, kind: its })
  }
  for (const element of $("link[rel=next], link[rel=prev], a[href]").toArray().slice(0, maxLinksRead)) {
    const href = element.attribs.href
    const address = addresses.read(href)
    if (!address) continue
    if (own && address.first === own.first) {
      if (address.url !== own.url && address.url !== own.first && isPager(element)) add(address.url, kind)
      else if (address.url === own.first && own.url !== own.first) add(address.url, kind)
    } else if (address.kind === "index") {
      if (kind !== "index") add(address.url, "index")
    } else if (address.kind) {
      // Links in a list to a later page of a thread are taken as they are, so that long threads are known from their board.
      add(isPager(element) || address.url === address.first ? address.url : address.first, address.kind)
    }
  }
  if (units?.role !== "posts" || kind !== "thread")
    for (const link of shapedLinks($, addresses, own, kind)) add(link.url, link.kind)
  return [...found.values()]
}

/** A link to a further page: by relation, by its container or by a number or arrow as its text. */
function isPager(element: Element): boolean {
  if (/\b(next|prev)\b/.test(element.attribs.rel ?? "")) return true
  const text = textUnder(element)
  if (
    /^(\[?\d{1,6}\]?|[«»‹›<>]{1,2}|(next|older|more|weiter|suivant|siguiente|след\p{L}*|вперед|next page|last|first|prev(ious)?)\s*[»›>→]?)$/iu.test(
      text,
    )
  )
    return true
  return pagers.closest(element) !== undefined && text.length < 20
}

/**
 * Links whose addresses have no known form: those of which at least two lead to addresses of one shape, the shape with most words first.
 * On a forum's start page they are boards, elsewhere threads, unless they look like the page's own address.
 */
function shapedLinks(
  $: CheerioAPI,
  addresses: GenericAddresses,
  own: GenericAddress | undefined,
  kind: PageKind,
): Link[] {
  const shapes = new Map<string, { readonly urls: Map<string, string>; words: number }>()
  for (const element of $("a[href]").toArray().slice(0, maxLinks)) {
    const address = addresses.read(element.attribs.href)
    if (!address || address.kind || address.first === own?.first) continue
    const text = textUnder(element)
    if (text.length < 2 || /^[\d\W]+$/.test(text) || aside.closest(element)) continue
    const shape = shapeOf(address.first)
    const entry = shapes.get(shape) ?? { urls: new Map<string, string>(), words: 0 }
    if (!entry.urls.has(address.first)) entry.words += Math.min(text.length, 80)
    entry.urls.set(address.first, address.first)
    shapes.set(shape, entry)
  }
  const repeated = [...shapes].filter(([, { urls }]) => urls.size >= 2)
  const most = Math.max(0, ...repeated.map(([, { words }]) => words))
  return repeated
    .filter(([, { words }]) => words >= most * 0.4)
    .flatMap(([shape, { urls }]) => {
      const like = own && (kind === "index" || shape === shapeOf(own.first)) ? "board" : "thread"
      return [...urls.keys()].map((url): Link => ({ url, kind: like }))
    })
}

const pagers = query("[class*=pag i]")
const aside = query(
  "nav, footer, header, [class*=nav i], [class*=menu i], [class*=foot i], [class*=bread i], [class*=author i], [class*=user i], [class*=poster i]",
)

/** "/talk/view?n=#": an address with its numbers and last words left open. */
function shapeOf(address: string): string {
  const url = new URL(address)
  const segments = url.pathname.split("/")
  const last = segments.length - 1
  const path = segments
    .map((segment, index) => (/\d/.test(segment) ? "#" : index === last && index > 1 && segment !== "" ? "*" : segment))
    .join("/")
  return `${path}?${[...url.searchParams.keys()].sort().join("&")}`
}
