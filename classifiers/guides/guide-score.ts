import type { GuideScore } from "../../src/ports/text-reader.ts"
import { guideFeatures } from "./guide-features.ts"
import model from "./guide-model.json" with { type: "json" }
import { scanText } from "./scan-text.ts"

/** Version of the model and how its scores were calibrated, for findings. */
export const guideModel = { version: model.version, calibration: model.calibration } as const

/**
 * How likely a text is a how-to for image tools, 0 to 1; 0.5 is where it is called a guide. Logistic regression over named features: the
 * reasons are the parts of the sum behind the score, largest first, and the spans say where in the text they come from; neither carries a
 * word of it. Linear in the first 200,000 units of the text.
 */
export function guideScore(text: string): GuideScore {
  const counts = scanText(text)
  const features = guideFeatures(counts)
  const parts = Object.entries(model.weights).map(([name, weight]) => ({ name, weight: round(weight * features[name]!) }))
  const reasons = [{ name: "base", weight: model.base }, ...parts.filter((part) => part.weight !== 0)]
  const sum = reasons.reduce((total, reason) => total + reason.weight, 0)
  reasons.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
  return { score: round(1 / (1 + Math.exp(-sum))), reasons, spans: counts.spans }
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
