/** One property of an XMP packet. */
export interface XmpProperty {
  /** Namespace URI; empty where the prefix is not declared. */
  readonly namespace: string
  readonly name: string
  readonly value: string
}

const maxProperties = 2000
const maxValue = 64 << 10
const maxPrefixes = 200

/**
 * Properties of an XMP packet (ISO 16684-1): attributes, elements with text, and rdf:resource, by a tokenizer in one pass. Lists give
 * one property per item, named after the element that holds the list. Entities other than XML's own five and character numbers are
 * left as they stand, document types are skipped: nothing expands. Never throws.
 */
export function readXmp(packet: string): XmpProperty[] {
  const found: XmpProperty[] = []
  const prefixes = new Map<string, string>()
  const open: string[] = []
  const add = (qualified: string, value: string) => {
    const [prefix, name] = split(qualified)
    const trimmed = value.trim()
    if (trimmed && trimmed.length <= maxValue && found.length < maxProperties) {
      found.push({ namespace: prefixes.get(prefix) ?? "", name, value: decodedEntities(trimmed) })
    }
  }
  let at = packet.indexOf("<")
  while (at >= 0 && found.length < maxProperties) {
    const special = /^<(?:!--|!\[CDATA\[|[!?])/.exec(packet.slice(at, at + 9))?.[0]
    const ends = special === "<!--" ? "-->" : special === "<![CDATA[" ? "]]>" : special === "<?" ? "?>" : ">"
    const end = special ? packet.indexOf(ends, at) : tagEnd(packet, at)
    if (end < 0) break
    const after = end + ends.length
    const next = packet.indexOf("<", after)
    if (special) {
      if (special === "<![CDATA[" && open.length > 0)
        add(holder(open), packet.slice(at + special.length, end).replaceAll("&", "&amp;"))
    } else if (packet[at + 1] === "/") {
      open.pop()
    } else {
      const inner = packet.slice(at + 1, packet[end - 1] === "/" ? end - 1 : end)
      const name = /^[^\s/>]{1,200}/.exec(inner)?.[0] ?? ""
      const attributes = attributesOf(inner.slice(name.length))
      for (const [key, value] of attributes) {
        if (key.startsWith("xmlns:") && prefixes.size < maxPrefixes) prefixes.set(key.slice(6), value)
      }
      for (const [key, value] of attributes) {
        if (key === "rdf:resource") add(name, value)
        else if (!key.startsWith("xmlns") && !key.startsWith("rdf:") && !key.startsWith("xml:")) add(key, value)
      }
      if (packet[end - 1] !== "/") {
        if (open.length < 64) open.push(name)
        if (next > after) add(holder(open), packet.slice(after, next))
      }
    }
    at = next
  }
  return found
}

/** End of a tag: the first ">" outside quotes. */
function tagEnd(text: string, from: number): number {
  let quote = ""
  const stop = Math.min(text.length, from + maxValue * 2)
  for (let at = from; at < stop; at++) {
    const char = text[at]!
    if (quote) {
      if (char === quote) quote = ""
    } else if (char === '"' || char === "'") quote = char
    else if (char === ">") return at
  }
  return -1
}

/** `name="value"` pairs, in one pass. */
function attributesOf(text: string): [string, string][] {
  const found: [string, string][] = []
  for (let at = 0; found.length < 200; ) {
    const equals = text.indexOf("=", at)
    if (equals < 0) break
    let open = equals + 1
    while (open < text.length && " \t\r\n".includes(text[open]!)) open++
    const quote = text[open]
    if (quote !== '"' && quote !== "'") break
    const close = text.indexOf(quote, open + 1)
    if (close < 0) break
    const name = text
      .slice(Math.max(at, equals - 200), equals)
      .trim()
      .split(/\s/)
      .at(-1)
    if (name) found.push([name, text.slice(open + 1, close)])
    at = close + 1
  }
  return found
}

/** The innermost open element that is not RDF's own scaffolding. */
function holder(open: readonly string[]): string {
  return open.findLast((name) => !name.startsWith("rdf:")) ?? ""
}

function split(qualified: string): [string, string] {
  const colon = qualified.indexOf(":")
  return colon < 0 ? ["", qualified] : [qualified.slice(0, colon), qualified.slice(colon + 1)]
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

/** XML's own five entities and character numbers replaced; all others stay as they stand. */
export function decodedEntities(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (whole, name, decimal, hex) => {
    if (name) return entities[name]!
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
