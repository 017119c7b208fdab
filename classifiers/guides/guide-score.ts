import type { GuideReading } from "../../src/ports/text-reader.ts"
import { guideFeatures } from "./guide-features.ts"
import model from "./guide-model.json" with { type: "json" }
import { scanText } from "./scan-text.ts"
import type { TermMatcher } from "./term-matcher.ts"

/** A score with its places in the text that was scored. */
interface GuideScore extends Pick<GuideReading, "score" | "calibration" | "reasons"> {
  readonly spans: readonly { readonly name: string; readonly start: number; readonly end: number }[]
}

/** What a term of the organisation's list adds to the sum; three of them at most. Set by hand: the model has never seen the list. */
const termWeight = 1
const countedTerms = 3

const weights = Object.entries(model.weights)

/**
 * How likely a text is a how-to for image tools, 0 to 1. Logistic regression over named features (`guide-model.md`): the reasons are the
 * parts of the sum behind the score, largest first, and the spans say where in the text they come from; neither carries a word of it.
 * Linear in the first 200,000 units of the text.
 */
export function guideScore(text: string, matchTerms?: TermMatcher): GuideScore {
  const counts = scanText(text)
  const features = guideFeatures(counts)
  const terms = matchTerms?.(text) ?? []
  const parts = weights.map(([name, weight]) => ({
    name,
    weight: round(weight * features[name]!),
  }))
  const reasons = [
    { name: "base", weight: model.base },
    ...parts.filter((part) => part.weight !== 0),
    ...terms.slice(0, countedTerms).map(({ id }) => ({ name: `term:${id}`, weight: termWeight })),
  ]
  const sum = reasons.reduce((total, reason) => total + reason.weight, 0)
  reasons.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
  return {
    score: round(1 / (1 + Math.exp(-sum))),
    calibration: `${model.version}, ${model.calibration}`,
    reasons,
    spans: [...terms.map(({ id, start, end }) => ({ name: `term:${id}`, start, end })), ...counts.spans],
  }
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
