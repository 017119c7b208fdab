import { canonicalLink } from "./canonical-link.ts"

/** An address of a phpBB forum, told apart by script and parameters; everything that changes only the presentation is left out. */
export interface PhpbbAddress {
  readonly kind: "index" | "board" | "thread" | "post"
  /** Forum, topic or post id; empty for the index. */
  readonly id: string
  readonly url: string
  /** Address of the first page. */
  readonly first: string
}

/**
 * Reads addresses of one phpBB forum: its scripts in its folder, and the forms that rewriting extensions make
 * ("/gnomes-t12-20.html", "/topic12.html", "/garden-f3/"). The topic is `t` alone: `f`, `sid`, `hilit`, sort order and view change nothing.
 */
export class PhpbbAddresses {
  readonly #page: URL
  readonly #base: string
  readonly #folder: string

  constructor(pageUrl: string, base: string) {
    this.#page = new URL(pageUrl)
    this.#base = base
    this.#folder = new URL("./", base).pathname
  }

  get host(): string {
    return this.#page.host
  }

  /** Canonical absolute address of any link, also one that leads away. */
  link(href: string | undefined): string | undefined {
    return canonicalLink(href, this.#base, this.#page.host)
  }

  /** A page of this forum, or undefined for anything else: other hosts, profiles, log-in, search, files. */
  read(href: string | undefined): PhpbbAddress | undefined {
    const url = this.#own(href)
    return url && (this.#script(url) ?? rewritten(url))
  }

  /** A link that the page's structure says is a topic or a board, whatever its address looks like. */
  readAs(kind: "board" | "thread", href: string | undefined): PhpbbAddress | undefined {
    const known = this.read(href)
    if (known) return known.kind === "index" ? undefined : known
    const url = this.#own(href)
    if (
      !url ||
      (/\.php$/i.test(url.pathname) &&
        /(ucp|posting|search|memberlist|mcp|feed|faq|report|file|cron|viewonline)\.php$/i.test(url.pathname))
    )
      return undefined
    url.searchParams.delete("sid")
    const first = url.href.replace(/([?&])start=\d+/, "$1").replace(/[?&]$/, "")
    return {
      kind,
      id: idIn(url) ?? `${url.pathname}${url.search}`.replace(/^\//, ""),
      url: withoutZero(url).href,
      first,
    }
  }

  post(id: string): string {
    return new URL(`viewtopic.php?p=${id}`, new URL(this.#folder, this.#page)).href
  }

  #own(href: string | undefined): URL | undefined {
    const link = this.link(href)
    if (link === undefined) return undefined
    const url = new URL(link)
    if (url.host !== this.#page.host) return undefined
    url.protocol = this.#page.protocol
    return url
  }

  #script(url: URL): PhpbbAddress | undefined {
    const { pathname, searchParams: query } = url
    const cut = pathname.lastIndexOf("/") + 1
    const [folder, script] = [pathname.slice(0, cut), pathname.slice(cut).toLowerCase()]
    const make = (kind: PhpbbAddress["kind"], name: string, id: string): PhpbbAddress => {
      const first = new URL(`${folder}${script}?${name}=${id}`, url).href
      const start = number(query.get("start"))
      return { kind, id, first, url: kind !== "post" && start ? `${first}&start=${start}` : first }
    }
    if (folder !== this.#folder) return undefined
    if (/^viewtopic\.\w+$/.test(script)) {
      const [topic, post, view] = [number(query.get("t")), number(query.get("p")), query.get("view")]
      if (view === "print" || view === "next" || view === "previous") return undefined
      if (topic) return make("thread", "t", topic)
      return post ? make("post", "p", post) : undefined
    }
    if (/^viewforum\.\w+$/.test(script)) {
      const forum = number(query.get("f"))
      return forum ? make("board", "f", forum) : undefined
    }
    if ((script === "" || /^index\.\w+$/.test(script)) && [...query.keys()].every((key) => key === "sid")) {
      const first = `${url.origin}${pathname}`
      return { kind: "index", id: "", url: first, first }
    }
    return undefined
  }
}

/** "/garden-f3/gnomes-t12-20.html", "/topic12.html", "/garden-f3-50.html", "/garden-f3/page50.html", "/post99.html". */
function rewritten(url: URL): PhpbbAddress | undefined {
  const match = /^(.*?(?:[-/](t|f)|\/(topic|forum|post))(\d{1,10}))(?:[-/](?:page)?(\d{1,7}))?(\.html?|\/)?$/i.exec(
    url.pathname,
  )
  if (!match || url.search !== "") return undefined
  const [, stem, short, long, id, page, ending = ""] = match
  const word = (long ?? short)!.toLowerCase()
  const kind = word.startsWith("t") ? "thread" : word.startsWith("f") ? "board" : "post"
  const inFolder = page !== undefined && url.pathname.includes(`${id}/`)
  const first = `${url.origin}${stem}${inFolder ? "/" : ending}`
  return { kind, id: id!, url: page && page !== "0" ? url.href : first, first }
}

function idIn(url: URL): string | undefined {
  return /[-/](?:t|topic-?|f|forum-?)(\d+)(?:\D|$)/i.exec(url.pathname)?.[1]
}

function withoutZero(url: URL): URL {
  if (url.searchParams.get("start") === "0") url.searchParams.delete("start")
  return url
}

/** A positive decimal number without leading zeros, or undefined. */
function number(text: string | null): string | undefined {
  const digits = text?.trim() ?? ""
  if (!/^\d{1,10}$/.test(digits)) return undefined
  const value = Number(digits)
  return value > 0 ? String(value) : undefined
}
