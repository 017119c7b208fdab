import type { PixelModelManifest } from "../../../src/model/pixel-model.ts"
import type { PixelLevel, PixelReading, PixelScore } from "../../../src/model/pixel-score.ts"
import type { PixelEvidence, PixelScorer } from "../../../src/ports/pixel-scorer.ts"
import { descriptorBytes, logitOfDescriptor } from "./linear-head.ts"
import { readPixelHead } from "./read-manifest.ts"

type Model = ReturnType<typeof readPixelHead>
type Calibration = NonNullable<PixelModelManifest["calibration"]>

/**
 * Scores with the models of these manifests, the first one's answer before the second's. Where one flags what the other would not even have
 * reviewed, the answer is "inconclusive".
 *
 * @throws `model_refused`
 */
export function openPixelScorer(manifestFiles: readonly string[]): PixelScorer {
  const models = manifestFiles.map(readPixelHead)
  const version = models
    .map(({ manifest, name }) => `${name}/${manifest.calibration?.version ?? "uncalibrated"}`)
    .join("+")
  return {
    version: `pixel:${version}`,
    score(evidence) {
      const readings = evidence.pixels ?? []
      const scores = models.flatMap((model) => {
        const reading = readingFor(model, readings)
        return reading ? [scoreOf(model, reading, evidence)] : []
      })
      if (scores.length === 0) {
        const other = readings[0]
        return other ? { model: models[0]?.name ?? other.model, abstained: "other_descriptor" } : undefined
      }
      return agreed(scores)
    },
  }
}

/** A head reads what any version of its trunk described; a model without one only its own answers. */
function readingFor({ manifest, name }: Model, readings: readonly PixelReading[]): PixelReading | undefined {
  return readings.find((r) =>
    manifest.descriptor && r.descriptorName ? r.descriptorName === manifest.descriptor.name : r.model === name,
  )
}

function agreed(scores: readonly PixelScore[]): PixelScore {
  const [first, second] = scores
  if (!second || first!.abstained || second.abstained) return first!
  const levels = new Set([first!.level, second.level])
  if (levels.has("flag") && levels.has("none"))
    return { model: `${first!.model}+${second.model}`, abstained: "inconclusive" }
  return first!
}

function scoreOf(model: Model, reading: PixelReading, evidence: PixelEvidence): PixelScore {
  const { manifest, name } = model
  const { calibration, thresholds } = manifest
  const reason = reading.failed ?? abstention(manifest, evidence)
  if (reason) return { model: name, ...(calibration ? { calibration: calibration.version } : {}), abstained: reason }
  const logit = logitOf(model, reading)
  if (logit === undefined) return { model: name, abstained: "model_failed" }
  if (!calibration || !thresholds) return { model: name, abstained: "not_calibrated" }
  const { score, interval } = calibrated(calibration, logit, evidence)
  const level = levelOf(thresholds, score)
  const reached = level === "flag" ? thresholds.flag : thresholds.review
  return {
    model: name,
    calibration: calibration.version,
    score,
    interval,
    level,
    ...(level === "none"
      ? {}
      : { precision: { atOnePercent: precisionAt(0.01, reached), atTenPercent: precisionAt(0.1, reached) } }),
  }
}

/** The raw answer, before calibration; undefined where the reading has none. */
export function logitOf({ manifest, head }: Model, reading: PixelReading): number | undefined {
  if (!manifest.descriptor || !head) return reading.logit
  if (reading.descriptor === undefined) return undefined
  const values = Buffer.from(reading.descriptor, "base64")
  const { dims, quantisation } = manifest.descriptor
  if (values.length !== descriptorBytes(dims, quantisation)) return undefined
  const signed = new Int8Array(values.buffer, values.byteOffset, values.length)
  return logitOfDescriptor(signed, head, quantisation)
}

/** Why a picture can't be assessed, whatever a model says of it. */
export function abstention({ applicability }: PixelModelManifest, evidence: PixelEvidence): string | undefined {
  const { minSide, jpegQuality } = applicability.abstainBelow
  if (Math.min(evidence.width ?? 0, evidence.height ?? 0) < minSide) return "side_too_small"
  if (evidence.jpegQuality !== undefined && evidence.jpegQuality < jpegQuality) return "quality_too_low"
  return undefined
}

function calibrated(calibration: Calibration, logit: number, evidence: PixelEvidence) {
  const fit = calibration.strata.find(({ when }) => isIn(when, evidence)) ?? calibration
  const score = probability(fit.a, fit.b, logit)
  const around = (fit.resamples ?? []).map(([a, b]) => probability(a, b, logit)).sort((x, y) => x - y)
  const interval: [number, number] =
    around.length === 0
      ? [0, 1]
      : [around[Math.floor(around.length * 0.05)]!, around[Math.ceil(around.length * 0.95) - 1]!]
  return { score, interval: [Math.min(score, interval[0]), Math.max(score, interval[1])] as const }
}

type Bounds = Calibration["strata"][number]["when"]

export function isIn(when: Bounds, evidence: PixelEvidence): boolean {
  const format = evidence.format === "jpeg" ? "jpeg" : "other"
  const side = Math.min(evidence.width ?? 0, evidence.height ?? 0)
  const within = (bounds: readonly [number, number] | undefined, value: number | undefined) =>
    bounds === undefined || (value !== undefined && value >= bounds[0] && value < bounds[1])
  return (
    (when.format === undefined || when.format === format) &&
    within(when.jpegQuality, evidence.jpegQuality) &&
    within(when.minSide, side)
  )
}

const probability = (a: number, b: number, logit: number) => 1 / (1 + Math.exp(-(a * logit + b)))

function levelOf({ flag, review }: NonNullable<PixelModelManifest["thresholds"]>, score: number): PixelLevel {
  if (score >= flag.score) return "flag"
  return score >= review.score ? "review" : "none"
}

/** Of all that reach a threshold, the share that is generated, if `prevalence` of all pictures are. */
export function precisionAt(
  prevalence: number,
  { tpr, fpr, fprUnseen }: { tpr: number; fpr: number; fprUnseen?: number },
): number {
  const hits = prevalence * tpr
  const all = hits + (1 - prevalence) * Math.max(fpr, fprUnseen ?? 0)
  return all === 0 ? 0 : hits / all
}
