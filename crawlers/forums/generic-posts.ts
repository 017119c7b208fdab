import { type Element, isTag } from "domhandler"
import { idOf } from "../../src/model/record.ts"
import { isPictureName, isPictureUrl } from "./canonical-link.ts"
import { type DateContext, forumDate } from "./forum-dates.ts"
import type { ParsedPost } from "./forum-engine.ts"
import type { GenericAddresses } from "./generic-address.ts"
import { type BodyRules, readBody } from "./post-body.ts"
import { authorOf, dateOf, permalink, postNumber, withinQuote } from "./post-signs.ts"
import { isQuote } from "./post-units.ts"
import { query, textUnder } from "./query.ts"

const bodyPlaces = [
  "[itemprop=text], [itemprop=articleBody], [itemprop=commentText]",
  ".bbWrapper, .postcontent, .post_body, .postmsg, .divMessage, .entry-content, .messageText, .cooked, .Post-body, blockquote.postMessage, [component='post/content'], [data-role=commentContent], .inner[data-msgid], [id^=post_message_], .post_message",
  ".message-body, .post-body, .post-content, .post-message, .post-text, .postbody .content, .message-content, .comment-body, .comment-content, .comment-text, .msg-body, .reply-body, .posttext, .post_text, .post_content, .messagecontent",
  ".body, .content, .text, .message, .markdown, .prose, .msg, .postbody, .post",
].map(query)
const notOwn =
  /(^|[\s_-])(signature|sig|post-?edit|edited(by)?|edit(ed)?-?(by|note|notice|info|time)|post_edit|lastedit|modified|post-?(controls|buttons|actions|tools|menu|footer|foot|meta|head(er)?|info)|controls|buttons|actions|reactions?|likes?|share|permalink|avatar|userinfo|user_info|user-?panel|postprofile|poster|author(_statistics|_information)?|message-user|keyinfo|intro|fileinfo|moderatorbar|post_(head|author|controls|meta))($|[\s_-])/i
const authorColumn =
  /(^|[\s_-])(avatar|author\w*|user\w*|poster|postprofile|signature|sig|postleft|message-user|member\w*)($|[\s_-])/i
const images = query("img")
const textBlocks = query("div, td, p, blockquote, section, pre")
const opening = query(".op, [id^=op_]")
const fileBoxes = query(".files, .file")
const ornament =
  /avatar|smil(ey|ies|e)|emot|emoji|icon|logo|rank|badge|spacer|blank\.|pixel|banner|button|sprite|flag(s|_|-|\/)|reputation|star(s|\d)|online|offline|captcha/i
const smiley = /smil(ey|ies|e)|emot|emoji/i

/** Reads one post of unknown software from the element that holds it. */
export function readGenericPost(
  element: Element,
  page: string,
  addresses: GenericAddresses,
  dates: DateContext,
): ParsedPost | undefined {
  const found = bodyOf(element, dates)
  const author = authorOf(element, found)
  const postedAt = dateOf(element, found, dates)
  const rules = rulesFor(addresses, found === element)
  const body = readBody([found], rules)
  const beside = [...(found === element ? [] : besides(element, found)), ...filesBefore(element)]
  const files = readBody(beside, {
    ...rules,
    link: (href) => (isFile(addresses.link(href)) ? addresses.link(href) : undefined),
  })
  const own = body.text.replace(/^(quote|zitat|cita|citation|quoting)\s*:?\n/i, "")
  const text = [own, ...fileNames(files, body.text)].filter((line) => line !== "").join("\n")
  const images = [...new Set([...body.images, ...files.images])]
  if (text === "" && images.length === 0 && author === "") return undefined
  const number = postNumber(element)
  const postId = number ?? idOf("post-content", author, postedAt ?? "", text).slice(0, 32)
  return {
    postId,
    url: permalink(element, page, addresses, number),
    author,
    ...(postedAt ? { postedAt } : {}),
    text,
    links: [...new Set([...body.links, ...files.links])],
    images,
    attachments: [...new Set([...body.attachments, ...files.attachments])],
  }
}

function bodyOf(unit: Element, dates: DateContext): Element {
  for (const place of bodyPlaces) {
    const found = place.all(unit, 40).filter((candidate) => !withinQuote(candidate, unit))
    const [first] = found
    if (first) return found.length === 1 ? first : longest(found)
  }
  return largestBlock(unit, dates)
}

function longest(elements: readonly Element[]): Element {
  let best = elements[0]!
  let size = -1
  for (const element of elements.slice(0, 20)) {
    const length = textUnder(element, 20_000).length + images.all(element, 50).length * 40
    if (length > size) [best, size] = [element, length]
  }
  return best
}

/** Without any hint: the block with most words of its own that is neither byline nor list of links; else the whole unit. */
function largestBlock(unit: Element, dates: DateContext): Element {
  let best: Element | undefined
  let size = 0
  for (const element of textBlocks.all(unit, 400)) {
    if (notOwn.test(element.attribs.class ?? "") || withinQuote(element, unit) || isQuote(element)) continue
    const own = element.children.reduce(
      (sum, child) =>
        sum +
        (child.type === "text"
          ? child.data.trim().length
          : isTag(child) && /^(br|a|b|i|em|strong|span|p|img|ul|ol|code|pre|u|s)$/.test(child.name)
            ? textUnder(child, 5000).length
            : 0),
      0,
    )
    if (own > size && !(own < 60 && forumDate(textUnder(element), dates))) [best, size] = [element, own]
  }
  const parent = best?.parent
  // Paragraphs of one body: their common parent, unless that is the unit itself.
  if (best?.name === "p" && parent && isTag(parent) && parent !== unit) return parent
  return best && best.name !== "p" ? best : unit
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
    isAttachment: (url) => /attach|file|download|upload|media/i.test(url),
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
    /attachment|\/file\.php|download|dlattach|\/src\/|\/\.media\//i.test(url)
  )
}

/** Elements of the unit beside its body where pictures and files may stand: not the author's column. */
function besides(unit: Element, body: Element): Element[] {
  const around = new Set<unknown>()
  for (let up: unknown = body.parent; up && up !== unit; up = (up as Element).parent) around.add(up)
  const found: Element[] = []
  const walk = (element: Element): void => {
    for (const child of element.children) {
      if (!isTag(child) || child === body || found.length >= 200) continue
      if (authorColumn.test(child.attribs.class ?? "")) continue
      if (around.has(child)) walk(child)
      else if (child.name !== "time" && !isQuote(child)) found.push(child)
    }
  }
  walk(unit)
  return found
}

/** On some imageboards the opening post's pictures stand before its element. */
function filesBefore(unit: Element): Element[] {
  if (!opening.matches(unit)) return []
  const found: Element[] = []
  for (let node = unit.prev; node && found.length < 10; node = node.prev)
    if (isTag(node) && fileBoxes.matches(node)) found.push(node)
  return found
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
