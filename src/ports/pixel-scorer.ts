import type { Examination } from "../model/fingerprint.ts"
import type { PixelScore } from "../model/pixel-score.ts"

/** What a score needs of a fingerprint; never the image. */
export type PixelEvidence = Pick<Examination, "format" | "width" | "height" | "jpegQuality" | "pixels">

/**
 * Takes what an examiner kept of an image's pixels to a calibrated score, or to the reason why there is none. Pure: the same evidence has
 * the same answer for as long as `version` stays. Undefined where no model looked.
 */
export interface PixelScorer {
  /** Models and calibrations, e.g. "pixel:lite0@1.0.0/cal-1"; producer of the findings. */
  readonly version: string
  score(evidence: PixelEvidence): PixelScore | undefined
}
