import type { CheerioAPI } from "cheerio/slim"
import type { Element } from "domhandler"
import type { PageKind } from "../../src/model/visit.ts"
import type { Link } from "../../src/ports/frontier.ts"
import { maxLinks, maxLinksRead } from "./canonical-link.ts"
import type { ForumEngine, PageInput, ParsedPage, ParsedPost } from "./forum-engine.ts"
import { generic } from "./generic.ts"
import { messageObstacle, obstacleOf } from "./obstacle.ts"
import { collapse, pageTree } from "./page-tree.ts"
import { type PhpbbAddress, PhpbbAddresses } from "./phpbb-address.ts"
import { postElements, readPosts } from "./phpbb-posts.ts"
import { type Query, query, textUnder } from "./query.ts"

/** What stands on phpBB's pages, each name with everything that must be there. Asked on every page, so each question ends at its first hit, and those that a page answers soonest come first. */
const marks: Readonly<Record<string, readonly Query[]>> = {
  "body#phpbb": [query("body#phpbb")],
  "topic lists": [query("ul.topiclist > li.row, ul.topiclist > li.header")],
  "topic links": [query("a.topictitle, a.forumtitle")],
  posts: [query(".post[id] .postbody"), query("dl.postprofile, p.author")],
  scripts: [
    query(
      "a[href*='viewtopic.php?'], a[href*='viewforum.php?'], a[href*='ucp.php?mode='], form[action*='ucp.php?mode=']",
    ),
  ],
  "page body": [query("#page-body"), query("#page-header, #page-footer")],
  copyright: [query(".copyright a[href*='phpbb.com'], .footer-copyright a[href*='phpbb.com']")],
  "message box": [query("#page-body #message.panel, form#login .panel")],
}
const phrases: Readonly<Record<string, RegExp>> = {
  "style comment": /<!--\s*phpBB style name:/i,
  copyright: /Powered by phpBB/i,
  credits: /phpBB(®|&reg;)?\s*(<\/a>)?\s*Forum Software/i,
}

/**
 * phpBB 3.0 to 3.3 with prosilver or a style made from it. Source of the markup: the project's own templates (`overall_header`,
 * `index_body`, `forumlist_body`, `viewforum_body`, `viewtopic_body`, `attachment`, `pagination`, `bbcode`).
 */
export const phpbb: ForumEngine = {
  name: "phpbb",
  version: 1,

  *markers(page) {
    const { root } = pageTree(page)
    const shown = new Set<string>()
    for (const [name, all] of Object.entries(marks)) {
      if (!all.every((mark) => mark.first(root))) continue
      shown.add(name)
      yield name
    }
    for (const [name, phrase] of Object.entries(phrases)) if (!shown.has(name) && phrase.test(page.html)) yield name
  },

  parse(page) {
    const { $, base } = pageTree(page)
    const addresses = new PhpbbAddresses(page.url, base)
    const posts = postElements($)
    const kind = kindOf($, page, addresses, posts.length)
    const links = linksOf($, kind, addresses)
    const self = kind === "thread" || kind === "board" ? selfAddress($, page, addresses, kind) : undefined
    if (kind === "thread") {
      const read = posts.length > 0 ? readPosts($, page, addresses) : otherStyle(page, addresses)
      return {
        kind,
        title: titleOf($, kind),
        ...(self ? { thread: self.id, threadUrl: self.first } : {}),
        posts: read,
        links: links.read(self),
        ...(read.length === 0 ? obstacle($) : {}),
      }
    }
    const found = links.read(self)
    const empty = $("a.topictitle, a.forumtitle, ul.topiclist li.row").length === 0
    return { kind, title: titleOf($, kind), posts: [], links: found, ...(empty ? obstacle($) : {}) }
  },
}

/** Styles with a markup of their own (subsilver2, for one): posts found by structure, known by phpBB's numbers. */
function otherStyle(page: PageInput, addresses: PhpbbAddresses): ParsedPost[] {
  return generic
    .parse(page)
    .posts.map((post) => (/^\d+$/.test(post.postId) ? { ...post, url: addresses.post(post.postId) } : post))
}

function obstacle($: CheerioAPI): Pick<ParsedPage, "obstacle"> {
  const message = $("#message").first()
  const general = message.length > 0 ? message : $("body#errorpage #content").first()
  if (general.length > 0) return { obstacle: messageObstacle(collapse(general.text())) }
  if ($("#page-body .panel, .forumbg, .forabg").length > 0 && $("form#login, .panel input[type=password]").length === 0)
    return {}
  const found = obstacleOf($)
  return found ? { obstacle: found } : {}
}

function kindOf($: CheerioAPI, page: PageInput, addresses: PhpbbAddresses, posts: number): PageKind {
  const section = /(?:^|\s)section-([\w-]+)/.exec($("body").attr("class") ?? "")?.[1] ?? ""
  const address = addresses.read(page.url)
  const topics = $("a.topictitle").length
  const forums = $("a.forumtitle, ul.topiclist.forums").length
  const blocked = $("#message.panel, form#login").length > 0 && posts + topics + forums === 0
  if (blocked || /^(search|posting|ucp|mcp|memberlist|viewonline|faq|app)/.test(section)) return "other"
  if (/(^|\/)(search|posting|ucp|mcp|memberlist|viewonline)\.php$/.test(new URL(page.url).pathname)) return "other"
  if (posts > 0) return "thread"
  if (section === "viewtopic" || (address?.kind === "thread" && topics + forums === 0)) return "thread"
  if (section === "viewforum" || address?.kind === "board") return "board"
  if (topics > 0 || $("h2.forum-title").length > 0) return "board"
  if (forums > 0 || section === "index") return "index"
  return "other"
}

function titleOf($: CheerioAPI, kind: PageKind): string {
  const heading =
    kind === "thread"
      ? $("h2.topic-title a, .topic-title a, #page-body > h2 > a, h2 > a[href*='viewtopic']").first()
      : kind === "board"
        ? $("h2.forum-title a, .forum-title a, #page-body > h2 > a, h2 > a[href*='viewforum']").first()
        : $("#site-description h1, .site-description h1").first()
  return collapse(heading.text()) || collapse($("title").first().text())
}

/** The page's own topic or board: its title's link knows it even where the address was one of a single post. */
function selfAddress(
  $: CheerioAPI,
  page: PageInput,
  addresses: PhpbbAddresses,
  kind: "board" | "thread",
): PhpbbAddress | undefined {
  const script = kind === "thread" ? "viewtopic" : "viewforum"
  const candidates = [
    $(`h2.${kind === "thread" ? "topic" : "forum"}-title a`).attr("href"),
    $(`#page-body > h2 > a, h2 > a[href*='${script}']`).attr("href"),
    page.url,
    $("link[rel=canonical]").attr("href"),
    $(".pagination a[href*='start=']").attr("href"),
    $(`a[href*='${kind === "thread" ? "mode=reply" : "mode=post"}']`)
      .attr("href")
      ?.replace(/posting\.php/, `${script}.php`),
  ]
  for (const candidate of candidates) {
    const address = addresses.read(candidate)
    if (address?.kind === kind) return address
  }
  const title = $(`h2.${kind === "thread" ? "topic" : "forum"}-title a, #page-body > h2 > a`).attr("href") ?? page.url
  return addresses.readAs(kind, title) ?? addresses.readAs(kind, page.url)
}

function linksOf($: CheerioAPI, kind: PageKind, addresses: PhpbbAddresses) {
  const found = new Map<string, Link>()
  const outward = outwardBoards($, addresses)
  const add = (address: PhpbbAddress | undefined): void => {
    if (!address || found.size >= maxLinks) return
    if (address.kind === "index" && kind === "index") return
    if (address.kind === "board" && outward.has(address.id)) return
    const link: Link = { url: address.url, kind: address.kind === "post" ? "thread" : address.kind }
    if (!found.has(link.url)) found.set(link.url, link)
  }

  const read = (self: PhpbbAddress | undefined): readonly Link[] => {
    const lone: PhpbbAddress[] = []
    const rows = new Map<Element, boolean>()
    const shown = new Set(postElements($).map((element) => element.attribs.id!.slice(1)))
    for (const link of $("link[rel=next], link[rel=prev], a[href]").toArray().slice(0, maxLinksRead)) {
      const { href } = link.attribs
      if (topicTitle.matches(link)) add(addresses.readAs("thread", href))
      else if (boardTitle.matches(link)) add(addresses.readAs("board", href))
      else {
        const address = addresses.read(href)
        if (!address) {
          if (self && pager.closest(link)) add(pageOf(addresses, self, link))
        } else if (secondHand.closest(link)) continue
        else if (address.kind !== "post") add(address)
        else if (!shown.has(address.id) && !namedByRow(link, rows)) lone.push(address)
      }
    }
    // A link to a single post names no topic. The boards lead to every topic, so it is followed only where nothing else is.
    if (found.size === 0) for (const address of lone) add(address)
    return [...found.values()]
  }
  return { read }
}

const topicTitle = query("a.topictitle")
const boardTitle = query("a.forumtitle, a.subforum, li.header dt a")
const pager = query(".pagination, link[rel]")
/** In somebody's quote or signature, or in the jump menu, which lists link forums like boards. */
const secondHand = query("blockquote, .signature, #jumpbox")
const row = query("li.row, tr")
const rowTitle = query("a.topictitle, a.forumtitle, a.forumlink")
const listRow = query("li.row")
const entry = query("dl")
const clicks = query("dd.redirect")

/** A further page whose address a rewriting extension has made: a page of the row's topic, or of this topic or board. */
function pageOf(addresses: PhpbbAddresses, self: PhpbbAddress, link: Element): PhpbbAddress | undefined {
  const numbered = /^\d{1,6}$/.test(textUnder(link, 20)) || /^(next|prev)$/.test(link.attribs.rel ?? "")
  if (!numbered || self.kind === "index" || self.kind === "post") return undefined
  return addresses.readAs(listRow.closest(link) ? "thread" : self.kind, link.attribs.href)
}

/** Last-post links stand in rows that name the topic or the board itself. */
function namedByRow(link: Element, rows: Map<Element, boolean>): boolean {
  const around = row.closest(link)
  if (!around) return false
  const named = rows.get(around) ?? rowTitle.first(around) !== undefined
  rows.set(around, named)
  return named
}

/** Boards that are only a redirect to another place ("link forums"): phpBB marks their rows and counts their clicks. */
function outwardBoards($: CheerioAPI, addresses: PhpbbAddresses): Set<string> {
  const ids = new Set<string>()
  const note = (href: string | undefined): void => {
    const address = addresses.read(href)
    if (address?.kind === "board") ids.add(address.id)
  }
  for (const item of $("ul.topiclist.forums > li.row").toArray()) {
    const { class: classes = "", style = "" } = entry.first(item)?.attribs ?? {}
    if (/forum_link/.test(`${classes} ${style}`) || clicks.first(item)) note(rowTitle.first(item)?.attribs.href)
  }
  for (const icon of $("a.subforum > i.fa-external-link").toArray()) note($(icon).parent().attr("href"))
  return ids
}
