import type { GuideScore } from "../../src/ports/text-reader.ts"
import { guideFeatures } from "./guide-features.ts"
import { type GuideFeature, guideWeights } from "./guide-weights.ts"

/**
 * How much a text looks like a how-to for image-generation tools, 0 to 1; 0.5 is where it is called a guide. The reasons are the parts of
 * the sum behind the score, largest first, and carry no word of the text.
 */
export function guideScore(text: string): GuideScore {
  const features = guideFeatures(text)
  const names = Object.keys(guideWeights.features) as GuideFeature[]
  const parts = names.map((name) => ({ name, weight: round(guideWeights.features[name] * features[name]) }))
  const reasons = [{ name: "base", weight: guideWeights.base }, ...parts.filter((part) => part.weight !== 0)]
  const sum = reasons.reduce((total, reason) => total + reason.weight, 0)
  reasons.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
  return { score: round(1 / (1 + Math.exp(-sum))), reasons }
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
