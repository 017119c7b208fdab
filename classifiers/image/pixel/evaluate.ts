import type { PixelModelManifest } from "../../../src/model/pixel-model.ts"
import { boundsText, calibrationStrata, probabilityOf } from "./calibrate.ts"
import { isIn, precisionAt } from "./calibrated-scorer.ts"
import { type ContentFloors, contentFloors } from "./content-floors.ts"
import type { SeenPictures } from "./labelled-pictures.ts"
import {
  auc,
  averagePrecision,
  bootstrap,
  brier,
  calibrationError,
  type Labelled,
  type ReliabilityBin,
  ratesAt,
  reliability,
  thresholdAt,
} from "./metrics.ts"

type Range = readonly [number, number]

export interface Evaluation {
  readonly condition: string
  readonly generated: number
  readonly others: number
  readonly abstained: Readonly<Record<string, number>>
  readonly auc: number
  readonly aucInterval: Range
  /** What a look at nothing but the container, and at nothing but colours, reaches on the same pictures; absent without histograms. */
  readonly floors?: ContentFloors
  readonly averagePrecision: number
  readonly tprAt1: number
  readonly tprAt1Interval: Range
  readonly tprAt5: number
  readonly tprAt5Interval: Range
  /** Of the calibrated probabilities; absent without a calibration. */
  readonly ece?: number
  readonly brier?: number
  readonly reliability?: readonly ReliabilityBin[]
  /** What the thresholds of the manifest really do here. */
  readonly levels?: Readonly<Record<"review" | "flag", Level>>
  /** The same by format, JPEG quality and shorter side, whatever the calibration's own strata are; those without a picture are left out. */
  readonly perStratum: readonly StratumFigures[]
  /** Against all others of the condition, by source. */
  readonly perSource: readonly {
    readonly source: string
    readonly pictures: number
    readonly auc?: number
    readonly flagged?: number
  }[]
}

export interface StratumFigures {
  readonly stratum: string
  readonly generated: number
  readonly others: number
  /** Absent where one class is missing, as are all figures of it. */
  readonly auc?: number
  readonly ece?: number
  readonly reliability?: readonly ReliabilityBin[]
  readonly flagged?: { readonly tpr: number; readonly fpr: number }
}

export interface Level {
  readonly tpr: number
  readonly fpr: number
  readonly precisionAt1: number
  readonly precisionAt10: number
}

/** The figures of one condition. `random` makes the intervals; the same numbers make the same page. */
export function evaluate(
  manifest: PixelModelManifest,
  condition: string,
  { seen, abstained }: SeenPictures,
  random: () => number,
): Evaluation {
  const { calibration, thresholds } = manifest
  const raw: Labelled[] = seen.map(({ generated, logit }) => ({ generated, score: logit }))
  const said = calibration && seen.map((p) => ({ generated: p.generated, score: probabilityOf(calibration, p) }))
  const tprAt = (fpr: number) => (rows: readonly Labelled[]) => ratesAt(thresholdAt(fpr, rows), rows).tpr
  const levels = said &&
    thresholds && { review: levelOf(said, thresholds.review), flag: levelOf(said, thresholds.flag) }
  return {
    condition,
    generated: raw.filter((r) => r.generated).length,
    others: raw.filter((r) => !r.generated).length,
    abstained: Object.fromEntries(abstained),
    auc: auc(raw),
    aucInterval: bootstrap(raw, auc, random),
    ...(seen.some((p) => p.colours) ? { floors: contentFloors(seen) } : {}),
    averagePrecision: averagePrecision(raw),
    tprAt1: tprAt(0.01)(raw),
    tprAt1Interval: bootstrap(raw, tprAt(0.01), random),
    tprAt5: tprAt(0.05)(raw),
    tprAt5Interval: bootstrap(raw, tprAt(0.05), random),
    ...(said ? { ece: calibrationError(said), brier: brier(said), reliability: reliability(said) } : {}),
    ...(levels ? { levels } : {}),
    perStratum: perStratum(seen, said, thresholds),
    perSource: perSource(seen, said, thresholds),
  }
}

function levelOf(said: readonly Labelled[], { score }: { score: number }): Level {
  const { tpr, fpr } = ratesAt(score, said)
  return { tpr, fpr, precisionAt1: precisionAt(0.01, { tpr, fpr }), precisionAt10: precisionAt(0.1, { tpr, fpr }) }
}

function perStratum(
  seen: SeenPictures["seen"],
  said: readonly Labelled[] | undefined,
  thresholds: PixelModelManifest["thresholds"],
): StratumFigures[] {
  return calibrationStrata.flatMap((bounds) => {
    const places = [...seen.keys()].filter((place) => isIn(bounds, seen[place]!.evidence))
    if (places.length === 0) return []
    const raw = places.map((place) => ({ generated: seen[place]!.generated, score: seen[place]!.logit }))
    const own = said && places.map((place) => said[place]!)
    const generated = raw.filter((r) => r.generated).length
    const counts = { stratum: boundsText(bounds), generated, others: raw.length - generated }
    if (generated === 0 || counts.others === 0) return [counts]
    return [
      {
        ...counts,
        auc: auc(raw),
        ...(own
          ? { ece: calibrationError(own, binsFor(own.length)), reliability: reliability(own, binsFor(own.length)) }
          : {}),
        ...(own && thresholds ? { flagged: ratesAt(thresholds.flag.score, own) } : {}),
      },
    ]
  })
}

/** Twenty pictures a bin or more, fifteen bins at most: a bin of few is off by chance alone. */
const binsFor = (pictures: number) => Math.max(1, Math.min(15, Math.floor(pictures / 20)))

function perSource(
  seen: SeenPictures["seen"],
  said: readonly Labelled[] | undefined,
  thresholds: PixelModelManifest["thresholds"],
): Evaluation["perSource"] {
  const others = seen.filter((p) => !p.generated).map((p) => ({ generated: false, score: p.logit }))
  const places = seen.map((p, place) => ({ p, place }))
  return [...Map.groupBy(places, ({ p }) => `${p.generated ? "generated" : "real"}/${p.source}`)].map(
    ([source, own]) => {
      const flagged =
        said && thresholds && own.filter(({ place }) => said[place]!.score >= thresholds.flag.score).length
      const generated = own[0]!.p.generated
      return {
        source,
        pictures: own.length,
        ...(generated ? { auc: auc([...others, ...own.map(({ p }) => ({ generated: true, score: p.logit }))]) } : {}),
        ...(flagged === undefined ? {} : { flagged: flagged / own.length }),
      }
    },
  )
}
