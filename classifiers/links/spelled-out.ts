import { addressScanner } from "./address-scanner.ts"
import { hasAny, isIn, labelSet, labelStart, matchesOf } from "./character-runs.ts"
import type { Replacement, Undoing } from "./folded-text.ts"
import type { KnownHosts } from "./known-hosts.ts"

const spacedRun = /(?<![A-Za-z0-9])[A-Za-z0-9](?:[ \t\u00a0][\w.:/?=&%#-]){7,400}(?![\w])/g

/** `c i v i t a i . c o m / m o d e l s / 1 2`: single letters with a space after each. */
export function* joinSpacedLetters(text: string): Iterable<Replacement> {
  if (!hasAny(text, [" . ", " / ", "\u00a0", "\t"])) return
  for (const match of matchesOf(spacedRun, text)) {
    if (!/[./].*[./]|:.*:/.test(match[0])) continue
    for (let at = 1; at < match[0].length; at += 2) {
      const from = match.index + at
      yield { from, to: from + 1, with: "", disguise: "space" }
    }
  }
}

const dotWord = "dot|d0t|punkt|point|punto|ponto|kropka|nokta|точка|点"
const opening = /[[({<*_|-]/
const bracketed = new RegExp(
  `\\s?(?:\\[{1,2}\\s?(\\.|:\\/\\/|:|\\/|${dotWord}|slash)\\s?\\]{1,2}|\\({1,2}\\s?(\\.|\\/|${dotWord}|slash)\\s?\\){1,2}|\\{\\s?(\\.|\\/|${dotWord}|slash)\\s?\\}|<(\\.|${dotWord})>|\\|(\\.)\\||(?<=[a-z0-9])([*_-])(dot)\\6(?=[a-z0-9]))\\s?|(?<=[a-z0-9])\\[\\.?([a-z]{2,5})\\](?=[/\\s]|$)`,
  "gi",
)
const scheme = /(?<![a-z])(?:h(?:xx|\*\*|__|xt|tx|--|\?\?)p|httx|meow|(?<!h)ttp)(?=s?(?::\/\/|[[({]|:\\\\))/gi

/** `hxxp`, `[.]`, `(dot)`, `{slash}`, `[:]`, `civitai[.com]`. */
export function* undoMarks(text: string): Iterable<Replacement> {
  const found: Replacement[] = []
  if (opening.test(text)) {
    for (const match of matchesOf(bracketed, text)) {
      const [whole, square, round, curly, angle, barred, , framed, top] = match
      const from = match.index
      const to = from + whole.length
      if (top !== undefined) {
        if (/^(?:com|co|art|ai|org|net|io|nz|moe|cn|gg|me|to)$/i.test(top))
          found.push({ from, to, with: `.${top}`, disguise: "bracket" })
        continue
      }
      const mark = (square ?? round ?? curly ?? angle ?? barred ?? framed)!.toLowerCase()
      const plain = mark === "slash" ? "/" : /^[.:/]+$/.test(mark) ? mark : "."
      found.push({
        from,
        to,
        with: plain,
        disguise: /\w|[^\0-\x7f]/.test(mark) && mark !== "slash" ? "dot" : "bracket",
      })
    }
  }
  for (const match of text.includes(":") ? matchesOf(scheme, text) : []) {
    found.push({ from: match.index, to: match.index + match[0].length, with: "http", disguise: "hxxp" })
  }
  yield* inOrder(found)
}

function* inOrder(found: Replacement[]): Iterable<Replacement> {
  let done = 0
  for (const one of found.sort((a, b) => a.from - b.from)) {
    if (one.from < done) continue
    yield one
    done = one.to
  }
}

const label = /[a-z0-9-]{1,63}/iy
const pathWord = /[\w.-]{1,100}/y
const spelledDot = new RegExp(
  `(?<=[a-z0-9])(?:\\s{1,3}(?:${dotWord})\\s{1,3}|(?<=[a-z])dot(?=(?:com|co|art|ai)\\b))(?=[a-z0-9])`,
  "gi",
)
const dotMark = new RegExp(`\\s(?:${dotWord})\\s|dot(?:com|co|art|ai)\\b`, "i")
/** Characters that stand for the dot of a host; a plain one only with space around it. */
const spacedDot =
  /(?<=[a-z0-9])(?:\s{1,3}[.\u3002\u00b7\u2022,]\s{0,3}|[.\u3002\u00b7\u2022,]\s{1,3}|[\u3002\u00b7\u2022,])(?=[a-z0-9])/iy
/** Extensions that belong to no other word, so that a spelled-out dot before them can be told. */
const modelExtension = /^(?:safetensors|ckpt|gguf)$/i

/** Only where both sides belong together, as parts of a known host or of a file's name: the dot between two sentences must stay one. */
export function joinDots(hosts: KnownHosts): Undoing {
  return function* (text) {
    const found: [number, number][] = []
    for (const one of spacedDots(text)) if (found.push(one) >= dotLimit) break
    if (dotMark.test(text))
      for (const match of matchesOf(spelledDot, text)) found.push([match.index, match.index + match[0].length])
    let done = 0
    for (const [from, to] of found.sort((a, b) => a[0] - b[0])) {
      if (from < done) continue
      const mark = text.slice(from, to)
      const before = wordBefore(text, from, isLabel, 63)
      const after = wordAt(label, text, to)
      const spelled = /[a-z\u0400-\u04ff\u70b9]/i.test(mark)
      const isFile = modelExtension.test(after) && /[\d_]/.test(before) && (spelled || /^\s{1,3}\.\s{0,3}$/.test(mark))
      const hasPath = /[/\\\s([{]/.test(text[to + after.length] ?? " ")
      if (!isFile && !(hosts.joins(before, after) && (hasPath || !mark.includes(",")))) continue
      done = to
      yield { from, to, with: ".", disguise: !spelled && /\s/.test(mark) ? "space" : "dot" }
    }
  }
}

/** Dots that are looked at in a text. */
const dotLimit = 50_000
const dotCharacters = [".", ",", "\u3002", "\u00b7", "\u2022"]

/** Dots with space beside them, and characters that only stand for one, between what may be labels. */
function* spacedDots(text: string): Iterable<[number, number]> {
  for (const character of dotCharacters) {
    for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
      const [left, right] = [text.charCodeAt(at - 1) <= 32, text.charCodeAt(at + 1) <= 32]
      // A comma with a space after it is a comma.
      if (character === "." ? !left && !right : character === "," && right) continue
      // A sentence ends and another begins.
      if (right && isCapital(text.charCodeAt(at + 2)) && !isCapital(text.charCodeAt(at - 1))) continue
      let from = at
      while (at - from < 3 && text.charCodeAt(from - 1) <= 32) from--
      spacedDot.lastIndex = from
      if (spacedDot.test(text)) yield [from, spacedDot.lastIndex]
    }
  }
}

/** `civit ai.com/models/1`, and a dot that was left out: `civitai com/models/1`. */
export function joinLabels(hosts: KnownHosts): Undoing {
  return function* (text) {
    let done = 0
    for (let slash = text.indexOf("/"); slash >= 0; slash = text.indexOf("/", slash + 1)) {
      const last = labelStart(text, slash)
      if (last === slash) continue
      const dotted = text[last - 1] === "."
      const start = dotted ? labelStart(text, last - 1) : last
      const from = gapStart(text, start)
      if (from < done || from === start || !isIn(labelSet, text.charCodeAt(from - 1))) continue
      const before = text.slice(labelStart(text, from), from)
      const after = text.slice(start, slash)
      if (dotted ? hosts.has(before + after) : hosts.has(`${before}.${after}`)) {
        const broken = text.slice(from, start).includes("\n")
        yield { from, to: start, with: dotted ? "" : ".", disguise: broken ? "line-break" : dotted ? "space" : "dot" }
        done = slash
      }
    }
  }
}

/** Where the space, line break or hyphen before a place begins; the place itself if there is none. */
function gapStart(text: string, at: number): number {
  let from = at
  while (at - from < 10 && " \t\r\n>".includes(text[from - 1] ?? ".")) from--
  if (!text.slice(from, at).includes("\n")) return " \t_-".includes(text[at - 1] ?? ".") ? at - 1 : at
  return text[from - 1] === "-" ? from - 1 : from
}

/** `civitai.com / models / 12`, `civitai.com slash models`, `civitai.com\models`: the slashes after a known host, unless another host follows. */
export function joinSlashes(hosts: KnownHosts): Undoing {
  const pattern =
    /(?<=[a-z0-9])(?:[ \t]{1,2}\/[ \t]{0,2}|\/[ \t]{1,2}|[ \t]{1,2}slash[ \t]{1,2}|\\{1,2})(?=[a-z0-9?#])/gi
  return function* (text) {
    if (!hasAny(text, ["/", "\\", "slash", "SLASH", "Slash"])) return
    let joinedUpTo = -1
    for (const match of matchesOf(pattern, text)) {
      const before = wordBefore(text, match.index, (code) => isLabel(code) || code === 46 || code === 95, 100)
      const to = match.index + match[0].length
      const after = wordAt(pathWord, text, to)
      const start = match.index - before.length
      // The host itself, or a part of its path that was joined or always stood behind a slash.
      const continues =
        joinedUpTo >= 0 &&
        (start === joinedUpTo ||
          (text[start - 1] === "/" && start - joinedUpTo < 100 && !/\s/.test(text.slice(joinedUpTo, start))))
      const behindHost = !continues && text[start - 1] === "/" && hosts.has(hostOf(text, start - 1))
      if (!continues && !behindHost && !hosts.has(before)) continue
      if (hosts.has(after.replace(/\.$/, ""))) continue
      if (
        /^\/[ \t]/.test(match[0]) &&
        !isPathPart(after) &&
        !/^\s{0,2}\//.test(text.slice(to + after.length, to + after.length + 3))
      )
        continue
      joinedUpTo = to
      yield { from: match.index, to, with: "/", disguise: "space" }
    }
  }
}

/** The host name that ends at a slash, in an address like `https://host/models`. */
function hostOf(text: string, slash: number): string {
  return wordBefore(text, slash, (code) => isLabel(code) || code === 46, 100)
}

const gap = /[ \t]{0,3}(?:\r?\n(?:[>|][ \t]?){0,5}[ \t]{0,4}|[ \t])/y
const restOfLine = /[^\s<>"'`|\\^{}[\]]{1,300}/y
/** Pieces that one address is put together from. */
const pieceLimit = 4

/**
 * An address that goes on in the next line, or after a space. It has to: what stands before the gap names nothing, and with the next word it
 * does; or the line ends in the middle of a name.
 */
export function joinBroken(hosts: KnownHosts, names: (host: string, rest: string) => boolean): Undoing {
  const scan = addressScanner(hosts.names)
  return function* (text) {
    let done = 0
    for (const { host, rest, end, truncated } of scan(text, addressLimit)) {
      if (truncated || end < done || text.charCodeAt(end) > 32) continue
      const gaps = spacedDigits(text, end) ?? gapsAfter(text, end, rest, (joined) => names(host, joined))
      for (const [from, to] of gaps) {
        yield { from, to, with: "", disguise: /\n/.test(text.slice(from, to)) ? "line-break" : "space" }
        done = to
      }
    }
  }
}

/** Addresses whose ends are looked at. */
const addressLimit = 5_000

const digitRun = /(?<=\/\d)(?: \d){2,19}(?![\w])/y

/** The gaps of an id written digit by digit at the end of an address: `models/1 2 3 4`. */
function spacedDigits(text: string, end: number): [number, number][] | undefined {
  digitRun.lastIndex = end
  const run = digitRun.exec(text)?.[0]
  if (!run) return undefined
  return Array.from({ length: run.length / 2 }, (_, place) => [end + 2 * place, end + 2 * place + 1])
}

/** The gaps to close so that an address names something; none where it does already, or never will. */
function gapsAfter(text: string, end: number, rest: string, names: (rest: string) => boolean): [number, number][] {
  const isNamed = names(rest)
  if (isNamed && !/[-_=]$/.test(rest)) return []
  // An owner's page is whole: what follows it would have to start with a slash.
  if (/[^/=&?_-]$/.test(rest) && names(`${rest}/a1`)) return []
  const gaps: [number, number][] = []
  let whole = rest
  for (let at = end; gaps.length < pieceLimit; ) {
    gap.lastIndex = at
    if (!gap.test(text)) return []
    const to = gap.lastIndex
    const broken = text.slice(at, to).includes("\n")
    const piece = wordAt(restOfLine, text, to)
    const next = piece.replace(/[.,;:!?)*~]+$/, "")
    // A host alone goes on with a slash; after a space only a path that was begun does.
    if (!isPathPart(next) || (whole === "" && !next.startsWith("/")) || (isNamed && !broken)) return []
    gaps.push([at, to])
    whole += next
    if (names(whole)) return gaps
    if (next !== piece) return []
    at = to + piece.length
  }
  return []
}

/** A word of a sentence may follow an address too: a part of a path has a digit, a mark or a capital inside. */
function isPathPart(word: string): boolean {
  return /[\d_/?=-]|[a-z][A-Z]/.test(word)
}

const brokenMagnet = /magnet:\?[^\s<>"'`]{0,300}?xt=urn:btih:[0-9a-z]{1,39}(?=[ \t]{0,3}\r?\n)/gi
const moreDigits = /[ \t]{0,3}\r?\n(?:[>|][ \t]?){0,5}[ \t]{0,4}(?=[0-9a-f]{1,39}(?![0-9a-z]))/iy

/** A magnet whose info-hash goes on in the next line. */
export function* joinMagnets(text: string): Iterable<Replacement> {
  if (!text.includes("agnet:")) return
  for (const match of matchesOf(brokenMagnet, text)) {
    const end = match.index + match[0].length
    const digits = match[0].length - match[0].lastIndexOf(":") - 1
    moreDigits.lastIndex = end
    if (digits === 32 || !moreDigits.test(text)) continue
    const to = moreDigits.lastIndex
    if (digits + wordAt(/[0-9a-f]{1,40}/iy, text, to).length === 40)
      yield { from: end, to, with: "", disguise: "line-break" }
  }
}

function wordAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ""
}

function wordBefore(text: string, at: number, isPart: (code: number) => boolean, limit: number): string {
  let start = at
  while (start > 0 && at - start < limit && isPart(text.charCodeAt(start - 1))) start--
  return text.slice(start, at)
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90
}

function isLabel(code: number): boolean {
  return isIn(labelSet, code)
}
