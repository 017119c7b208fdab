/** A set of ASCII characters, by code. */
export function characterSet(members: string): Uint8Array {
  const set = new Uint8Array(128)
  for (const member of members) set[member.charCodeAt(0)] = 1
  return set
}

const letters = "abcdefghijklmnopqrstuvwxyz"
export const hexadecimalSet = characterSet("0123456789abcdefABCDEF")
export const base64Set = characterSet(`${letters}${letters.toUpperCase()}0123456789+/_-`)
/** What a label of a host name is made of. */
export const labelSet = characterSet(`${letters}${letters.toUpperCase()}0123456789-`)

export function isIn(set: Uint8Array, code: number): boolean {
  return code < 128 && set[code] === 1
}

/**
 * Stretches of at least `least` characters of a set, in order. Looks at every `least`-th character only, so long texts without any cost
 * little.
 */
export function* characterRuns(text: string, set: Uint8Array, least: number): Iterable<readonly [number, number]> {
  let done = 0
  for (let probe = least - 1; probe < text.length; probe += least) {
    if (!isIn(set, text.charCodeAt(probe)) || probe < done) continue
    let start = probe
    while (start > done && isIn(set, text.charCodeAt(start - 1))) start--
    let end = probe + 1
    while (end < text.length && isIn(set, text.charCodeAt(end))) end++
    done = end
    if (end - start >= least) yield [start, end]
  }
}

/** Whether a text has any of the words, as they are spelled. A cheap look before an expensive pattern. */
export function hasAny(text: string, words: readonly string[]): boolean {
  for (const word of words) if (text.includes(word)) return true
  return false
}

/** Where the label of a host name that starts here ends; labels have up to 63 characters (RFC 1035). */
export function labelEnd(text: string, from: number): number {
  let at = from
  while (at - from < 64 && isIn(labelSet, text.charCodeAt(at))) at++
  return at
}

/** Where the label of a host name that ends here starts. */
export function labelStart(text: string, to: number): number {
  let at = to
  while (to - at < 64 && isIn(labelSet, text.charCodeAt(at - 1))) at--
  return at
}

/** The matches of a global pattern, one after the other. Unlike `matchAll` it compiles no pattern anew: short texts are read by the million. */
export function* matchesOf(pattern: RegExp, text: string): Iterable<RegExpExecArray> {
  for (let at = 0; ; ) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match) return
    at = Math.max(pattern.lastIndex, match.index + 1)
    yield match
  }
}
