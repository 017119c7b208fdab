import { compile } from "css-select"
import { type AnyNode, type Element, isTag, isText } from "domhandler"
import { collapse } from "./page-tree.ts"

/**
 * A CSS selector compiled once, asked of parts of a page. Every walk is linear in what lies under the root; cheerio's own `find` is
 * quadratic in the number of children, which a hostile page can choose.
 */
export interface Query {
  matches(element: Element): boolean
  /** The first match under the root, in document order. */
  first(root: Element | undefined, except?: ReadonlySet<Element>): Element | undefined
  /** At most `limit` matches, nothing in or under the elements of `except`. */
  all(root: Element | undefined, limit?: number, except?: ReadonlySet<Element>): Element[]
  /** The element itself or the nearest one around it. */
  closest(element: Element): Element | undefined
}

export function query(selector: string): Query {
  const test = compile<AnyNode, Element>(selector)
  const all = (root: Element | undefined, limit = 1000, except?: ReadonlySet<Element>): Element[] => {
    const found: Element[] = []
    const walk = (element: Element): void => {
      for (const child of element.children) {
        if (found.length >= limit) return
        if (!isTag(child) || except?.has(child)) continue
        if (test(child)) found.push(child)
        if (found.length < limit) walk(child)
      }
    }
    if (root) walk(root)
    return found
  }
  return {
    matches: (element) => test(element),
    first: (root, except) => all(root, 1, except)[0],
    all,
    closest(element) {
      for (let node: AnyNode | null = element; node; node = node.parent) if (isTag(node) && test(node)) return node
      return undefined
    },
  }
}

/** Text under an element, white space collapsed, at most about `limit` characters of it. */
export function textUnder(element: Element | undefined, limit = 2000): string {
  let text = ""
  const walk = (node: AnyNode): void => {
    if (text.length > limit) return
    if (isText(node)) text += node.data
    else if (isTag(node)) for (const child of node.children) walk(child)
  }
  if (element) walk(element)
  return collapse(text.slice(0, limit * 2))
}
