import { canonicalLink } from "./canonical-link.ts"

export interface GenericAddress {
  /** What the address's form promises; absent where the form is not known. */
  readonly kind?: "index" | "board" | "thread"
  readonly url: string
  /** Address of the first page; equal for all pages of one thread or board. */
  readonly first: string
}

const pageKeys = new Set(["page", "pg", "paged", "start", "st", "offset", "pagenumber", "pagenum"])
/** Parameters that point at a post, sort or decorate, but name no page of their own. */
const pointers = new Set(
  "pid post postid msg action goto view new newpost lastpost mode do sort order sortby sortfield desc datecut prefix pp perpage styleid theme ref share _ s #".split(
    " ",
  ),
)
const scripts: readonly (readonly ["board" | "thread", RegExp, readonly string[]])[] = [
  [
    "thread",
    /^(viewtopic|showthread|viewthread|thread|topic|showtopic|read|discussion|tread)(\.\w+)?$/i,
    ["t", "tid", "topic", "thread", "threadid", "topicid", "topic_id", "thread_id", "id"],
  ],
  [
    "board",
    /^(viewforum|forumdisplay|forum|board|showforum|viewboard|category|section)(\.\w+)?$/i,
    ["f", "fid", "forum", "board", "forumid", "forum_id", "board_id", "b", "c", "id"],
  ],
]
const anyScript: readonly (readonly ["board" | "thread", readonly string[]])[] = [
  ["thread", ["topic", "showtopic", "thread", "tid", "threadid"]],
  ["board", ["board", "showforum", "forum", "fid", "forumid"]],
]
const paths: readonly (readonly ["board" | "thread", RegExp])[] = [
  ["thread", /^(.*\/(?:res|thread)\/\d+)(?:[+_-]\d+)?(\.html?)?(?:\/[^/]*)?$/i],
  ["thread", /^(.*\/t\/[^/]+\/\d+)(?:\/\d+)?\/?$/i],
  ["thread", /^(.*\/d\/\d+[^/]*)(?:\/\d+)?\/?$/i],
  ["thread", /^(.*\/topic\/\d+\/[^/]+)(?:\/\d+)?\/?$/i],
  ["thread", /^(.*\/(?:threads?|topics?|discussions?|showthread\.php)\/[^/]+(?:\/[^/\d][^/]*)?)\/?$/i],
  ["thread", /^(.*\/(?:thread|topic|t)[-_,][^/]*?\d[^/]*)$/i],
  ["thread", /^(.*\/thread-[^/]+)$/i],
  ["thread", /^(.*\/[^/]+[-.]t\d+(?:\.html?|\/)?)$/i],
  ["board", /^(.*\/(?:forums?|boards?|category|categories|sections?|forumdisplay\.php)\/[^/]+(?:\/[^/]+)?)\/?$/i],
  ["board", /^(.*\/c\/[^/]+(?:\/[^/]+)*)\/?$/i],
  ["board", /^(.*\/(?:forum|board|f)[-_,][^/]*?[\w][^/]*)$/i],
  ["board", /^(.*\/[^/]+[-.]f\d+(?:\.html?|\/)?)$/i],
]
const avoidedSegment =
  /^(log-?in|log-?out|sign-?in|sign-?up|signout|register|registration|account|ucp\.php|usercp\.php|members?(list)?(\.php)?|profile(\.php)?|users?|u|@.*|user-\d+.*|user|search(\.php)?|find-(new|threads).*|whats-new.*|posting\.php|new(reply|thread)\.php|post-thread|post\.php|reply|edit|editpost\.php|add-reply|create-thread|report(\.php)?|rss(\.php|\.xml)?|feed(\.php)?|syndication\.php|external\.php|atom|print|printthread\.php|archive|help(\.php)?|faq(\.php)?|terms.*|privacy.*|contact.*|misc\.php|attachment(s|\.php)?|download(\.php)?|file\.php|watch|subscribe|subscription\.php|bookmark|private\.php|pm\.php|calendar(\.php)?|stats(\.php)?|online(\.php)?|showteam\.php|moderation\.php|modcp|mod\.php|admin(cp)?|reputation\.php|sendmessage\.php|captcha.*|banned.*|logs?\.(php|js)|catalog\.html|job\.php|cron\.php|css|js|static|src|thumb|media|\.media|\.static|avatars?|smilies|about|donate|tags?|badges|guidelines|tos|latest|unread|post-\d+|reactions?|react|like|mark-read|preview|goto)$/i
const avoidedFile =
  /\.(png|jpe?g|gif|webp|avif|bmp|svg|ico|css|js|json|xml|rss|atom|zip|rar|7z|gz|tar|pdf|mp[34]|webm|ogg|safetensors|ckpt|txt)$/i
const avoidedQuery =
  /(?:^|[?&;])(?:action|mode|do|act|app|op|sa)=(?!lastpost|newpost|view(?:topic|forum|thread|board)?\b|forum|board|thread|topic|display|messageindex)|(?:^|[?&;])(?:prev_next|nextnewest|nextoldest|highlight_only)=/i
const pathPage = /(?:\/page[-/]?|[-_]page[-_]?|\/p|\/pagina-|\/seite-)(\d{1,6})(?=(?:\.html?)?\/?$)/i

/** Reads addresses of a forum of unknown software on one host, by the forms that forum software commonly gives them. */
export class GenericAddresses {
  readonly #base: string
  readonly #page: URL
  readonly #known = new Map<string, GenericAddress | undefined>()

  constructor(pageUrl: string, base: string) {
    this.#page = new URL(pageUrl)
    this.#base = base
  }

  link(href: string | undefined): string | undefined {
    return canonicalLink(href, this.#base, this.#page.host)
  }

  /** Undefined for other hosts, files and for pages that a reader of threads has no use for: log-in, profiles, search, posting. */
  read(href: string | undefined): GenericAddress | undefined {
    if (href === undefined) return undefined
    if (this.#known.has(href)) return this.#known.get(href)
    const address = this.#read(href)
    this.#known.set(href, address)
    return address
  }

  #read(href: string): GenericAddress | undefined {
    const link = this.link(href)
    if (link === undefined) return undefined
    const url = new URL(link)
    if (url.host !== this.#page.host) return undefined
    url.protocol = this.#page.protocol
    // XenForo and IPB without rewriting put the path behind a question mark.
    const inQuery = /^\?\/?([a-z]+\/[^?&=]+|\d+-[^?&=]+)$/i.exec(url.search)
    if (avoidedQuery.test(url.search) || avoidedFile.test(url.pathname)) return undefined
    if (inQuery) return queryPath(url)
    const segments = url.pathname.split("/").filter((segment) => segment !== "")
    const kept = segments.filter((segment) => !/^(latest|unread|post-\d+)$/i.test(segment))
    const thread = kept.length < segments.length && /^(threads?|topics?)$/i.test(segments.at(-3) ?? "")
    if (
      !thread &&
      segments.some(
        (segment, index) =>
          avoidedSegment.test(segment) &&
          !(index > 0 && /^(threads?|topics?|t|d|forums?|c)$/i.test(segments[index - 1]!)),
      )
    )
      return undefined
    if (thread) url.pathname = `/${kept.join("/")}/`
    return withQuery(url)
  }
}

function queryPath(url: URL): GenericAddress {
  const whole = url.href.replace(/\/(latest|unread|post-\d+)\/?$/i, "/")
  const page = /[/-]page-?(\d+)\/?$/i.exec(whole)
  const first = page ? whole.replace(page[0], /\.php\?\d/.test(whole) ? "" : "/") : whole
  const kind =
    /\?\/?(threads?|topic)\//i.test(url.search) || /showthread/i.test(url.pathname)
      ? "thread"
      : /\?\/?(forums?|categor)/i.test(url.search) || /forumdisplay/i.test(url.pathname)
        ? "board"
        : undefined
  return { ...(kind ? { kind } : {}), url: page?.[1] === "1" ? first : whole, first }
}

/** Splits parameters into what names the thing, what names the page of it, and what does neither. */
function withQuery(url: URL): GenericAddress | undefined {
  const script = url.pathname.slice(url.pathname.lastIndexOf("/") + 1)
  const parameters = url.search
    .slice(1)
    .split(/[&;]/)
    .filter((part) => part !== "")
    .map((part) => {
      const cut = part.indexOf("=")
      return cut < 0 ? ([part, ""] as const) : ([part.slice(0, cut), part.slice(cut + 1)] as const)
    })
  const named = scripts.find(([, form]) => form.test(script))
  const key = (keys: readonly string[]) =>
    keys.find((name) => parameters.some(([parameter, value]) => parameter === name && /^\d/.test(value)))
  let kind: GenericAddress["kind"]
  let idKey = named ? key(named[2]) : undefined
  if (named && idKey) kind = named[0]
  if (!idKey) {
    for (const [its, keys] of anyScript) {
      idKey ??= key(keys)
      if (idKey && keys.includes(idKey)) kind = its
      if (kind) break
    }
  }
  // A link to one post, without its thread: nothing that can be told apart from the thread itself.
  if (!kind && named?.[0] === "thread" && parameters.some(([name]) => /^(p|pid|post|postid)$/.test(name)))
    return undefined
  const id: string[] = []
  const page: string[] = []
  for (const [name, value] of parameters) {
    const numeric = /^\d{1,7}$/.test(value)
    if (name === idKey) {
      // SMF: topic=12.20 is the page from the 21st post on, topic=12.msg88 the page with that post
      const dotted = /^(\d+)\.(?:(\d+)|msg\d+|new|from\d+)$/.exec(value)
      id.push(`${name}=${dotted ? `${dotted[1]}.0` : value}`)
      if (dotted?.[2] && dotted[2] !== "0") page.push(`${name}=${value}`)
    } else if (name === "s" && /^[0-9a-f]{32}$/i.test(value)) continue
    else if (pageKeys.has(name.toLowerCase()) || (name === "p" && (idKey === "id" || !idKey) && numeric)) {
      if (numeric && value !== "0" && !(value === "1" && /^(page|pg|paged|p|pagenum\w*)$/i.test(name)))
        page.push(`${name}=${value}`)
    } else if (kind && (pointers.has(name.toLowerCase()) || name === "p" || name === "f")) continue
    else id.push(value === "" ? name : `${name}=${value}`)
  }
  return withPath(url, kind, id, page)
}

function withPath(
  url: URL,
  kind: GenericAddress["kind"],
  id: readonly string[],
  page: readonly string[],
): GenericAddress {
  const inPath = pathPage.exec(url.pathname)
  let firstPath = inPath
    ? url.pathname.replace(inPath[0], inPath[0].startsWith("/") ? "/" : "").replace(/\/{2,}$/, "/")
    : url.pathname
  let its = kind
  if (!its && id.length === 0) {
    for (const [candidate, form] of paths) {
      const match = form.exec(firstPath)
      if (!match) continue
      its = candidate
      if (candidate === "thread" && /\/(res|thread|t|d|topic)\//i.test(match[1]!))
        firstPath = match[1]! + (match[2] ?? (firstPath.endsWith("/") ? "/" : ""))
      break
    }
  }
  // Imageboards: /b/ and /b/2.html
  const board = /^(\/(?!forum|board|bbs|talk|phpbb|smf|mybb)[a-z0-9]{1,6}\/)(?:(\d{1,4})\.html|index\.html)?$/i.exec(
    firstPath,
  )
  if (!its && board && id.length === 0) {
    firstPath = board[1]!
    its = "board"
  }
  if (!its && id.length === 0 && /^\/(?:[\w-]+\/)?(?:index\.\w+|forum\.php)?$/i.test(firstPath)) its = "index"
  const isFirst = page.length === 0 && (!inPath || Number(inPath[1]) === 1) && !(board?.[2] && Number(board[2]) > 1)
  const replaced = page.filter((part) => id.some((own) => own.split("=")[0] === part.split("=")[0]))
  const kept = id.filter((own) => !replaced.some((part) => part.split("=")[0] === own.split("=")[0]))
  const search = (parts: readonly string[]) => (parts.length > 0 ? `?${parts.join("&")}` : "")
  const first = `${url.origin}${firstPath}${search(id)}`
  const whole = isFirst
    ? first
    : `${url.origin}${inPath || board?.[2] ? url.pathname : firstPath}${search([...kept, ...page])}`
  return { ...(its ? { kind: its } : {}), url: whole, first }
}
