import type { Cheerio } from "cheerio"
import type { CheerioAPI } from "cheerio/slim"
import { type Element, isTag } from "domhandler"
import { idOf } from "../../src/model/record.ts"
import { isPictureName, isPictureUrl } from "./canonical-link.ts"
import { type DateContext, forumDate, machineDate } from "./forum-dates.ts"
import type { ParsedPost } from "./forum-engine.ts"
import type { GenericAddresses } from "./generic-address.ts"
import { collapse, textOf } from "./page-tree.ts"
import { type BodyRules, readBody } from "./post-body.ts"
import { isQuote } from "./post-units.ts"

const authorPlaces = [
  "[itemprop=author] [itemprop=name], [itemprop=creator] [itemprop=name]",
  "[itemprop=author], [itemprop=creator]",
  ".username, .author .name, .bigusername, .user-name, .message-name, .PostUser-name, .author-name, .poster-name",
  ".name, .linkName, .postername, .nickname, .nick",
  ".poster h4, .author_information a, .postleft dt strong, .author a, .creator a",
  ".poster a, .who, .user, [class*=username i], [class*=author-name i], [class*=user_name i]",
  ".author, .poster, .creator, .byline",
  "a[rel=author]",
  "a[href*='action=profile'], a[href*='member'], a[href*='profile'], a[href*='/user'], a[href*='user.php'], a[href*='/u/']",
]
const bodyPlaces = [
  "[itemprop=text], [itemprop=articleBody], [itemprop=commentText]",
  ".bbWrapper, .postcontent, .post_body, .postmsg, .divMessage, .entry-content, .messageText, .cooked, .Post-body, blockquote.postMessage, [component='post/content'], .inner[data-msgid], [id^=post_message_], .post_message",
  ".message-body, .post-body, .post-content, .post-message, .post-text, .postbody .content, .message-content, .comment-body, .comment-content, .comment-text, .msg-body, .reply-body, .posttext, .post_text, .post_content, .messagecontent",
  ".body, .content, .text, .message, .markdown, .prose, .msg, .postbody, .post",
]
const datePlaces =
  "time, abbr[title], [data-timestamp], [data-time], [data-utime], [itemprop=dateCreated], [itemprop=datePublished], .date, .post_date, .post-date, .postdate, .posted, .time, .timestamp, .labelCreated, .DateTime, [class*=date], [class*=time]"
const notOwn =
  /(^|[\s_-])(signature|sig|post-?edit|edited(by)?|edit(ed)?-?(by|note|notice|info|time)|post_edit|lastedit|modified|post-?(controls|buttons|actions|tools|menu|footer|foot|meta|head(er)?|info)|controls|buttons|actions|reactions?|likes?|share|permalink|avatar|userinfo|user_info|user-?panel|postprofile|poster|author(_statistics|_information)?|message-user|keyinfo|intro|fileinfo|moderatorbar|post_(head|author|controls|meta))($|[\s_-])/i
const ornament =
  /avatar|smil(ey|ies|e)|emot|emoji|icon|logo|rank|badge|spacer|blank\.|pixel|banner|button|sprite|flag(s|_|-|\/)|reputation|star(s|\d)|online|offline|captcha/i
const smiley = /smil(ey|ies|e)|emot|emoji/i

/** Reads one post of unknown software from the element that holds it. */
export function readGenericPost(
  $: CheerioAPI,
  element: Element,
  page: string,
  addresses: GenericAddresses,
  dates: DateContext,
): ParsedPost | undefined {
  const unit = $(element)
  const found = bodyOf($, unit, dates)
  const author = authorOf($, unit, found)
  const postedAt = dateOf($, unit, found, dates)
  const rules = rulesFor(addresses, found === element)
  const body = readBody([found], rules)
  const beside = [...(found === element ? [] : besides(unit, found)), ...filesBefore(unit)]
  const files = readBody(beside, {
    ...rules,
    link: (href) => (isFile(addresses.link(href)) ? addresses.link(href) : undefined),
  })
  const own = body.text.replace(/^(quote|zitat|cita|citation|quoting)\s*:?\n/i, "")
  const text = [own, ...fileNames(files, body.text)].filter((line) => line !== "").join("\n")
  const images = [...new Set([...body.images, ...files.images])]
  if (text === "" && images.length === 0 && author === "") return undefined
  const number = postNumber(unit)
  const postId = number ?? idOf("post-content", author, postedAt ?? "", text).slice(0, 32)
  return {
    postId,
    url: permalink(unit, page, addresses, number),
    author,
    ...(postedAt ? { postedAt } : {}),
    text,
    links: [...new Set([...body.links, ...files.links])],
    images,
  }
}

function bodyOf($: CheerioAPI, unit: Cheerio<Element>, dates: DateContext): Element {
  for (const place of bodyPlaces) {
    const found = unit
      .find(place)
      .toArray()
      .filter((candidate) => !withinQuote(candidate, unit.get(0)!))
    const [first] = found
    if (first) return found.length === 1 ? first : longest($, found)
  }
  return largestBlock($, unit.get(0)!, dates)
}

function longest($: CheerioAPI, elements: readonly Element[]): Element {
  let best = elements[0]!
  let size = -1
  for (const element of elements.slice(0, 20)) {
    const length = $(element).text().length + $(element).find("img").length * 40
    if (length > size) [best, size] = [element, length]
  }
  return best
}

/** Without any hint: the block with most words of its own that is neither byline nor list of links; else the whole unit. */
function largestBlock($: CheerioAPI, unit: Element, dates: DateContext): Element {
  let best: Element | undefined
  let size = 0
  for (const element of $(unit).find("div, td, p, blockquote, section, pre").toArray().slice(0, 400)) {
    if (notOwn.test(element.attribs.class ?? "") || withinQuote(element, unit) || isQuote(element)) continue
    const own = element.children.reduce(
      (sum, child) =>
        sum +
        (child.type === "text"
          ? child.data.trim().length
          : isTag(child) && /^(br|a|b|i|em|strong|span|p|img|ul|ol|code|pre|u|s)$/.test(child.name)
            ? $(child).text().length
            : 0),
      0,
    )
    if (own > size && !(own < 60 && forumDate(textOf($, element), dates))) [best, size] = [element, own]
  }
  const parent = best?.parent
  // Paragraphs of one body: their common parent, unless that is the unit itself.
  if (best?.name === "p" && parent && isTag(parent) && parent !== unit) return parent
  return best && best.name !== "p" ? best : unit
}

function withinQuote(element: Element, unit: Element): boolean {
  let up = element.parent
  while (up && isTag(up) && up !== unit) {
    if (isQuote(up)) return true
    up = up.parent
  }
  return false
}

function authorOf($: CheerioAPI, unit: Cheerio<Element>, body: Element): string {
  const given = unit.attr("data-author") ?? unit.attr("data-username")
  if (given) return collapse(given).slice(0, 255)
  const whole = body === unit.get(0)
  for (const place of authorPlaces) {
    for (const candidate of unit.find(place).toArray().slice(0, 8)) {
      if (!whole && (candidate === body || isBelow(candidate, body))) continue
      if (withinQuote(candidate, unit.get(0)!)) continue
      const trip = $(candidate).is(".name")
        ? textOf($, $(candidate).siblings(".trip").get(0) as Element | undefined)
        : ""
      const name =
        (candidate.attribs.content || textOf($, candidate)).replace(
          /^(by|from|posted by|von|par|por|author)\s*:?\s+/i,
          "",
        ) + trip
      if (name !== "" && name.length <= 80 && !/^\d+$/.test(name)) return name
    }
  }
  return whole ? "" : firstName($, unit, body)
}

/** Without any hint: the first short bold text or heading before the body. */
function firstName($: CheerioAPI, unit: Cheerio<Element>, body: Element): string {
  for (const element of unit.find("b, strong, h3, h4, h5, dt, a").toArray().slice(0, 8)) {
    if (element === body || isBelow(element, body)) return ""
    const name = textOf($, element)
    if (name.length >= 2 && name.length <= 40 && !/^[#№\d\s.:/-]+$/.test(name) && !/\d[:.]\d\d/.test(name)) return name
  }
  return ""
}

function isBelow(element: Element, outer: Element): boolean {
  let up = element.parent
  while (up && up !== outer) up = up.parent
  return up === outer
}

function dateOf($: CheerioAPI, unit: Cheerio<Element>, body: Element, dates: DateContext): string | undefined {
  const whole = body === unit.get(0)
  for (const element of unit.find(datePlaces).toArray().slice(0, 12)) {
    if (!whole && (element === body || isBelow(element, body))) continue
    if (
      withinQuote(element, unit.get(0)!) ||
      $(element).closest("[class*=edit], .signature, [class*=join], [class*=register]").length > 0
    )
      continue
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
    const text = titled ?? forumDate(textOf($, element), dates)
    if (text) return text
  }
  const stamp = machineDate(unit.attr("data-timestamp") ?? unit.attr("data-time"), dates)
  return stamp ?? dateInText(unit.get(0)!, body, dates)
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
function postNumber(unit: Cheerio<Element>): string | undefined {
  const { attribs } = unit.get(0)!
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
  const inner = unit.find("[id], a[name]").toArray().slice(0, 12)
  for (const { attribs: its } of inner) {
    const number =
      /^(?:[a-z]*[_-]?(?:post|p|pid|msg|message|comment|c|reply|r|entry|edit)[_-]?[a-z]*[_-]?)(\d{1,19})$|^(\d{2,19})$/i.exec(
        its.name ?? its.id ?? "",
      )
    if (number) return number[1] ?? number[2]
  }
  for (const { attribs: its } of unit
    .find("a[href*='#'], a[href*='pid='], a[href*='post'], a.permalink")
    .toArray()
    .slice(0, 12)) {
    const number = /(?:#(?:[a-z]*[_-]?)|[?&;](?:pid|p|post|postid)=|\/posts?[/-])(\d{1,19})$/i.exec(its.href ?? "")?.[1]
    if (number) return number
  }
  return undefined
}

function permalink(
  unit: Cheerio<Element>,
  page: string,
  addresses: GenericAddresses,
  number: string | undefined,
): string {
  if (number === undefined) return page
  for (const { attribs } of unit.find(`a[href*='${number}']`).toArray().slice(0, 6)) {
    const href = attribs.href ?? ""
    if (/quote|report|reply|edit|like|react|attachment|file|\.(jpe?g|png|gif|webp)/i.test(href)) continue
    const url = addresses.link(href)
    if (url && URL.parse(url)?.host === URL.parse(page)?.host) return url
  }
  return page
}

function rulesFor(addresses: GenericAddresses, whole: boolean): BodyRules {
  return {
    link: (href) => addresses.link(href),
    skip(element) {
      if (isQuote(element)) return true
      const classes = `${element.attribs.class ?? ""} ${element.attribs.id ?? ""}`
      if (/^(nav|footer|time)$/.test(element.name) || /(^|[\s_-])(signature|sr-only)($|[\s_-])/i.test(classes))
        return true
      const [child] = element.children
      if (element.name === "a" && child?.type === "text" && /^\s*>>/.test(child.data)) return true
      if (/(^|\s)(quotelink|quoteLink|panelBacklinks|backlink)(\s|$)/.test(classes)) return true
      return (whole || /edit|control|button|react|share/i.test(classes)) && classes !== " " && notOwn.test(classes)
    },
    image(element) {
      const { src = "", class: classes = "", width, height, alt = "" } = element.attribs
      const about = `${classes} ${element.attribs["data-src"] ?? src}`
      if (smiley.test(about) || /^[:;][\w()|-]{1,12}:?$/.test(alt)) return "smiley"
      if (ornament.test(about)) return "ornament"
      const small = [width, height].some(
        (side) => side !== undefined && /^\d+(px)?$/.test(side) && Number.parseInt(side, 10) < 48,
      )
      return small || (src.startsWith("data:") && !element.attribs["data-src"]) ? "ornament" : "picture"
    },
    isPicture: (url, name) =>
      isPictureUrl(url) ||
      (isPictureName(name) && /attach|file|download|upload|media|image/i.test(url)) ||
      (/\/(?:\.media|src|attachments?)\/[^?]*$|attachment\.php\?|[?;&]action=dlattach|\/media\//i.test(url) &&
        !isFileName(name)),
  }
}

function isFileName(name: string): boolean {
  return /\.(zip|rar|7z|gz|tar|pdf|txt|safetensors|ckpt|pt|pth|bin|gguf|onnx|mp4|webm|mp3|json|docx?)\b/i.test(name)
}

function isFile(url: string | undefined): boolean {
  if (url === undefined) return false
  return (
    isPictureUrl(url) ||
    isFileName(URL.parse(url)?.pathname ?? "") ||
    /attachment|file\.php|download|dlattach|\/src\/|\/\.media\//i.test(url)
  )
}

/** Elements of the unit beside its body where pictures and files may stand: not the author's column. */
function besides(unit: Cheerio<Element>, body: Element): Element[] {
  const found: Element[] = []
  const walk = (element: Element): void => {
    for (const child of element.children) {
      if (!isTag(child) || child === body) continue
      if (
        /(^|[\s_-])(avatar|author\w*|user\w*|poster|postprofile|signature|sig|postleft|message-user|member\w*)($|[\s_-])/i.test(
          `${child.attribs.class ?? ""}`,
        )
      )
        continue
      if (isBelow(body, child)) walk(child)
      else if (child.name !== "time" && !isQuote(child)) found.push(child)
    }
  }
  walk(unit.get(0)!)
  return found.slice(0, 200)
}

/** On some imageboards the opening post's pictures stand before its element. */
function filesBefore(unit: Cheerio<Element>): Element[] {
  if (!unit.is(".op, [id^=op_]")) return []
  return unit.prevAll(".files, .file").toArray().slice(0, 10)
}

/** File names that later text analysis has to see, each once on a line of its own. */
function fileNames(files: { readonly text: string; readonly links: readonly string[] }, text: string): string[] {
  const shown = files.text
    .split("\n")
    .flatMap((line) => (isFileName(line) ? (/[^\s/\\|]+\.[a-z0-9]{2,12}\b/i.exec(line) ?? []) : []))
  const linked = files.links.map((link) => decodeURIComponentSafely(/([^/]*)$/.exec(link.split(/[?#]/)[0]!)![1]!))
  return [...new Set([...shown, ...linked])].filter((name) => isFileName(name) && !text.includes(name))
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
