import TextMatcher from "modern-ahocorasick/text"

/** A word or phrase to look for, and the name under which it is reported. */
interface NamedTerm {
  readonly id: string
  readonly text: string
}

export interface TermMatch {
  readonly id: string
  readonly start: number
  readonly end: number
}

/** Terms found in a text, by their first place; each once. */
export type TermMatcher = (text: string) => TermMatch[]

const mostMatches = 1_000
const letter = /[\p{L}\p{M}\p{N}]/u
const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u

/**
 * Looks for all terms at once (Aho-Corasick) in text whose case and compatible characters (NFKC) are folded; places are of the text as it
 * was given. A term is found as whole words, except in scripts that put no spaces between them.
 */
export function termMatcher(terms: readonly NamedTerm[]): TermMatcher {
  if (terms.length === 0) return () => []
  const matcher = new TextMatcher<string>(
    terms.map(({ id, text }) => ({ pattern: text, data: id })),
    { normalization: "NFKC", caseFold: true },
  )
  return (text) => {
    const found = new Map<string, TermMatch>()
    let seen = 0
    for (const { data: id, start, end } of matcher.iterate(text)) {
      if (++seen > mostMatches) break
      if (id === undefined || found.has(id) || !isWhole(text, start, end)) continue
      found.set(id, { id, start, end })
    }
    return [...found.values()]
  }
}

function isWhole(text: string, start: number, end: number): boolean {
  const continues = (inside: string, outside: string) =>
    letter.test(outside) && letter.test(inside) && !unspaced.test(inside) && !unspaced.test(outside)
  return !continues(text.charAt(start), text.charAt(start - 1)) && !continues(text.charAt(end - 1), text.charAt(end))
}
