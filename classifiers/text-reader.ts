import type { TextReader } from "../src/ports/text-reader.ts"
import { readGuide } from "./guides/read-guide.ts"
import { termMatcher } from "./guides/term-matcher.ts"
import { readLinks } from "./links/read-links.ts"

/** What a workspace adds: the key for sketches of guides, whose language is told then too, and the terms that its organisation looks for. */
interface TextReaderOptions {
  readonly sketchKey?: Uint8Array
  readonly terms?: readonly { readonly id: string; readonly text: string }[]
}

/** Reads posts: what they lead to, and whether they teach. Bounded and linear, see `readLinks` and `guideScore`. */
export function openTextReader({ sketchKey, terms = [] }: TextReaderOptions = {}): TextReader {
  const guideOptions = { ...(sketchKey ? { sketchKey } : {}), matchTerms: termMatcher(terms) }
  return {
    version: "text@3",
    read(text, links) {
      const { artefacts, characters, folded } = readLinks(text, links)
      return { artefacts, characters, guide: readGuide(folded, guideOptions) }
    },
  }
}

/** The reader without a workspace. */
export const textReader = openTextReader()
