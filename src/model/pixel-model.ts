import Type, { type Static } from "typebox"
import { Compile } from "typebox/compile"

const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" })
const Probability = Type.Number({ minimum: 0, maximum: 1 })
const strict = { additionalProperties: false } as const

/** A file beside the manifest, pinned by its digest. */
const PinnedFile = Type.Object(
  { path: Type.String({ pattern: "^[A-Za-z0-9._-]+$" }), sha256: Sha256, bytes: Type.Integer({ minimum: 1 }) },
  strict,
)

/** From a logit x to a probability: 1 / (1 + exp(-(a x + b))). `resamples` are the same fitted on resampled sources: they make the interval. */
const Platt = {
  a: Type.Number({ exclusiveMinimum: 0 }),
  b: Type.Number(),
  resamples: Type.Optional(Type.Array(Type.Tuple([Type.Number(), Type.Number()]), { maxItems: 200 })),
}

/** Where a stratum's own fit counts: every named bound holds. Bounds are inclusive below, exclusive above. */
const StratumBounds = Type.Object(
  {
    format: Type.Optional(Type.Union([Type.Literal("jpeg"), Type.Literal("other")])),
    jpegQuality: Type.Optional(Type.Tuple([Type.Integer(), Type.Integer()])),
    minSide: Type.Optional(Type.Tuple([Type.Integer(), Type.Integer()])),
  },
  strict,
)

const Threshold = Type.Object(
  {
    /** Share of pictures not generated that reach the score, where the threshold was set. */
    fpr: Probability,
    /** Calibrated score. */
    score: Probability,
    /** Share of generated ones that reach it, on sources not trained on; with `fpr` it makes the arithmetic of base rates. */
    tpr: Probability,
    /** Share of pictures of sources never seen that reach it: what `fpr` really became. */
    fprUnseen: Type.Optional(Probability),
  },
  strict,
)

/**
 * How a model of pixels is run and what its answer means. The same form for the model that comes along and for one that an organisation
 * brings: only its calibration is never a vendor's, it comes from `watchline model calibrate`.
 */
export const PixelModelManifest = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,39}$" }),
    version: Type.String({ pattern: "^[0-9][0-9A-Za-z.-]{0,19}$" }),
    task: Type.Literal("ai-image"),
    file: Type.Object(
      {
        ...PinnedFile.properties,
        opset: Type.Integer({ minimum: 7, maximum: 25 }),
        externalData: Type.Literal(false),
      },
      strict,
    ),
    license: Type.Object({ spdx: Type.String({ maxLength: 80 }), use: Type.String({ maxLength: 2000 }) }, strict),
    input: Type.Object(
      {
        name: Type.String({ maxLength: 100 }),
        layout: Type.Union([Type.Literal("nhwc"), Type.Literal("nchw")]),
        dtype: Type.Union([Type.Literal("uint8"), Type.Literal("float32")]),
        color: Type.Union([Type.Literal("rgb"), Type.Literal("bgr")]),
        /** What 255 becomes before mean and std: 255 or 1. */
        range: Type.Union([Type.Literal(255), Type.Literal(1)]),
        mean: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
        std: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
        size: Type.Object(
          {
            mode: Type.Union([Type.Literal("native-crops"), Type.Literal("resize")]),
            /** Side of the square that goes in. */
            crop: Type.Integer({ minimum: 32, maximum: 1024 }),
            count: Type.Integer({ minimum: 1, maximum: 5 }),
            select: Type.Literal("centre-corners"),
            pad: Type.Literal("mirror"),
            /** The whole picture, scaled to the square by area, follows the crops as one more. */
            whole: Type.Boolean(),
          },
          strict,
        ),
        exifOrientation: Type.Literal("ignored"),
        alpha: Type.Literal("dropped"),
        icc: Type.Literal("ignored"),
        maxPixels: Type.Integer({ minimum: 1 }),
      },
      strict,
    ),
    output: Type.Object(
      {
        name: Type.String({ maxLength: 100 }),
        kind: Type.Union([Type.Literal("logit"), Type.Literal("probability"), Type.Literal("descriptor")]),
        /** Of a model with two outputs, the place of "generated". */
        positive: Type.Integer({ minimum: 0, maximum: 1 }),
        aggregate: Type.Union([Type.Literal("mean"), Type.Literal("in-graph")]),
      },
      strict,
    ),
    /** What is kept of a picture so that a later head can score it again. */
    descriptor: Type.Optional(
      Type.Object(
        {
          name: Type.String({ pattern: "^[a-z0-9][a-z0-9@.-]{0,59}$" }),
          dims: Type.Integer({ minimum: 2, maximum: 4096 }),
          /**
           * A value of 1 is one part of `scale` of a standard deviation. int4: two values a byte, the first of a pair in the upper half,
           * both moved up by eight and the byte down by 128. No more than 2,048 bytes.
           */
          quantisation: Type.Object(
            {
              type: Type.Union([Type.Literal("int8"), Type.Literal("int4")]),
              scale: Type.Number({ exclusiveMinimum: 0 }),
            },
            strict,
          ),
          head: PinnedFile,
        },
        strict,
      ),
    ),
    /** What the model must answer to crops of noise made from the seed; within 0.001. */
    parity: Type.Object({ seed: Type.Integer({ minimum: 1 }), logit: Type.Number() }, strict),
    calibration: Type.Optional(
      Type.Object(
        {
          version: Type.String({ pattern: "^[A-Za-z0-9@.-]{1,60}$" }),
          method: Type.Literal("platt"),
          ...Platt,
          fittedOn: Type.String({ maxLength: 2000 }),
          n: Type.Integer({ minimum: 1 }),
          /** Share of generated pictures that a probability assumes. */
          prior: Probability,
          strata: Type.Array(Type.Object({ when: StratumBounds, ...Platt, n: Type.Integer() }, strict), {
            maxItems: 64,
          }),
        },
        strict,
      ),
    ),
    thresholds: Type.Optional(Type.Object({ review: Threshold, flag: Threshold }, strict)),
    applicability: Type.Object(
      { abstainBelow: Type.Object({ minSide: Type.Integer(), jpegQuality: Type.Integer() }, strict) },
      strict,
    ),
    evaluation: Type.Object(
      {
        card: Type.String({ maxLength: 200 }),
        auc: Type.Optional(Probability),
        ap: Type.Optional(Probability),
        tprAtFpr1: Type.Optional(Probability),
        ece: Type.Optional(Probability),
      },
      strict,
    ),
    limits: Type.Object(
      {
        maxModelBytes: Type.Integer({ minimum: 1 }),
        timeoutMs: Type.Integer({ minimum: 1 }),
        memoryMb: Type.Integer({ minimum: 1 }),
      },
      strict,
    ),
  },
  strict,
)
export type PixelModelManifest = Static<typeof PixelModelManifest>

const validator = Compile(PixelModelManifest)

/** What is wrong with a manifest, as `path: reason`; undefined if it is one. */
export function manifestProblem(value: unknown): string | undefined {
  if (validator.Check(value)) return undefined
  const first = validator.Errors(value)[0]
  return first ? `${first.instancePath || "(manifest)"}: ${first.message}` : "(manifest): does not match"
}

export type Quantisation = NonNullable<PixelModelManifest["descriptor"]>["quantisation"]

/** Weights over a descriptor: what a newer version exchanges. */
export const PixelHead = Type.Object(
  {
    descriptor: Type.String({ maxLength: 60 }),
    /** Little-endian float32, base64: one weight for each value of the descriptor, which is divided by the quantisation's scale. */
    weights: Type.String({ maxLength: 40_000 }),
    bias: Type.Number(),
  },
  strict,
)
export type PixelHead = Static<typeof PixelHead>
const headValidator = Compile(PixelHead)
export const isPixelHead = (value: unknown): value is PixelHead => headValidator.Check(value)
