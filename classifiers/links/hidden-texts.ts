import { base64Set, characterRuns, labelEnd, labelStart, matchesOf } from "./character-runs.ts"
import type { Disguise, FoldedText, Original } from "./folded-text.ts"
import type { KnownHosts } from "./known-hosts.ts"

/** Stretches of a text that are looked at as reversed, as ROT13, as base64; more are a wall of noise. */
const tokenLimit = 2_000
/** Units of a token that are read. */
const tokenLength = 4_096
/** Bytes that are decoded for one text. */
const decodedLimit = 1_000_000

/** Markers of a reference whose letters run backwards or are turned by 13: its host, or what else no plain text holds. */
interface Cipher {
  readonly disguise: Disguise
  readonly endings: ReadonlySet<string>
  /** The second labels of `endings`. */
  readonly edges: ReadonlySet<string>
  readonly marks: RegExp
  decode(text: string): string
  /** Where a stretch of the decoded token stood in the token. */
  place(start: number, end: number, length: number): readonly [number, number]
}

/**
 * What is written as something else within a text: backwards, in ROT13, in base64 or hexadecimal. Each comes as a text of its own whose
 * positions lead back to the outer one. `refold` undoes further disguises in what was decoded. Linear: tokens are bounded, and are only
 * decoded where a mark of a known platform, or the first letters, say so.
 */
export function hiddenTexts(
  outer: FoldedText,
  hosts: KnownHosts,
  refold: (text: string) => FoldedText,
  depth = 2,
): FoldedText[] {
  return [...cipherTexts(outer, ciphersOf(hosts)), ...encodedTexts(outer, hosts, refold, depth)]
}

const cipherCache = new WeakMap<KnownHosts, readonly Cipher[]>()

function ciphersOf(hosts: KnownHosts): readonly Cipher[] {
  const known = cipherCache.get(hosts)
  if (known) return known
  const edgesOf = (endings: ReadonlySet<string>) => new Set(Array.from(endings, (e) => e.slice(e.indexOf(".") + 1)))
  const backwards = new Set(Array.from(hosts.endings, reversed))
  const turned = new Set(Array.from(hosts.endings, rot13))
  const ciphers: readonly Cipher[] = [
    {
      disguise: "reversed",
      endings: backwards,
      edges: edgesOf(backwards),
      marks: /srosnetefas\.|\?:tengam|(?:arol|ocyl)<|tpkc\.|fugg\./gi,
      decode: reversed,
      place: (start, end, length) => [length - end, length - start],
    },
    {
      disguise: "rot13",
      endings: turned,
      edges: edgesOf(turned),
      marks: /\.fnsrgrafbef|zntarg:\?|<yben:|\.pxcg|\.tths/gi,
      decode: rot13,
      place: (start, end) => [start, end],
    },
  ]
  cipherCache.set(hosts, ciphers)
  return ciphers
}

function* cipherTexts({ text, original }: FoldedText, ciphers: readonly Cipher[]): Iterable<FoldedText> {
  const places = ciphers.map((): number[] => [])
  for (let dot = text.indexOf("."); dot >= 0; dot = text.indexOf(".", dot + 1)) {
    const end = labelEnd(text, dot + 1)
    if (end === dot + 1) continue
    const start = labelStart(text, dot)
    if (start === dot) continue
    const after = text.slice(dot + 1, end).toLowerCase()
    for (const [which, cipher] of ciphers.entries()) {
      if (!cipher.edges.has(after)) continue
      const list = places[which]!
      if (list.length < tokenLimit && cipher.endings.has(`${text.slice(start, dot).toLowerCase()}.${after}`))
        list.push(dot)
    }
  }
  for (const [which, cipher] of ciphers.entries()) {
    const list = places[which]!
    for (const match of matchesOf(cipher.marks, text)) if (list.length < 2 * tokenLimit) list.push(match.index)
    let read = -1
    for (const at of list.sort((a, b) => a - b)) {
      if (at < read) continue
      const [start, end] = tokenAround(text, at)
      read = end
      const token = text.slice(start, end)
      yield {
        text: cipher.decode(token),
        original: (from, to) => {
          const [first, last] = cipher.place(from, to, token.length)
          return hidden(original(start + first, start + last), cipher.disguise)
        },
      }
    }
  }
}

function hidden({ span, undone }: Original, disguise: Disguise): Original {
  return { span, undone: [...undone, { disguise, span }] }
}

/** Shorter ones hold no address. */
const encodedLeast = 16
/** Bytes written apart; "http" begins so. */
const spacedHttp = "68 74 74 70"
const spacedHex = /(?<![0-9a-f])(?:[0-9a-f]{2} ){11,}[0-9a-f]{2}(?![0-9a-f])/gi

function* encodedTexts(
  { text, original }: FoldedText,
  hosts: KnownHosts,
  refold: (text: string) => FoldedText,
  depth: number,
): Iterable<FoldedText> {
  if (depth === 0) return
  let budget = decodedLimit
  let read = 0
  const tokens = [...characterRuns(text, base64Set, encodedLeast)]
  if (text.includes(spacedHttp)) {
    for (const match of matchesOf(spacedHex, text)) tokens.push([match.index, match.index + match[0].length])
    tokens.sort((a, b) => a[0] - b[0])
  }
  for (const [start, tokenEnd] of tokens) {
    if (start < read) continue
    const end = wrappedEnd(text, start, tokenEnd)
    const token = text.slice(start, end).replace(/\s+/g, "")
    const found = decoded(token)
    if (!found || budget < found.text.length) continue
    budget -= found.text.length
    read = end
    const whole = () => hidden(original(start, end), found.disguise)
    const inner = refold(found.text)
    for (const one of [inner, ...hiddenTexts(inner, hosts, refold, depth - 1)]) {
      yield {
        text: one.text,
        original: (from, to) => {
          const { span, undone } = whole()
          return {
            span,
            undone: [...undone, ...one.original(from, to).undone.map(({ disguise }) => ({ disguise, span }))],
          }
        },
      }
    }
  }
}

/** Base64 in lines of 64 or 76 letters goes on in the next ones. */
function wrappedEnd(text: string, start: number, tokenEnd: number): number {
  let end = tokenEnd
  while (text[end] === "=" && end - tokenEnd < 2) end++
  if (tokenEnd - start !== 64 && tokenEnd - start !== 76) return end
  const line = /\r?\n[A-Za-z0-9+/]{4,76}={0,2}(?![\w+/])/y
  for (line.lastIndex = end; line.test(text); ) end = line.lastIndex
  return end
}

function decoded(token: string): { text: string; disguise: Disguise } | undefined {
  if (token.length > 2 * decodedLimit) return undefined
  if (token.length >= 24 && token.length % 2 === 0 && /^[0-9a-f]{24}/i.test(token) && /^[0-9a-f]+$/i.test(token)) {
    if (!readable(Buffer.from(token.slice(0, 24), "hex"))) return undefined
    return { text: Buffer.from(token, "hex").toString("utf8"), disguise: "hex" }
  }
  if (!readable(Buffer.from(token.slice(0, 24), "base64"))) return undefined
  return { text: Buffer.from(token, "base64").toString("utf8"), disguise: "base64" }
}

/** Plain ASCII text from its first byte on; noise is that once in many thousands. */
function readable(bytes: Uint8Array): boolean {
  return (
    bytes.length > 0 && bytes.every((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 13 || byte === 9)
  )
}

function reversed(text: string): string {
  let out = ""
  for (let at = text.length - 1; at >= 0; at--) out += text[at]
  return out
}

function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const code = letter.charCodeAt(0)
    const first = code < 97 ? 65 : 97
    return String.fromCharCode(((code - first + 13) % 26) + first)
  })
}

/** The stretch without spaces around a place. A prompt tag may hold spaces: up to its brackets. */
function tokenAround(text: string, at: number): [number, number] {
  let start = at
  let end = at
  while (start > 0 && at - start < tokenLength && !isSpace(text.charCodeAt(start - 1))) start--
  while (end < text.length && end - at < tokenLength && !isSpace(text.charCodeAt(end))) end++
  return [start, end]
}

function isSpace(code: number): boolean {
  return code <= 32 || code === 160 || code === 0x3000
}
