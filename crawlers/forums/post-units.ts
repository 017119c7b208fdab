import type { CheerioAPI } from "cheerio/slim"
import { type ChildNode, type Element, isTag, isText } from "domhandler"
import { maxLinksRead } from "./canonical-link.ts"
import type { GenericAddresses } from "./generic-address.ts"

/** What lies under an element, counted once for the whole page. */
interface Content {
  text: number
  /** Characters in links and in dates: not words of a post's own. */
  linked: number
  dates: number
  authors: number
  pictures: number
  /** Links to threads and boards other than the page's own. */
  threads: number
  boards: number
  nodes: number
}

export interface Units {
  readonly elements: readonly Element[]
  /** Posts of a thread, or rows that lead to threads or boards. */
  readonly role: "posts" | "rows"
}

/** A page of posts has far fewer of anything. */
const maxMembers = 8000
const containers = new Set([
  "div",
  "li",
  "article",
  "section",
  "table",
  "tr",
  "td",
  "dl",
  "tbody",
  "aside",
  "details",
  "p",
  "shreddit-comment",
])
const quick =
  /\d{1,2}[:.h]\d\d|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\b(19|20)\d\d\b|\b(ago|today|yesterday|heute|gestern|vor \d|hier|ayer|hoy)\b|сегодня|вчера|назад/i
const authorHint =
  /(^|[\s_-])(author|user-?name|poster(name|-name)?|nick(name)?|creator|user-?link|linkname|byline|bigusername|member-?name|display-?name|name)($|[\s_-])/i
const postHint =
  /(^|[\s_-])(posts?|message|msg|comment|reply|replies|entry|postbit\w*|blockpost|post-?(container|wrapper|row|item|bit)|inner(post|op)|postcell|windowbg\d?|topic-?post|topic-body|crawler-post|commentpost|main-?post)($|[\s_#-])/i
const state =
  /^(odd|even|first|last|active|alt\d?|bg\d|row\d?|rowodd|roweven|clearfix|cf|col.*|clear|hidden|visible|online|offline|unread|new|lastpost|firstpost|op|pull-.*|js-.*|is-.*|has-.*|t\w?row\d?|trow\d)$/i
const quoteHint =
  /(^|[\s_-])(quote(d|box|block|content|header|title|main|post)?|bb_?code_?quote|bbcodeblock--quote|mycode_quote|bbc_standard_quote|quote-?container)($|[\s_-])/i

/** Whether an element quotes somebody else. A `blockquote` is the body itself in vBulletin 4 and on some imageboards. */
export function isQuote(element: Element): boolean {
  const classes = element.attribs.class ?? ""
  if (element.name === "blockquote") return !/postcontent|postmessage|restore|message-?body/i.test(classes)
  return element.name !== "span" && element.name !== "body" && quoteHint.test(classes)
}

/** Finds what repeats on a page: the posts of a thread, else the rows of a list. One walk over the tree, then over its groups. */
export function findUnits($: CheerioAPI, addresses: GenericAddresses, own: string, isList: boolean): Units | undefined {
  const contents = new Map<Element, Content>()
  const groups = new Map<string, Element[]>()
  let parents = 0
  let read = 0
  const visit = (element: Element, quoted: boolean): Content => {
    const content: Content = { text: 0, linked: 0, dates: 0, authors: 0, pictures: 0, threads: 0, boards: 0, nodes: 1 }
    const { attribs, name } = element
    const inQuote = quoted || isQuote(element)
    const classes = `${attribs.class ?? ""} ${attribs.itemprop ?? ""} ${attribs.rel ?? ""}`
    const number = ++parents
    let inner = false
    for (const child of element.children) {
      if (isText(child)) {
        const text = child.data.trim()
        content.text += text.length
        if (!inQuote && text.length >= 3 && text.length <= 90 && quick.test(text)) {
          content.dates++
          if (element.name !== "a") content.linked += text.length
        }
      } else if (isTag(child) && !/^(script|style|noscript|template|select|head)$/.test(child.name)) {
        const below = visit(child, inQuote)
        for (const key of Object.keys(content) as (keyof Content)[]) content[key] += below[key]
        inner ||= below.dates > 0
        if (containers.has(child.name) && !inQuote) note(child, number)
      }
    }
    if (
      name === "time" ||
      attribs.datetime ||
      /date|time/i.test(attribs.itemprop ?? "") ||
      /^\d{9,13}$/.test(attribs["data-timestamp"] ?? attribs["data-time"] ?? attribs["data-utime"] ?? "")
    )
      content.dates = Math.max(1, inner ? content.dates : 1)
    else if (!inner && content.dates === 0 && attribs.title && attribs.title.length < 60 && quick.test(attribs.title))
      content.dates = 1
    if (authorHint.test(classes) || attribs["data-author"] || attribs["data-username"])
      content.authors = Math.max(1, content.authors)
    if (name === "img" && !inQuote) content.pictures = 1
    if (name === "a" && !inQuote) {
      content.linked = content.text
      if (/(member|profile|user|\/u\/|author|action=profile)/i.test(attribs.href ?? ""))
        content.authors = Math.max(1, content.authors)
      const address = ++read <= maxLinksRead ? addresses.read(attribs.href) : undefined
      if (address && address.first !== own && address.kind === "thread") content.threads = 1
      if (address && address.first !== own && address.kind === "board") content.boards = 1
    }
    contents.set(element, content)
    return content
  }
  const note = (element: Element, parent: number): void => {
    for (const key of keysOf(element, parent)) {
      const group = groups.get(key)
      if (group) group.push(element)
      else groups.set(key, [element])
    }
  }
  const root = $("body").get(0) ?? ($.root().children("*").get(0) as Element | undefined)
  if (!root) return undefined
  visit(root as Element, false)

  let best: { score: number; elements: Element[] } | undefined
  let rows: { score: number; elements: Element[] } | undefined
  for (const [key, members] of groups) {
    const hinted = postHint.test(key) || key === "article" || key.startsWith("item:")
    const whole = outermost(members.slice(0, maxMembers))
    if (whole.length < 2 && !(hinted && !isList)) continue
    const listed = whole.filter((element) => leads(contents.get(element)!)).length
    const elements = whole.filter((element) => isDated(contents.get(element)!))
    const isRow = listed >= whole.length * 0.6
    if (isRow && whole.length >= 2) {
      const score = listed * (elements.length / whole.length + 0.5)
      if (!rows || score > rows.score) rows = { score, elements: whole }
    }
    if (isRow || elements.length < whole.length * 0.6) continue
    const written = elements.filter((element) => hasWords(contents.get(element)!)).length
    if (!hinted && written < elements.length * 0.4) continue
    const evidence = evidenceFor(elements, contents) + (hinted ? 1.2 : 0)
    if (evidence < (elements.length === 1 ? 3.2 : 2.4)) continue
    const score = evidence * evidence * Math.log2(1 + elements.length)
    // The outer of two equal candidates holds the author's column too; groups are met innermost first.
    const outer = best && score >= best.score * 0.9 && encloses(elements, best.elements)
    if (!best || outer || (score > best.score * 1.02 && !encloses(best.elements, elements))) best = { score, elements }
  }
  if (best && !isList) return { role: "posts", elements: withOpening($, best.elements, contents) }
  if (rows) return { role: "rows", elements: rows.elements }
  return best ? { role: "posts", elements: withOpening($, best.elements, contents) } : undefined
}

/** How much speaks for these being posts, 1 to 4.8: names, numbers, text of their own, few dates. */
function evidenceFor(elements: readonly Element[], contents: ReadonlyMap<Element, Content>): number {
  let points = elements.length
  for (const element of elements) {
    const content = contents.get(element)!
    const { attribs } = element
    if (content.authors > 0) points += 0.8
    if (
      /\d/.test(
        `${attribs.id ?? ""}${attribs["data-post-id"] ?? ""}${attribs["data-content"] ?? ""}${attribs["data-pid"] ?? ""}`,
      )
    )
      points++
    if (hasWords(content)) points++
    if (content.dates <= 4) points++
  }
  return points / Math.max(1, elements.length)
}

/** Holds more than links, dates and a name. */
function hasWords(content: Content): boolean {
  return content.text - content.linked > 12 || content.pictures > 0
}

/** Leads to another thread or board: a row of a list. */
function leads(content: Content): boolean {
  return content.threads + content.boards > 0 && content.threads < 40
}

function isDated(content: Content): boolean {
  return content.dates > 0 && content.dates <= 12
}

function keysOf(element: Element, parent: number): string[] {
  const { id = "", class: classes = "", itemtype = "" } = element.attribs
  const keys: string[] = []
  if (/\d/.test(id)) keys.push(`${element.name}#${id.replace(/[\da-f]{8,}|\d+/gi, "#")}`)
  for (const token of classes.split(/\s+/, 12))
    if (token !== "" && !state.test(token)) keys.push(`${element.name}.${token.replace(/\d+/g, "#")}`)
  if (element.name === "article") keys.push("article")
  if (/(comment|posting|article|answer|question)$/i.test(itemtype)) keys.push(`item:${itemtype}`)
  if (keys.length === 0) keys.push(`${element.name}^${parent}`)
  return keys
}

/** Members that lie in no other member; where one member wraps all others, those others. */
function outermost(members: readonly Element[], wrappers = 2): Element[] {
  const all = new Set(members)
  const inside = new Map<Element, number>()
  const outer: Element[] = []
  for (const member of members) {
    let up = member.parent
    let top: Element | undefined
    while (up && isTag(up)) {
      if (all.has(up)) top = up
      up = up.parent
    }
    if (top) inside.set(top, (inside.get(top) ?? 0) + 1)
    else outer.push(member)
  }
  if (wrappers > 0 && outer.length === 1 && (inside.get(outer[0]!) ?? 0) >= 2) {
    return outermost(
      members.filter((member) => member !== outer[0]),
      wrappers - 1,
    )
  }
  return outer
}

/** Whether each of the inner elements lies in its own outer one. */
function encloses(outer: readonly Element[], inner: readonly Element[]): boolean {
  if (outer.length !== inner.length) return false
  const set = new Set(outer)
  const seen = new Set<Element>()
  for (const element of inner) {
    let up = element.parent
    while (up && isTag(up) && !set.has(up)) up = up.parent
    if (!up || !isTag(up)) return false
    seen.add(up)
  }
  return seen.size === outer.length
}

/** Imageboards give the opening post a class of its own: taken in where it stands before the others and looks like one. */
function withOpening($: CheerioAPI, elements: readonly Element[], contents: ReadonlyMap<Element, Content>): Element[] {
  const opening = $(".op, .innerOP, .innerOp, .opPost, .post-op, [id^=op_], .first-post, .opening-post")
    .toArray()
    .filter((element) => {
      const content = contents.get(element)
      if (!content || content.dates === 0) return false
      return !elements.some((other) => other === element || isInside(other, element) || isInside(element, other))
    })
  const first = opening[0]
  return first && opening.length === 1 ? [first, ...elements] : [...elements]
}

function isInside(element: Element, outer: Element): boolean {
  let up: ChildNode | null = element.parent as ChildNode | null
  while (up) {
    if (up === outer) return true
    up = up.parent as ChildNode | null
  }
  return false
}
