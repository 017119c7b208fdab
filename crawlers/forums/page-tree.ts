import { type CheerioAPI, load } from "cheerio/slim"
import { type ChildNode, DomHandler, type Element, isTag, isText } from "domhandler"
import { Parser } from "htmlparser2"
import type { PageInput } from "./forum-engine.ts"

/** Elements nested deeper are flattened, as browsers do (at 512), so that recursion over the tree is always safe. */
const maxDepth = 256
/** Elements beyond this are left out: a page of forum posts has a few thousand. */
const maxElements = 250_000

/** A page as a tree, with the address that its relative links start from. */
export interface PageTree {
  readonly $: CheerioAPI
  /** The element around the whole page. */
  readonly root: Element
  readonly base: string
}

const trees = new WeakMap<PageInput, PageTree>()

/** Parses a page once, however many engines look at it. Linear in the page's length, whatever its nesting. */
export function pageTree(page: PageInput): PageTree {
  const known = trees.get(page)
  if (known) return known
  const handler = new BoundedHandler()
  const parser = new BoundedParser(handler)
  // One element around everything: selectors are quadratic in the number of top-level nodes.
  parser.write("<page>")
  parser.write(page.html)
  parser.end()
  const $ = load(handler.root)
  const base = URL.parse($("base[href]").first().attr("href")?.trim() ?? "", page.url)
  const tree = {
    $,
    root: handler.root.children.find(isTag)!,
    base: base && /^https?:$/.test(base.protocol) ? base.href : page.url,
  }
  trees.set(page, tree)
  return tree
}

class BoundedHandler extends DomHandler {
  #elements = 0

  get depth(): number {
    return this.tagStack.length
  }

  protected override addNode(node: ChildNode): void {
    if (this.#elements < maxElements) super.addNode(node)
  }

  override onopentag(name: string, attributes: Record<string, string>): void {
    this.#elements++
    super.onopentag(name, attributes)
  }
}

/** htmlparser2 keeps open elements in an array that it shifts at the front: quadratic in depth, unless depth is bounded as here. */
class BoundedParser extends Parser {
  readonly #handler: BoundedHandler
  #flatten = false
  #counted = false
  #closing = false
  /** Elements opened beyond the bound whose closing tags are still to come. */
  #flattened = 0

  constructor(handler: BoundedHandler) {
    super(handler)
    this.#handler = handler
  }

  override onopentagname(start: number, end: number): void {
    this.#flatten = this.#handler.depth >= maxDepth
    this.#counted = false
    super.onopentagname(start, end)
  }

  override onclosetag(start: number, end: number): void {
    if (this.#flattened > 0) {
      this.#flattened--
      return
    }
    this.#closing = true
    super.onclosetag(start, end)
    this.#closing = false
  }

  protected override isVoidElement(name: string): boolean {
    if (super.isVoidElement(name)) return true
    if (this.#closing || !this.#flatten) return false
    if (!this.#counted) {
      this.#counted = true
      this.#flattened++
    }
    return true
  }
}

/** White space of all kinds to single spaces, control characters left out. */
export function collapse(text: string): string {
  return text
    .replace(/[\s\u00a0\u200b\u200e\u200f\ufeff]+/g, " ")
    .replace(/\p{Cc}/gu, "")
    .trim()
}

/** The beginning of what a reader sees of the page, white space collapsed; at least `length` characters where there are as many. */
export function visibleText($: CheerioAPI, length: number): string {
  let text = ""
  const walk = (nodes: readonly ChildNode[]): void => {
    for (const node of nodes) {
      if (text.length > length * 4) return
      if (isText(node)) text += node.data.trim() === "" ? " " : node.data
      else if (isTag(node) && !/^(script|style|noscript|template|head)$/.test(node.name)) walk(node.children)
    }
  }
  walk(
    $.root()
      .get(0)
      ?.children.filter((node) => node.type !== "directive") as ChildNode[],
  )
  return collapse(text).slice(0, length)
}
