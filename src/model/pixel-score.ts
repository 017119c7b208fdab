import Type, { type Static } from "typebox"

/**
 * What is kept of one look of a model at an image's pixels: the descriptor that a later head can score again, or, of a model that has
 * none, its logit. `failed` where the model could not answer. Everything about calibration comes later, from the model that is asked then.
 */
export const PixelReading = Type.Object(
  {
    /** Id and version of the model that looked. */
    model: Type.String({ maxLength: 61 }),
    /** Name of the descriptor, as its manifest says it. */
    descriptorName: Type.Optional(Type.String({ maxLength: 60 })),
    /** Quantised values, base64; at most 2,048 bytes. */
    descriptor: Type.Optional(Type.String({ maxLength: 2732 })),
    logit: Type.Optional(Type.Number()),
    failed: Type.Optional(Type.Union([Type.Literal("model_failed"), Type.Literal("model_timeout")])),
  },
  { additionalProperties: false },
)
export type PixelReading = Static<typeof PixelReading>

/** Level of a score: reached the threshold of one false alarm in a hundred, of five in a hundred, or neither. */
export type PixelLevel = "flag" | "review" | "none"

/** A calibrated score of pixels, or why there is none. */
export interface PixelScore {
  /** Id and version of the model, of the head too where it has one. */
  readonly model: string
  readonly calibration?: string
  /** Probability that the picture is generated or processed by a generator, where half of all are. */
  readonly score?: number
  /** 5 and 95 per cent: the same with the calibration's sources drawn anew. */
  readonly interval?: readonly [number, number]
  readonly level?: PixelLevel
  /** Of the pictures that reach this level, how many are generated, if 1 or 10 in a hundred of all are. */
  readonly precision?: { readonly atOnePercent: number; readonly atTenPercent: number }
  /**
   * "side_too_small", "quality_too_low": not assessable; "not_calibrated"; "model_failed", "model_timeout"; "inconclusive": two models
   * disagree; "other_descriptor": the image was described for another trunk.
   */
  readonly abstained?: string
}
