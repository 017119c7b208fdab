import type { CheerioAPI } from "cheerio/slim"
import { type Element, isTag, isText } from "domhandler"
import { isPictureName } from "./canonical-link.ts"
import { type DateContext, footerZone, forumDate, machineDate } from "./forum-dates.ts"
import type { PageInput, ParsedPost } from "./forum-engine.ts"
import { collapse, textOf } from "./page-tree.ts"
import type { PhpbbAddresses } from "./phpbb-address.ts"
import { type BodyRules, readBody } from "./post-body.ts"

const maxPosts = 2000

/** The posts of a topic page: `div.post#p123`; not those of a reply form's topic review, a search result or a private message. */
export function postElements($: CheerioAPI): Element[] {
  const seen = new Set<string>()
  return $(".post[id^=p]")
    .toArray()
    .filter((element) => {
      const id = element.attribs.id!
      if (!/^p\d{1,12}$/.test(id) || seen.has(id) || $(element).closest("#topicreview, #preview").length > 0)
        return false
      seen.add(id)
      return true
    })
    .slice(0, maxPosts)
}

export function readPosts(
  $: CheerioAPI,
  elements: readonly Element[],
  page: PageInput,
  addresses: PhpbbAddresses,
): ParsedPost[] {
  const dates = dateContext($, page)
  const rules = bodyRules(addresses)
  return elements.map((element) => readPost($, element, dates, rules, addresses))
}

function readPost(
  $: CheerioAPI,
  element: Element,
  dates: DateContext,
  rules: BodyRules,
  addresses: PhpbbAddresses,
): ParsedPost {
  const post = $(element)
  const postId = element.attribs.id!.slice(1)
  const content = post.find(".postbody .content, .content").first()
  const boxes = post.find(".attachbox").not(content.find(".attachbox"))
  const postedAt = dateOf($, element, dates)
  return {
    postId,
    url: addresses.post(postId),
    author: authorOf($, element),
    ...(postedAt ? { postedAt } : {}),
    ...readBody([...content.toArray(), ...boxes.toArray()], rules),
  }
}

/** Name as the profile beside the post shows it; guests have a plain span, deleted users too. */
function authorOf($: CheerioAPI, element: Element): string {
  const post = $(element)
  const profile = post.find("dl.postprofile, .postprofile").first()
  const byline = post.find("p.author, .author").first()
  const candidates = [
    profile.find(".username, .username-coloured, .guest").first(),
    byline.find(".username, .username-coloured").first(),
    profile.find("dt > strong, dt > a:not(.avatar):not(:has(img))").first(),
    byline.find("strong").first(),
  ]
  for (const candidate of candidates) {
    const name = textOf($, candidate.get(0))
    if (name !== "") return name.slice(0, 255)
  }
  return ""
}

function dateOf($: CheerioAPI, element: Element, dates: DateContext): string | undefined {
  const byline = $(element).find("p.author, .author").first()
  const time = byline.find("time").first()
  const exact = machineDate(time.attr("datetime"), dates)
  if (exact) return exact
  const text = time.length > 0 ? collapse(time.text()) : collapse(byline.text())
  const afterMark = text.slice(text.lastIndexOf("»") + 1)
  // A name may look like a date, so what follows the mark is asked first; without a mark, what follows the name.
  return (
    forumDate(afterMark, dates) ??
    forumDate(lastWords(byline.get(0)), dates) ??
    machineDate($(element).find("time[datetime]").attr("datetime"), dates)
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

function bodyRules(addresses: PhpbbAddresses): BodyRules {
  return {
    link: (href) => {
      const url = addresses.link(href)
      return url && addresses.host === URL.parse(url)?.host ? fullSize(url) : url
    },
    skip(element) {
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
