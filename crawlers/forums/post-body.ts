import { type AnyNode, type ChildNode, type Element, isTag, isText } from "domhandler"
import { isPictureName, isPictureUrl, maxLinks } from "./canonical-link.ts"
import { referenceLink } from "./reference-link.ts"

/** What is to be done with an element of a post's body. `smiley`: its alternative text stands for it. */
type ImageRole = "picture" | "smiley" | "ornament"

export interface BodyRules {
  /** Canonical address of a link of this page. */
  link(href: string | undefined): string | undefined
  /** True for what is not the author's own text: quotes, signature, captions, controls. */
  skip(element: Element): boolean
  image(element: Element): ImageRole
  /** Same key, same picture: the engine's attachment id, for example. Default: the address. */
  pictureKey?(url: string): string
  /** Whether a linked address is a picture although its path does not say so; `name` is the link's text. */
  isPicture?(url: string, name: string): boolean
  /** Whether a linked address may be an attached file although its path does not say so; the link's text says which then. */
  isAttachment?(url: string): boolean
}

export interface PostBody {
  readonly text: string
  readonly links: readonly string[]
  readonly images: readonly string[]
  readonly attachments: readonly string[]
}

const ignored = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "form",
  "button",
  "select",
  "textarea",
  "iframe",
  "object",
  "svg",
  "head",
  "input",
])
const blocks = new Set(
  "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header hr legend main nav ol p pre section summary table tbody thead tr ul".split(
    " ",
  ),
)

/** Reads what an author wrote: text with its lines, lists and code, addresses linked to, pictures shown. */
export function readBody(roots: readonly AnyNode[], rules: BodyRules): PostBody {
  const reader = new BodyReader(rules)
  for (const root of roots) {
    if (isTag(root)) reader.block(root)
  }
  return reader.result()
}

/** Files that may be a character or a workflow; an archive by any other name is left alone. */
const tellingName = /\.(?:json|charx)$/i
const maxAttachments = 50

interface List {
  readonly ordered: boolean
  next: number
}

class BodyReader {
  readonly #rules: BodyRules
  readonly #lines: string[] = [""]
  readonly #links = new Set<string>()
  readonly #images = new Map<string, string>()
  readonly #attachments = new Set<string>()
  readonly #lists: List[] = []
  /** Links and pictures looked at so far; more than a page may have are passed over. */
  #read = 0
  #verbatim = 0
  #afterBreak = false
  #inAnchor = false
  #blank = false

  constructor(rules: BodyRules) {
    this.#rules = rules
  }

  /** Reads a root element even if the rules would skip it inside another. */
  block(element: Element): void {
    this.#newLine()
    this.#children(element)
    this.#newLine()
  }

  result(): PostBody {
    const lines = this.#lines.map((line) => line.replace(/[ \t]+$/, ""))
    const text = lines
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .replace(/^\n+|\n+$/g, "")
    return { text, links: [...this.#links], images: [...this.#images.values()], attachments: [...this.#attachments] }
  }

  #children(element: Element): void {
    for (const child of element.children) this.#node(child)
  }

  #node(node: ChildNode): void {
    if (isText(node)) this.#text(node.data)
    else if (isTag(node)) this.#element(node)
  }

  #element(element: Element): void {
    const name = element.name
    if (ignored.has(name) || this.#rules.skip(element)) return
    if (name === "br") this.#lineBreak()
    else if (name === "img") this.#image(element)
    else if (name === "a" && !this.#inAnchor) {
      this.#inAnchor = true
      this.#anchor(element)
      this.#inAnchor = false
    } else if (name === "li") this.#item(element)
    else if (name === "ol" || name === "ul") this.#list(element)
    else if (name === "pre" || (name === "code" && isCodeBox(element.parent))) this.#code(element)
    else if (name === "td" || name === "th") {
      this.#append(" ")
      this.#children(element)
    } else if (name === "p") {
      this.#newLine()
      this.#blank = this.#lines.length > 1
      this.#children(element)
      this.#newLine()
      this.#blank = true
    } else if (blocks.has(name)) {
      this.block(element)
    } else this.#children(element)
  }

  #image(element: Element): void {
    const role = this.#rules.image(element)
    if (role === "smiley") this.#text(element.attribs.alt || element.attribs.title || "")
    if (role === "picture" && ++this.#read <= maxLinks) this.#picture(this.#rules.link(imageSource(element)))
  }

  #picture(url: string | undefined): void {
    if (url === undefined || this.#images.size >= maxLinks) return
    const key = this.#rules.pictureKey?.(url) ?? url
    if (!this.#images.has(key)) this.#images.set(key, url)
  }

  #anchor(element: Element): void {
    const url = ++this.#read <= maxLinks ? this.#rules.link(element.attribs.href) : undefined
    const pictures = imagesUnder(element).filter((image) => this.#rules.image(image) === "picture")
    const name = wordsOf(element).trim()
    if (url !== undefined && pictures.length > 0 && this.#leadsToPicture(url, pictures, name)) {
      // A thumbnail that leads to the picture itself: only the full size counts.
      this.#picture(url)
      this.#text(name)
      return
    }
    if (url !== undefined && pictures.length === 0 && name !== "" && this.#rules.isPicture?.(url, name)) {
      this.#picture(url)
      this.#text(name)
      return
    }
    if (url !== undefined && this.#mayBeAttachment(url, name) && this.#attachments.size < maxAttachments)
      this.#attachments.add(url)
    const target = referenceLink(element.attribs.href) ?? url
    if (target !== undefined && this.#links.size < maxLinks) this.#links.add(target)
    const whole = url === undefined ? undefined : unshortened(name, url, element.attribs.href ?? "")
    if (whole !== undefined && pictures.length === 0) this.#text(whole)
    else this.#children(element)
  }

  #mayBeAttachment(url: string, name: string): boolean {
    if (tellingName.test(URL.parse(url)?.pathname ?? "")) return true
    return tellingName.test(name) && (this.#rules.isAttachment?.(url) ?? false)
  }

  #leadsToPicture(url: string, pictures: readonly Element[], name: string): boolean {
    const title = pictures[0]!.attribs.alt ?? ""
    return isPictureUrl(url) || (this.#rules.isPicture?.(url, isPictureName(name) ? name : title) ?? false)
  }

  #list(element: Element): void {
    // phpBB and others also number lists by style alone
    const ordered =
      element.name === "ol" ||
      /list-style(-type)?:\s*(decimal|lower-alpha|upper-alpha|lower-roman|upper-roman)/i.test(
        element.attribs.style ?? "",
      )
    const start = Number.parseInt(element.attribs.start ?? "1", 10)
    this.#lists.push({ ordered, next: Number.isNaN(start) ? 1 : start })
    this.block(element)
    this.#lists.pop()
  }

  #item(element: Element): void {
    this.#newLine()
    const list = this.#lists.at(-1)
    this.#append(list?.ordered ? `${list.next++}. ` : "- ")
    this.#children(element)
    this.#newLine()
  }

  #code(element: Element): void {
    this.#newLine()
    this.#verbatim++
    const before = this.#lines.length
    this.#children(element)
    if (this.#lines[before - 1] === "" && this.#lines.length > before) this.#lines.splice(before - 1, 1)
    this.#verbatim--
    this.#newLine()
  }

  #text(data: string): void {
    const text = data.replace(/[\u00a0\u2007\u202f]/g, " ").replace(/[\u200b\ufeff]|(?![\t\r\n])\p{Cc}/gu, "")
    const afterBreak = this.#afterBreak
    this.#afterBreak = false
    if (this.#verbatim > 0) {
      // "<br>" and the line break that follows it in the source are one line break
      ;(afterBreak ? text.replace(/^\r?\n/, "") : text).split(/\r\n?|\n/).forEach((line, index) => {
        if (index > 0) this.#lines.push("")
        this.#append(line)
      })
      return
    }
    const collapsed = text.replace(/\s+/g, " ")
    const line = this.#lines.at(-1)!
    this.#append(line === "" || line.endsWith(" ") ? collapsed.trimStart() : collapsed)
  }

  #append(text: string): void {
    if (text === "") return
    if (this.#blank && text.trim() !== "") {
      if (this.#lines.at(-1) === "" && this.#lines.at(-2) !== "" && this.#lines.length > 1) this.#lines.push("")
      this.#blank = false
    }
    this.#lines[this.#lines.length - 1] += text
  }

  #lineBreak(): void {
    this.#lines.push("")
    this.#afterBreak = true
  }

  #newLine(): void {
    if (this.#lines.at(-1)!.trim() !== "") this.#lines.push("")
  }
}

function isCodeBox(parent: AnyNode | null): boolean {
  let node = parent
  for (let up = 0; up < 3 && node && isTag(node); up++) {
    if (/(^|[\s_-])code/i.test(node.attribs.class ?? "")) return true
    node = node.parent
  }
  return false
}

/** Where an image's full source is: pages that load lazily keep it in a data attribute. */
function imageSource(element: Element): string | undefined {
  const source = element.attribs.src
  const lazy = element.attribs["data-src"] ?? element.attribs["data-original"] ?? element.attribs["data-url"]
  return lazy !== undefined && (source === undefined || source.startsWith("data:") || element.attribs["data-src"])
    ? lazy
    : source
}

function imagesUnder(element: Element): Element[] {
  const found: Element[] = []
  const walk = (node: ChildNode): void => {
    if (!isTag(node)) return
    if (node.name === "img") found.push(node)
    for (const child of node.children) walk(child)
  }
  for (const child of element.children) walk(child)
  return found
}

function wordsOf(element: Element): string {
  let words = ""
  const walk = (node: ChildNode): void => {
    if (isText(node)) words += node.data
    else if (isTag(node)) for (const child of node.children) walk(child)
  }
  for (const child of element.children) walk(child)
  return words.replace(/\s+/g, " ")
}

/** The whole address where forum software shows only its beginning and end ("http://host/long … end"). */
function unshortened(name: string, url: string, href: string): string | undefined {
  const match = /^(\S{4,})\s?(?:\.\.\.|…)\s?(\S*)$/.exec(name)
  if (!match) return undefined
  const [, head, tail] = match
  return [href, url].some((whole) => whole.includes(head!) && whole.endsWith(tail!)) ? url : undefined
}
