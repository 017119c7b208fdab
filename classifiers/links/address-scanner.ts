import { isIn, labelEnd, labelSet, labelStart } from "./character-runs.ts"

/** An address of a known host, found in text. Positions are those of the scanned text. */
export interface FoundAddress {
  /** Lower case, without `www.` or `m.`. */
  readonly host: string
  /** From the first `/`, `?` or `#` on, without trailing punctuation; empty if the host stands alone. */
  readonly rest: string
  /** Written with `http://` or `https://`. */
  readonly withScheme: boolean
  /** A forum shortened the visible address: `…` or ` ... ` follows, the rest is missing. */
  readonly truncated: boolean
  readonly start: number
  readonly end: number
}

/** Longest path with query that is read. */
const restLimit = 2048
const restPattern = /[^\s<>"'`|\\^{}[\]\u0080-\uffff]{1,2048}/y
const port = /:\d{1,5}(?=[/?#])/y
const ellipsis = /\s?(?:\.\.\.|…|\[…\]|\[\.\.\.\])/y
/** A host name with labels of up to 63 letters is shorter (RFC 1035). */
const hostLimit = 253

/**
 * Makes a scanner for addresses of the given hosts. It looks at every dot for the end of a known host name, not for schemes, so bare
 * addresses and addresses inside other addresses (redirectors, web archives) are found too. Linear, whatever the number of hosts: a dot
 * costs one look into a table, and everything before and after it is bounded.
 */
export function addressScanner(hosts: Iterable<string>): (text: string, limit: number) => FoundAddress[] {
  const known = new Set(hosts)
  const endings = new Set(Array.from(known, (host) => host.split(".").slice(-2).join(".")))
  const lastLabels = new Set(Array.from(endings, (ending) => ending.slice(ending.indexOf(".") + 1)))
  return (text, limit) => {
    const found: FoundAddress[] = []
    let read = 0
    for (let dot = text.indexOf("."); dot >= 0 && found.length < limit; dot = text.indexOf(".", dot + 1)) {
      if (dot < read) continue
      const end = labelEnd(text, dot + 1)
      if (
        end === dot + 1 ||
        isHostCode(text.charCodeAt(end)) ||
        (text[end] === "." && isIn(labelSet, text.charCodeAt(end + 1)))
      )
        continue
      const last = text.slice(dot + 1, end).toLowerCase()
      if (!lastLabels.has(last)) continue
      const ending = `${text.slice(labelStart(text, dot), dot).toLowerCase()}.${last}`
      if (!endings.has(ending)) continue
      const address = addressAt(text, hostStart(text, dot), end, known)
      if (!address) continue
      found.push(address)
      read = address.end
    }
    return found
  }
}

function addressAt(text: string, start: number, end: number, known: ReadonlySet<string>): FoundAddress | undefined {
  const name = text.slice(start, end).toLowerCase()
  const host = known.has(name) ? name : name.replace(/^(?:www\d?|m|mobile|en)\./, "")
  // Before a host stands nothing, a scheme, or a character that no host name and no mail address has.
  if (!known.has(host) || "@_.-".includes(text[start - 1] ?? " ")) return undefined
  port.lastIndex = end
  const from = port.test(text) ? port.lastIndex : end
  const rest = restAt(text, from)
  const scheme = schemeBefore(text, start)
  ellipsis.lastIndex = from + rest.length
  return {
    host,
    rest,
    withScheme: scheme > 0,
    truncated: ellipsis.test(text),
    start: start - scheme,
    end: from + rest.length,
  }
}

/** Length of `http://` or `https://` before a position; 0 if there is none. */
function schemeBefore(text: string, at: number): number {
  if (text[at - 1] !== "/") return 0
  const before = text.slice(Math.max(0, at - 8), at).toLowerCase()
  if (before.endsWith("https://")) return 8
  return before.endsWith("http://") ? 7 : 0
}

function hostStart(text: string, to: number): number {
  let at = to
  while (to - at < hostLimit && at > 0 && (isIn(labelSet, text.charCodeAt(at - 1)) || text[at - 1] === ".")) at--
  // A list of dots belongs to the sentence.
  while (at < to && text[at] === ".") at++
  return at
}

function isHostCode(code: number): boolean {
  return isIn(labelSet, code) || code === 95
}

/** What follows a host: path, query and fragment, without the punctuation of the sentence. */
export function restAt(text: string, at: number): string {
  const first = text[at]
  if (first !== "/" && first !== "?" && first !== "#") return ""
  restPattern.lastIndex = at
  const raw = restPattern.exec(text)?.[0] ?? ""
  return withoutTail(raw.slice(0, restLimit))
}

/** Cuts at the first closing bracket that was not opened inside, then strips punctuation that belongs to the sentence. */
function withoutTail(raw: string): string {
  let open = 0
  let end = raw.length
  for (let index = 0; index < raw.length; index++) {
    const code = raw.charCodeAt(index)
    if (code === 40) open++
    else if (code === 41 && --open < 0) {
      end = index
      break
    }
  }
  // Addresses in a list without spaces.
  const next = /[,;](?=https?:\/\/|(?:[a-z0-9-]{1,40}\.){1,3}[a-z]{2,6}\/)/i.exec(raw)
  if (next && next.index < end) end = next.index
  while (end > 1 && ".,;:!?*~".includes(raw[end - 1]!)) end--
  return raw.slice(0, end)
}
