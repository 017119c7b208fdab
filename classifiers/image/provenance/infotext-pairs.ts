/** Pairs read from one line; the longest seen have about 80. */
const maxPieces = 1000

/** `Key: value, Key: "quoted, value", Key: {json}`; undefined where a fifth or more of the pieces are no pairs. */
export function pairsOf(line: string): Map<string, string> | undefined {
  const fields = new Map<string, string>()
  const key = /\s{0,5}([A-Za-z][\w /\-+.()]{0,60}):\s{0,5}/y
  let strays = 0
  let last = ""
  let balanced = true
  for (let at = 0, pieces = 0; at < line.length && pieces < maxPieces; pieces++) {
    key.lastIndex = at
    const match = key.exec(line)
    const start = match ? key.lastIndex : at
    const closed = balanced ? closedEnd(line, start) : start
    // What does not close once would be looked for up to the end again and again.
    if (closed === undefined) balanced = false
    const comma = line.indexOf(",", closed ?? start)
    const end = comma < 0 ? line.length : comma
    const value = line.slice(start, end)
    if (match) {
      last = match[1]!
      if (!fields.has(last)) fields.set(last, unquoted(value))
    } else {
      strays++
      if (last) fields.set(last, `${fields.get(last)},${value}`.slice(0, 2000))
    }
    at = end + 1
  }
  return strays * 4 <= fields.size ? fields : undefined
}

/** Index after a quoted or bracketed value, whose commas don't count; the start for others, undefined where it does not close. */
function closedEnd(line: string, from: number): number | undefined {
  const opener = line[from]
  const end =
    opener === '"' ? stringEnd(line, from) : opener === "{" || opener === "[" ? nestedEnd(line, from) : undefined
  if (end === undefined) return from
  return end === from ? undefined : end
}

function stringEnd(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at++) {
    if (line[at] === "\\") at++
    else if (line[at] === '"') return at + 1
  }
  return from
}

function nestedEnd(line: string, from: number): number {
  let depth = 0
  for (let at = from; at < line.length; at++) {
    const char = line[at]!
    if (char === '"') {
      const end = stringEnd(line, at)
      if (end === at) return from
      at = end - 1
    } else if (char === "{" || char === "[") depth++
    else if ((char === "}" || char === "]") && --depth === 0) return at + 1
  }
  return from
}

function unquoted(value: string): string {
  const trimmed = value.trim()
  return trimmed.length >= 2 && trimmed.startsWith('"') && trimmed.endsWith('"')
    ? trimmed.slice(1, -1).replaceAll('\\"', '"')
    : trimmed
}
