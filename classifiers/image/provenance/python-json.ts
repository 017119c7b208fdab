const token = /\s{0,100}(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]{0,40}|true|false|null|NaN|-?Infinity))/y
const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\f": "\\f",
  "\b": "\\b",
}

/**
 * A JSON object as Python's `json.dumps` writes it: a space after commas and colons, letters beyond ASCII escaped, numbers as they stood.
 *
 * @param without a key of the outermost object that is left out with its value
 * @returns undefined where the text is no JSON object
 */
export function pythonJson(text: string, without: string): string | undefined {
  const entries: string[] = []
  let depth = 0
  let entry = ""
  token.lastIndex = 0
  for (let at = 0; at < text.length; at = token.lastIndex) {
    token.lastIndex = at
    const [whole, mark, quoted, literal] = token.exec(text) ?? []
    if (whole === undefined) return text.slice(at).trim() === "" && depth === 0 ? joined(entries, without) : undefined
    if (depth === 0) {
      if (mark !== "{" || entries.length > 0) return undefined
      depth = 1
    } else if (depth === 1 && (mark === "," || mark === "}")) {
      if (entry !== "") entries.push(entry)
      entry = ""
      if (mark === "}") {
        depth = 0
        entries.push("")
      }
    } else {
      if (mark === "{" || mark === "[") depth++
      if (mark === "}" || mark === "]") depth--
      entry += mark === "," || mark === ":" ? `${mark} ` : (mark ?? (quoted ? requoted(quoted) : literal))
    }
  }
  return depth === 0 ? joined(entries, without) : undefined
}

/** The last entry is empty: it says that the object was closed. */
function joined(entries: readonly string[], without: string): string | undefined {
  if (entries.at(-1) !== "") return undefined
  const key = `${requoted(JSON.stringify(without))}: `
  return `{${entries
    .slice(0, -1)
    .filter((entry) => !entry.startsWith(key))
    .join(", ")}}`
}

function requoted(quoted: string): string {
  let text: string
  try {
    text = JSON.parse(quoted) as string
  } catch {
    return quoted
  }
  return `"${text.replace(/["\\]|[^\x20-\x7f]/g, (letter) => short[letter] ?? escaped(letter))}"`
}

/** One unit of UTF-16; Python writes pairs as two. */
function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`
}
