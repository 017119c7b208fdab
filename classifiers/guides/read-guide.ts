import { createRequire } from "node:module"
import { type GuideReading, guideThreshold } from "../../src/ports/text-reader.ts"
import type { FoldedText } from "../links/folded-text.ts"
import { guideScore } from "./guide-score.ts"
import { guideSketch } from "./guide-sketch.ts"
import type { TermMatcher } from "./term-matcher.ts"

/** Two megabytes of word statistics, loaded with the first guide: most commands never meet one. */
let detector: ((text: string) => string) | undefined

function languageOf(text: string): string {
  detector ??= (createRequire(import.meta.url)("tinyld/heavy") as { detect(text: string): string }).detect
  return detector(text)
}

/** Units of a guide by which its language is told. */
const languageSample = 2_000

/**
 * The score of a text and, where it is called a guide, the places that speak for it. With a key, so for the record, also its language and its
 * sketch: telling a language takes longer than all the rest.
 */
export function readGuide(
  folded: FoldedText,
  { sketchKey, matchTerms }: { readonly sketchKey?: Uint8Array; readonly matchTerms?: TermMatcher },
): GuideReading {
  const { spans, ...scored } = guideScore(folded.text, matchTerms)
  if (scored.score < guideThreshold) return scored
  const placed = {
    ...scored,
    spans: spans.map(({ name, start, end }) => ({ name, span: folded.original(start, end).span })),
  }
  if (!sketchKey) return placed
  const language = languageOf(folded.text.slice(0, languageSample))
  const sketch = guideSketch(folded.text, sketchKey)
  return { ...placed, ...(language ? { language } : {}), ...(sketch ? { sketch } : {}) }
}
