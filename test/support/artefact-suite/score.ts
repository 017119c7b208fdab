import type { Snippet } from "./snippet.ts"

export interface Score {
  readonly snippets: number
  /** Of the snippets with a reference: those in which something was found at its place. */
  readonly recall: number
  /** Of the references found: those that are one (in a snippet that holds one, and not more than it holds). */
  readonly precision: number
  /** Of the snippets with a reference: those whose ids are exactly the true ones. */
  readonly exact: number
  readonly wrong: readonly { readonly snippet: Snippet; readonly found: readonly string[] }[]
}

export function scoreOf(read: (text: string) => readonly string[], snippets: readonly Snippet[]): Score {
  let found = 0
  let trueFound = 0
  let recalled = 0
  let exact = 0
  const positives = snippets.filter(({ ids }) => ids.length > 0).length
  const wrong: { snippet: Snippet; found: readonly string[] }[] = []
  for (const snippet of snippets) {
    const ids = read(snippet.text)
    found += ids.length
    trueFound += Math.min(ids.length, snippet.ids.length)
    const isExact = ids.length === snippet.ids.length && ids.every((id, place) => id === snippet.ids[place])
    if (snippet.ids.length > 0 && ids.length > 0) recalled++
    if (snippet.ids.length > 0 && isExact) exact++
    if (!isExact) wrong.push({ snippet, found: ids })
  }
  return {
    snippets: snippets.length,
    recall: recalled / positives,
    precision: found === 0 ? 1 : trueFound / found,
    exact: exact / positives,
    wrong,
  }
}
