import { WatchlineError } from "../../../src/errors.ts"
import type { PixelModelManifest } from "../../../src/model/pixel-model.ts"
import { isIn } from "./calibrated-scorer.ts"
import { fitPlatt } from "./fit-platt.ts"
import type { SeenPicture } from "./labelled-pictures.ts"
import { type Labelled, ratesAt, thresholdAt } from "./metrics.ts"

type Calibration = NonNullable<PixelModelManifest["calibration"]>
type Thresholds = NonNullable<PixelModelManifest["thresholds"]>
type Bounds = Calibration["strata"][number]["when"]

/** A class with fewer pictures than this makes no calibration, and a stratum no fit of its own. */
const fewest = 100
const draws = 40

/** Format, JPEG quality and shorter side: what most changes a model's answers without changing the picture. */
export const calibrationStrata: readonly Bounds[] = [
  ...[40, 72, 86].flatMap((low, place, all) =>
    [
      [0, 400],
      [400, 100_000],
    ].map(([from, to]) => ({
      format: "jpeg" as const,
      jpegQuality: [low, all[place + 1] ?? 101] as [number, number],
      minSide: [from!, to!] as [number, number],
    })),
  ),
  { format: "other" },
]

/** Bounds as people read them: "JPEG of quality 72 to 86, shorter side below 400". */
export function boundsText({ format, jpegQuality, minSide }: Bounds): string {
  const range = (name: string, of: readonly [number, number] | undefined, all: number) =>
    of &&
    (of[0] === 0 ? `${name} below ${of[1]}` : of[1] >= all ? `${name} from ${of[0]}` : `${name} ${of[0]} to ${of[1]}`)
  const of = format === "jpeg" ? "JPEG" : "other formats"
  return [of, range("quality", jpegQuality, 101), range("shorter side", minSide, 100_000)].filter(Boolean).join(", ")
}

/**
 * A calibration from an organisation's own pictures. Probabilities assume that half of all pictures are generated. Thresholds are set on
 * scores of pictures whose source took no part in their own fit, where there are two sources of a class or more.
 *
 * @throws `input_invalid` where there are too few pictures
 */
export function calibrate(
  pictures: readonly SeenPicture[],
  about: { readonly version: string; readonly fittedOn: string },
  random: () => number,
): { calibration: Calibration; thresholds: Thresholds } {
  for (const generated of [true, false]) {
    const count = pictures.filter((p) => p.generated === generated).length
    if (count < fewest)
      throw new WatchlineError("input_invalid", {
        message: `${count} assessable pictures are ${generated ? "generated" : "not generated"}; a calibration needs ${fewest} of each.`,
        remedy: "Add pictures from as many different sources as you can: sources matter more than pictures.",
      })
  }
  const fit = fitOn(pictures, random)
  const held = heldOut(pictures)
  return {
    calibration: {
      version: about.version,
      method: "platt",
      ...fit,
      fittedOn: about.fittedOn,
      n: pictures.length,
      prior: 0.5,
    },
    thresholds: { review: thresholdFor(0.05, held), flag: thresholdFor(0.01, held) },
  }
}

type Fit = Pick<Calibration, "a" | "b" | "resamples" | "strata">

function fitOn(pictures: readonly SeenPicture[], random?: () => number): Fit {
  return {
    ...withResamples(pictures, random),
    strata: calibrationStrata.flatMap((when) => {
      const own = pictures.filter(({ evidence }) => isIn(when, evidence))
      const enough = [true, false].every((c) => own.filter((p) => p.generated === c).length >= fewest)
      return enough ? [{ when, ...withResamples(own, random), n: own.length }] : []
    }),
  }
}

function withResamples(pictures: readonly SeenPicture[], random?: () => number) {
  const { a, b } = platt(pictures)
  if (!random) return { a, b }
  const bySource = [...Map.groupBy(pictures, sourceOf).values()]
  const resamples: [number, number][] = []
  for (let draw = 0; draw < draws; draw++) {
    const drawn = bySource.flatMap(() => bySource[Math.floor(random() * bySource.length)]!)
    if (drawn.every((p) => p.generated) || drawn.every((p) => !p.generated)) continue
    const again = platt(drawn)
    resamples.push([again.a, again.b])
  }
  return { a, b, resamples }
}

function platt(pictures: readonly SeenPicture[]): { a: number; b: number } {
  const { a, b } = fitPlatt(pictures.map(({ generated, logit }) => ({ generated, score: logit })))
  return { a: Math.max(a, 1e-3), b }
}

const sourceOf = ({ generated, source }: SeenPicture) => `${generated}:${source}`

/** Each source's pictures scored by a fit on the others. */
function heldOut(pictures: readonly SeenPicture[]): Labelled[] {
  const sources = [...new Set(pictures.map(sourceOf))]
  return sources.flatMap((source) => {
    const rest = pictures.filter((p) => sourceOf(p) !== source)
    const both = rest.some((p) => p.generated) && rest.some((p) => !p.generated)
    const fit = fitOn(both ? rest : pictures)
    return pictures
      .filter((p) => sourceOf(p) === source)
      .map((p) => ({ generated: p.generated, score: probabilityOf(fit, p) }))
  })
}

export function probabilityOf(fit: Fit, { evidence, logit }: Pick<SeenPicture, "evidence" | "logit">): number {
  const { a, b } = fit.strata.find(({ when }) => isIn(when, evidence)) ?? fit
  return 1 / (1 + Math.exp(-(a * logit + b)))
}

function thresholdFor(fpr: number, rows: readonly Labelled[]): Thresholds["flag"] {
  const score = Math.min(1, thresholdAt(fpr, rows))
  return { fpr, score, tpr: ratesAt(score, rows).tpr }
}
