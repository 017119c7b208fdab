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

/**
 * Makes a scanner for addresses of the given hosts. It looks for host names, not for schemes, so bare addresses and addresses inside
 * other addresses (redirectors, web archives) are found too. Linear: hosts are literals and everything after them is bounded.
 */
export function addressScanner(hosts: readonly string[]): (text: string, limit: number) => FoundAddress[] {
  const names = [...hosts].sort((a, b) => b.length - a.length).map((host) => host.replaceAll(".", "\\."))
  const pattern = new RegExp(
    `(?<![\\w.@-])(https?:\\/\\/)?(?:www\\.|m\\.)?(${names.join("|")})(?![\\w-]|\\.[a-z0-9-])`,
    "gi",
  )
  return (text, limit) => {
    const found: FoundAddress[] = []
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match && found.length < limit; match = pattern.exec(text)) {
      const afterHost = match.index + match[0].length
      port.lastIndex = afterHost
      const from = port.test(text) ? port.lastIndex : afterHost
      const rest = restAt(text, from)
      const end = from + rest.length
      ellipsis.lastIndex = end
      found.push({
        host: match[2]!.toLowerCase(),
        rest,
        withScheme: match[1] !== undefined,
        truncated: ellipsis.test(text),
        start: match.index,
        end,
      })
      if (end > pattern.lastIndex) pattern.lastIndex = end
    }
    return found
  }
}

function restAt(text: string, at: number): string {
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
  while (end > 1 && ".,;:!?*~".includes(raw[end - 1]!)) end--
  return raw.slice(0, end)
}
