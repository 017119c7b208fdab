import { type Element, isTag } from "domhandler"
import { type DateContext, forumDate, machineDate } from "./forum-dates.ts"
import type { GenericAddresses } from "./generic-address.ts"
import { collapse } from "./page-tree.ts"
import { isQuote } from "./post-units.ts"
import { query, textUnder } from "./query.ts"

const authorPlaces = [
  "[itemprop=author] [itemprop=name], [itemprop=creator] [itemprop=name]",
  "[itemprop=author], [itemprop=creator]",
  ".username, .postauthor, .author .name, .bigusername, .user-name, .message-name, .PostUser-name, .author-name, .poster-name",
  ".name, .linkName, .postername, .nickname, .nick",
  ".poster h4, .author_information a, .postleft dt strong, .author a, .creator a",
  ".poster a, .who, .user, [class*=username i], [class*=author-name i], [class*=user_name i]",
  ".author, .poster, .creator, .byline",
  "a[rel=author]",
  "a[href*='action=profile'], a[href*='member'], a[href*='profile'], a[href*='/user'], a[href*='user.php'], a[href*='/u/']",
].map(query)
const datePlaces = query(
  "time, abbr[title], [data-timestamp], [data-time], [data-utime], [itemprop=dateCreated], [itemprop=datePublished], .date, .post_date, .post-date, .postdate, .posted, .time, .timestamp, .labelCreated, .DateTime, [class*=date], [class*=time]",
)
const unlikelyDates = query("[class*=edit], .signature, [class*=join], [class*=register]")
const boldTexts = query("b, strong, h3, h4, h5, dt, a")
const handles = query(".name")
const trips = query(".trip")
const numbered = query("[id], a[name]")
const permalinks = query("a[href*='#'], a[href*='pid='], a[href*='post'], a.permalink")
const anchors = query("a[href]")

export function withinQuote(element: Element, unit: Element): boolean {
  let up = element.parent
  while (up && isTag(up) && up !== unit) {
    if (isQuote(up)) return true
    up = up.parent
  }
  return false
}

/** The name beside a post: by markup that says so, by a profile link, else the first short bold text. */
export function authorOf(unit: Element, body: Element): string {
  const given = unit.attribs["data-author"] ?? unit.attribs["data-username"]
  if (given) return collapse(given).slice(0, 255)
  const whole = body === unit
  for (const place of authorPlaces) {
    for (const candidate of place.all(unit, 8)) {
      if (!whole && (candidate === body || isBelow(candidate, body))) continue
      if (withinQuote(candidate, unit)) continue
      const trip =
        handles.matches(candidate) && candidate.parent && isTag(candidate.parent)
          ? textUnder(trips.first(candidate.parent))
          : ""
      const name =
        (candidate.attribs.content || textUnder(candidate)).replace(
          /^(by|from|posted by|von|par|por|author)\s*:?\s+/i,
          "",
        ) + trip
      if (name !== "" && name.length <= 80 && !/^\d+$/.test(name)) return name
    }
  }
  return whole ? "" : firstName(unit, body)
}

/** Without any hint: the first short bold text or heading before the body. */
function firstName(unit: Element, body: Element): string {
  for (const element of boldTexts.all(unit, 8)) {
    if (element === body || isBelow(element, body)) return ""
    const name = textUnder(element)
    if (name.length >= 2 && name.length <= 40 && !/^[#№\d\s.:/-]+$/.test(name) && !/\d[:.]\d\d/.test(name)) return name
  }
  return ""
}

function isBelow(element: Element, outer: Element): boolean {
  let up = element.parent
  while (up && up !== outer) up = up.parent
  return up === outer
}

/** When a post was written: from what machines read, from elements that say so, else from the first text that is a date. */
export function dateOf(unit: Element, body: Element, dates: DateContext): string | undefined {
  const whole = body === unit
  for (const element of datePlaces.all(unit, 12)) {
    if (!whole && (element === body || isBelow(element, body))) continue
    if (withinQuote(element, unit) || unlikelyDates.closest(element)) continue
    const { attribs } = element
    for (const value of [
      attribs.datetime,
      attribs.content,
      attribs["data-timestamp"],
      attribs["data-time"],
      attribs["data-utime"],
    ]) {
      const exact = machineDate(value, dates)
      if (exact) return exact
    }
    const titled = forumDate(attribs.title ?? "", dates)
    const text = titled ?? forumDate(textUnder(element), dates)
    if (text) return text
  }
  const stamp = machineDate(unit.attribs["data-timestamp"] ?? unit.attribs["data-time"], dates)
  return stamp ?? dateInText(unit, body, dates)
}

/** First short text outside the body that is a date with a clock or a year. */
function dateInText(unit: Element, body: Element, dates: DateContext): string | undefined {
  let left = 400
  const walk = (element: Element): string | undefined => {
    for (const child of element.children) {
      if (--left < 0) return undefined
      if (isTag(child)) {
        if (
          (child === body && body !== unit) ||
          isQuote(child) ||
          /join|regist|signature|edit/i.test(child.attribs.class ?? "")
        )
          continue
        const found = forumDate(child.attribs.title ?? "", dates) ?? walk(child)
        if (found) return found
      } else if (child.type === "text") {
        const text = collapse(child.data)
        if (text.length < 5 || text.length > 120 || /join|regist|member since/i.test(text)) continue
        if (!/\d[:.h]\d\d|\b(19|20)\d\d\b|ago|назад|^vor |il y a|hace/i.test(text)) continue
        const found = forumDate(text, dates)
        if (found) return found
      }
    }
    return undefined
  }
  return walk(unit)
}

/** The engine's number of a post, from its element, an anchor in it or its permalink. */
export function postNumber(unit: Element): string | undefined {
  const { attribs } = unit
  const named = [
    attribs["data-post-id"],
    attribs["data-pid"],
    attribs["data-content"],
    attribs["data-msgid"],
    attribs["data-comment-id"],
    attribs.id,
    attribs["data-id"],
  ]
  for (const value of named) {
    const number = /(\d{1,19})(?!.*\d)/.exec(value ?? "")?.[1]
    if (number) return number
  }
  const inner = numbered.all(unit, 12)
  for (const { attribs: its } of inner) {
    const number =
      /^(?:[a-z]*[_-]?(?:post|p|pid|msg|message|comment|c|reply|r|entry|edit)[_-]?[a-z]*[_-]?)(\d{1,19})$|^(\d{2,19})$/i.exec(
        its.name ?? its.id ?? "",
      )
    if (number) return number[1] ?? number[2]
  }
  for (const { attribs: its } of permalinks.all(unit, 12)) {
    const number = /(?:#(?:[a-z]*[_-]?)|[?&;](?:pid|p|post|postid)=|\/posts?[/-])(\d{1,19})$/i.exec(its.href ?? "")?.[1]
    if (number) return number
  }
  return undefined
}

/** The address of a post by itself, where the page names one; else the page. */
export function permalink(
  unit: Element,
  page: string,
  addresses: GenericAddresses,
  number: string | undefined,
): string {
  if (number === undefined) return page
  for (const { attribs } of anchors.all(unit, 60)) {
    const href = attribs.href ?? ""
    if (!href.includes(number)) continue
    if (/quote|report|reply|edit|like|react|attachment|file|\.(jpe?g|png|gif|webp)/i.test(href)) continue
    const url = addresses.link(href)
    if (url && URL.parse(url)?.host === URL.parse(page)?.host) return url
  }
  return page
}
