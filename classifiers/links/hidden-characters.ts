import { domainToUnicode } from "node:url"
import { isIn, labelSet, matchesOf } from "./character-runs.ts"
import type { Disguise, Replacement, Undoing } from "./folded-text.ts"
import type { KnownHosts } from "./known-hosts.ts"
import { latinFor } from "./look-alikes.ts"

/** Replaces what a pattern finds where the text has anything of the kind at all; `with` says what it stands for, undefined leaves it. */
function replacing(
  disguise: Disguise,
  pattern: RegExp,
  present: (text: string) => boolean,
  stands: (match: RegExpExecArray) => string | undefined,
): Undoing {
  return function* (text) {
    if (!present(text)) return
    for (const match of matchesOf(pattern, text)) {
      const plain = stands(match)
      if (plain === undefined || plain === match[0]) continue
      yield { from: match.index, to: match.index + match[0].length, with: plain, disguise }
    }
  }
}

const beyondAscii = (text: string) => /[^\0-\x7f]/.test(text)

/** Soft hyphen, zero-width space and joiners, direction marks and overrides, variation selectors, tags, strokes through letters. */
export const dropInvisible: Undoing = replacing(
  "zero-width",
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each of these is dropped, whatever it stands on
  /(?:[\u00ad\u034f\u0334-\u0338\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff]|\udb40[\udc00-\udc7f])+/g,
  beyondAscii,
  () => "",
)

const entityNames: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  period: ".",
  sol: "/",
  colon: ":",
  lowbar: "_",
  dash: "-",
  hyphen: "-",
  quest: "?",
  equals: "=",
  num: "#",
  percnt: "%",
  lpar: "(",
  rpar: ")",
}

/** `&#46;`, `&#x2e;`, `&period;`: what a page or a post shows as its source. */
export const undoEntities: Undoing = replacing(
  "entity",
  /&(?:amp;){0,3}(?:#(\d{2,5})|#x([0-9a-f]{2,4})|(amp|lt|gt|quot|apos|period|sol|colon|lowbar|dash|hyphen|quest|equals|num|percnt|lpar|rpar)(?=;));?/gi,
  (text) => text.includes("&"),
  ([, decimal, hex, name]) => {
    if (name) return entityNames[name.toLowerCase()]
    const code = decimal ? Number(decimal) : Number.parseInt(hex!, 16)
    return code >= 32 && code < 0xd800 ? String.fromCharCode(code) : undefined
  },
)

/** `\u002e`, `\x2e` of program text, and Markdown's `gnome\_v2`. */
export const undoEscapes: Undoing = replacing(
  "escape",
  /\\(?:u00([0-9a-f]{2})|u\{0{0,4}([0-9a-f]{2})\}|x([0-9a-f]{2})|([_.\-/:~*()[\]]))/gi,
  (text) => text.includes("\\"),
  ([, four, braced, two, mark]) => mark ?? printable(Number.parseInt(four ?? braced ?? two!, 16)),
)

/** Percent encoding of letters, digits and the marks of addresses, once or several times over. */
export const undoPercent: Undoing = replacing(
  "percent",
  /%(?:25){0,5}(2[136d-f]|3[0-9ac-f]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/gi,
  (text) => text.includes("%"),
  ([, code]) => printable(Number.parseInt(code!, 16)),
)

function printable(code: number): string | undefined {
  return code > 32 && code < 127 ? String.fromCharCode(code) : undefined
}

const marksAlike: Readonly<Record<string, string>> = {
  "\u2024": ".",
  "\ufe52": ".",
  "\uff61": ".",
  "\u2044": "/",
  "\u2215": "/",
  "\u29f8": "/",
  "\u2236": ":",
  "\ua789": ":",
  "\ufe55": ":",
  "\u02d0": ":",
  "\u2010": "-",
  "\u2011": "-",
  "\u2212": "-",
}

/** Full-width, mathematical, circled and squared letters, and marks that look like those of an address. */
export const undoWideLetters: Undoing = replacing(
  "fullwidth",
  /[\uff01-\uff5e\u24b6-\u24e9\u2024\ufe52\uff61\u2044\u2215\u29f8\u2236\ua789\ufe55\u02d0\u2010\u2011\u2212\u2100-\u214f\u1d2c-\u1d6a]|\ud835[\udc00-\udfff]|\ud83c[\udd10-\udd89\udde6-\uddff]/g,
  beyondAscii,
  ([letter]) => {
    const mark = marksAlike[letter]
    if (mark) return mark
    const code = letter.codePointAt(0)!
    if (code >= 0x1f110 && code <= 0x1f1ff) return letterOf(code)
    const plain = letter.normalize("NFKC")
    return /^[\x21-\x7e]$/.test(plain) ? plain : undefined
  },
)

/** Of parenthesised, squared, circled and regional letters. */
function letterOf(code: number): string | undefined {
  for (const first of [0x1f110, 0x1f130, 0x1f150, 0x1f170, 0x1f1e6]) {
    if (code >= first && code < first + 26) return String.fromCharCode(97 + code - first)
  }
  return undefined
}

/** Letters that host names are imitated with stand in these blocks. */
const foreign = /[\u00c0-\u058f\u1d00-\u1eff\ua730-\ua7ff]/
const punycode = /(?<![\w.-])(?:[a-z0-9-]{1,30}\.)?xn--[a-z0-9-]{1,59}(?:\.[a-z0-9-]{1,63}){1,3}/gi
const mixedWord = /[a-z\u00c0-\u058f\u1d00-\u1eff\ua730-\ua7ff]{2,60}/gi

/** Names in a text that are compared with known hosts. */
const imitationLimit = 5_000

/** A host name written with letters or digits that look like its own, or as the international form (IDNA) of such a name. */
export function undoImitations(hosts: KnownHosts): Undoing {
  return function* (text) {
    const found: Replacement[] = []
    let looked = 0
    if (foreign.test(text)) {
      let read = 0
      for (let dot = text.indexOf("."); dot >= 0 && looked < imitationLimit; dot = text.indexOf(".", dot + 1)) {
        if (dot < read) continue
        const start = nameStart(text, dot, isForeignLabel)
        read = nameEnd(text, dot)
        const name = text.slice(start, read)
        if (!foreign.test(name)) continue
        looked++
        const meant = hosts.imitated(name)
        if (meant) found.push({ from: start, to: read, with: meant, disguise: "homoglyph" })
      }
    }
    for (let slash = text.indexOf("/"); slash >= 0; slash = text.indexOf("/", slash + 1)) {
      const start = nameStart(text, slash, isLabel)
      const name = text.slice(start, slash)
      if (!name.includes(".") || !/\d|rn|vv|l/i.test(name) || hosts.has(name)) continue
      if (++looked > imitationLimit) break
      const meant = hosts.imitated(name)
      if (meant) found.push({ from: start, to: slash, with: meant, disguise: "homoglyph" })
    }
    if (/xn--/i.test(text)) {
      for (const match of matchesOf(punycode, text)) {
        const meant = hosts.imitated(domainToUnicode(match[0].toLowerCase()))
        if (meant) found.push(replacementOf(match, meant, "idn"))
      }
    }
    let done = 0
    for (const one of found.sort((a, b) => a.from - b.from)) {
      if (one.from < done) continue
      yield one
      done = one.to
    }
  }
}

/** Where a host name around a place may start. */
function nameStart(text: string, from: number, isPart: (code: number) => boolean): number {
  let at = from
  while (from - at < 100 && (isPart(text.charCodeAt(at - 1)) || text[at - 1] === ".")) at--
  return at
}

function nameEnd(text: string, from: number): number {
  let at = from
  while (at - from < 100 && (isForeignLabel(text.charCodeAt(at)) || text[at] === ".")) at++
  return at
}

const isLabel = (code: number) => isIn(labelSet, code)
const isForeignLabel = (code: number) => isIn(labelSet, code) || (code > 127 && foreign.test(String.fromCharCode(code)))

function replacementOf(match: RegExpExecArray, meant: string, disguise: Disguise): Replacement {
  return { from: match.index, to: match.index + match[0].length, with: meant, disguise }
}

/** A word that mixes Latin letters with some that look like them belongs to no language. */
export function* undoMixedWords(text: string): Iterable<Replacement> {
  if (!/[\u0180-\u058f\u1d00-\u1eff\ua730-\ua7ff]/.test(text)) return
  for (const match of matchesOf(mixedWord, text)) {
    const word = match[0]
    if (!/[a-z]/i.test(word) || !beyondAscii(word)) continue
    const foreign: Replacement[] = []
    let whole = true
    for (let at = 0; at < word.length && whole; at++) {
      if (word.charCodeAt(at) < 128) continue
      const latin = latinFor(word[at]!)
      if (latin === undefined) whole = false
      else foreign.push({ from: match.index + at, to: match.index + at + 1, with: latin, disguise: "homoglyph" })
    }
    if (whole) yield* foreign
  }
}
