import type { CheerioAPI } from "cheerio/slim"
import { type Element, isTag, isText } from "domhandler"
import { isPictureName } from "./canonical-link.ts"
import { type DateContext, footerZone, forumDate, machineDate } from "./forum-dates.ts"
import type { PageInput, ParsedPost } from "./forum-engine.ts"
import { collapse } from "./page-tree.ts"
import type { PhpbbAddresses } from "./phpbb-address.ts"
import { type BodyRules, readBody } from "./post-body.ts"
import { query, textUnder } from "./query.ts"

const maxPosts = 2000
const found = new WeakMap<CheerioAPI, Element[]>()

const review = query("#topicreview, #preview")
const contents = query(".postbody .content, .content")
const attachBoxes = query(".attachbox")
const profiles = query(".postprofile")
const bylines = query(".author")
const names = query(".username, .username-coloured, .guest")
const plainNames = query("dt > strong, dt > a:not(.avatar)")
const strong = query("strong")
const times = query("time[datetime], time")

/** The posts of a topic page: `div.post#p123`; not those of a reply form's topic review, a search result or a private message. */
export function postElements($: CheerioAPI): readonly Element[] {
  const known = found.get($)
  if (known) return known
  const posts = new Map<string, Element>()
  for (const element of $(".post[id^=p]").toArray()) {
    const id = element.attribs.id!
    if (posts.size >= maxPosts) break
    if (/^p\d{1,12}$/.test(id) && !posts.has(id) && !review.closest(element)) posts.set(id, element)
  }
  const elements = [...posts.values()]
  found.set($, elements)
  return elements
}

export function readPosts($: CheerioAPI, page: PageInput, addresses: PhpbbAddresses): ParsedPost[] {
  const dates = dateContext($, page)
  // Where a page forgets to close an element, later posts lie inside earlier ones: none is read as part of another.
  const posts = new Set(postElements($))
  const rules = bodyRules(addresses, posts)
  return [...posts].map((element) => readPost(element, posts, dates, rules, addresses))
}

function readPost(
  post: Element,
  posts: ReadonlySet<Element>,
  dates: DateContext,
  rules: BodyRules,
  addresses: PhpbbAddresses,
): ParsedPost {
  const postId = post.attribs.id!.slice(1)
  const content = contents.first(post, posts)
  const boxes = attachBoxes.all(post, 200, posts).filter((box) => !isWithin(box, content))
  const postedAt = dateOf(post, posts, dates)
  return {
    postId,
    url: addresses.post(postId),
    author: authorOf(post, posts),
    ...(postedAt ? { postedAt } : {}),
    ...readBody(content ? [content, ...boxes] : boxes, rules),
  }
}

function isWithin(element: Element, outer: Element | undefined): boolean {
  for (let node = element.parent; node; node = node.parent) if (node === outer) return true
  return false
}

/** Name as the profile beside the post shows it; guests have a plain span, deleted users too. */
function authorOf(post: Element, posts: ReadonlySet<Element>): string {
  const profile = profiles.first(post, posts)
  const byline = bylines.first(post, posts)
  const candidates = [
    names.all(profile, 3),
    names.all(byline, 3),
    plainNames.all(profile, 3),
    strong.all(byline, 1),
  ].flat()
  for (const candidate of candidates) {
    const name = textUnder(candidate, 255)
    if (name !== "") return name.slice(0, 255)
  }
  return ""
}

function dateOf(post: Element, posts: ReadonlySet<Element>, dates: DateContext): string | undefined {
  const byline = bylines.first(post, posts)
  const time = times.first(byline)
  const exact = machineDate(time?.attribs.datetime, dates)
  if (exact) return exact
  const text = textUnder(time ?? byline, 500)
  // A name may look like a date, so what follows the mark is asked first; without a mark, what follows the name.
  return (
    forumDate(text.slice(text.lastIndexOf("»") + 1), dates) ??
    forumDate(lastWords(byline), dates) ??
    machineDate(times.first(post, posts)?.attribs.datetime, dates)
  )
}

/** Text that follows the last element of a byline. */
function lastWords(byline: Element | undefined): string {
  let words = ""
  for (const child of byline?.children ?? []) {
    if (isText(child)) words += child.data
    else if (isTag(child)) words = ""
  }
  return collapse(words)
}

function dateContext($: CheerioAPI, page: PageInput): DateContext {
  const given: DateContext = { zone: page.timeZone, now: page.now }
  // The line stands in the footer's navigation bar, in every language with "UTC" or "GMT".
  const lines = $(
    "#page-footer li, .page-footer li, #nav-footer li, .navbar li, .footer li, #page-footer p, .timezone",
  ).toArray()
  for (const line of lines) {
    const text = collapse($(line).text())
    if (text.length > 160 || !/\b(UTC|GMT)\b/.test(text)) continue
    const last = text.slice(text.search(/\b(UTC|GMT)\b/))
    const zone = footerZone(last, $(line).find("span[title], abbr[title]").first().attr("title"), given)
    if (zone) return { ...given, zone }
  }
  return given
}

function bodyRules(addresses: PhpbbAddresses, posts: ReadonlySet<Element>): BodyRules {
  return {
    link: (href) => {
      const address = addresses.read(href)
      if (address) return address.url
      const url = addresses.link(href)
      return url && addresses.host === URL.parse(url)?.host ? fullSize(url) : url
    },
    skip(element) {
      if (posts.has(element)) return true
      const { name, attribs } = element
      const classes = ` ${attribs.class ?? ""} `
      if (name === "blockquote" || name === "cite") return true
      if (/ (signature|notice|rules|sr-only|quotetitle|quotecontent) /.test(classes)) return true
      const parent = element.parent && isTag(element.parent) ? element.parent : undefined
      const inParent = ` ${parent?.attribs.class ?? ""} `
      // Captions: "Attachments", sizes and counts below files, "Code: Select all".
      if (name === "dt" && / (attachbox|codebox) /.test(inParent)) return true
      if (name === "dd" && / (file|thumbnail) /.test(inParent)) return true
      if (name === "p" && (/ codebox /.test(inParent) || parent?.name === "dd")) return isCaption(element, inParent)
      return false
    },
    image(element) {
      const { src = "", class: classes = "" } = element.attribs
      if (/(^|\s)(smilies|emoji|smiley)(\s|$)/.test(classes) || /\/(smilies|smileys|emoticons|emoji)\//i.test(src))
        return "smiley"
      if (/\/(upload_icons|icons|ranks|imageset|avatars)\//i.test(src) || /file\.php\?avatar=/i.test(src))
        return "ornament"
      return /(^|\s)(avatar|icon|rank)(\s|$)/.test(classes) ? "ornament" : "picture"
    },
    pictureKey: (url) => attachmentId(url) ?? url,
    isAttachment: (url) => attachmentId(url) !== undefined,
    isPicture: (url, name) => attachmentId(url) !== undefined && (/[?&]mode=view\b/.test(url) || isPictureName(name)),
  }
}

/** A codebox's heading, or the note in the place of an attachment that may not be seen. */
function isCaption(element: Element, parentClasses: string): boolean {
  if (/ codebox /.test(parentClasses)) return true
  return (
    element.children.some((child) => isText(child) && /^\s*\[.*\]\s*$/.test(child.data)) &&
    element.children.length === 1
  )
}

/** A thumbnail's address (`t=1`) leads to the attachment itself when that parameter is left out. */
function fullSize(url: string): string {
  return attachmentId(url) === undefined ? url : url.replace(/([?&])t=1(?:&|$)/, "$1").replace(/[?&]$/, "")
}

function attachmentId(url: string): string | undefined {
  return /\/(?:download\/)?file\.\w+\?(?:[^#]*&)?id=(\d+)/.exec(url)?.[1]
}
