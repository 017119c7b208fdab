import type { Finding } from "../model/finding.ts"

/** Words as they are compared: lower case, without accents, cut at everything that is no letter or digit. */
export function wordsIn(text: string): string[] {
  return (
    text
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/** What a finding may be found by; only what may be read in clear. */
export function findingWords({ kind, about, platform, artefactKind, signals }: Finding): string[] {
  const traces = signals.flatMap((s) => [
    s.family,
    s.generator,
    s.model,
    s.modelHash,
    ...(s.loras ?? []).map((l) => l.name),
  ])
  return [kind, about, platform, artefactKind, ...new Set(traces)].flatMap((text) =>
    text === undefined ? [] : wordsIn(text),
  )
}

/** Where something stands: its forum and its host, one text for both. */
export function placeOf(forum: string, url: string): string {
  return `${forum} ${URL.parse(url)?.hostname ?? ""}`
}

/** Whether the phrase stands in the words; of its last word the end may be missing. */
export function holdsPhrase(words: readonly string[], phrase: readonly string[]): boolean {
  const last = phrase.length - 1
  return words.some((_, start) =>
    phrase.every((word, place) =>
      place === last ? words[start + place]?.startsWith(word) : words[start + place] === word,
    ),
  )
}

/** The finding's own words that the question met, each once and in their order; none where its place alone did. */
export function matchedWords(finding: Finding, phrases: readonly (readonly string[])[]): string[] {
  const words = findingWords(finding)
  const met = phrases.filter((phrase) => holdsPhrase(words, phrase)).flat()
  return [...new Set(words.filter((word) => met.some((part) => word.startsWith(part))))]
}
