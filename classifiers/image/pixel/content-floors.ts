import sharp from "sharp"
import type { SeenPicture } from "./labelled-pictures.ts"
import { auc, type Labelled } from "./metrics.ts"

/**
 * What "detectors" reach that look at nothing a generator does: AUC of container, dimensions and bytes a pixel, and of a colour histogram,
 * each with whole sources held out. A model's figure means as much as it lies above them: pictures of two classes from two places differ in both.
 */
export interface ContentFloors {
  readonly container: number
  readonly colours: number
}

const shades = 8
const side = 64
const folds = 5

/** Roots of the shares of 512 colours. */
export async function coloursOf(bytes: Uint8Array): Promise<Float32Array> {
  const { data } = await sharp(bytes)
    .flatten({ background: "white" })
    .toColourspace("srgb")
    .resize(side, side, { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const histogram = new Float32Array(shades ** 3)
  const step = 256 / shades
  const channels = data.length / side ** 2
  for (let at = 0; at + channels <= data.length; at += channels) {
    const [r, g, b] = channels < 3 ? [data[at]!, data[at]!, data[at]!] : [data[at]!, data[at + 1]!, data[at + 2]!]
    const place = (Math.floor(r / step) * shades + Math.floor(g / step)) * shades + Math.floor(b / step)
    histogram[place]! += 1 / side ** 2
  }
  data.fill(0)
  return histogram.map(Math.sqrt)
}

/** NaN where a class is missing, or has one source alone: then no source can be held out. */
export function contentFloors(seen: readonly SeenPicture[]): ContentFloors {
  return {
    container: heldOutAuc(seen, seen.map(containerOf)),
    colours: heldOutAuc(
      seen,
      seen.map(({ colours }) => colours ?? new Float32Array(shades ** 3)),
    ),
  }
}

function containerOf({ evidence }: SeenPicture): Float32Array {
  const { format, width = 1, height = 1, bytes = 0 } = evidence
  return Float32Array.of(
    format === "jpeg" ? 1 : 0,
    format === "png" ? 1 : 0,
    format === "webp" ? 1 : 0,
    Math.log(width),
    Math.log(height),
    Math.log(width / height),
    width === height ? 1 : 0,
    width % 64 === 0 && height % 64 === 0 ? 1 : 0,
    Math.log((bytes + 1) / (width * height)),
  )
}

/** Sources are dealt out to the folds by size within their class, so that every fold has some of each. */
function heldOutAuc(seen: readonly SeenPicture[], values: readonly Float32Array[]): number {
  const fold = new Map<string, number>()
  const key = ({ generated, source }: SeenPicture) => `${generated}:${source}`
  for (const generated of [true, false]) {
    const sources = [
      ...Map.groupBy(
        seen.filter((p) => p.generated === generated),
        key,
      ),
    ]
    if (sources.length < 2) return Number.NaN
    sources.sort(([a, own], [b, other]) => other.length - own.length || (a < b ? -1 : 1))
    for (const [place, [source]] of sources.entries()) fold.set(source, place % Math.min(folds, sources.length))
  }
  const rows: Labelled[] = []
  for (let held = 0; held < folds; held++) {
    const inside = [...seen.keys()].filter((place) => fold.get(key(seen[place]!)) === held)
    const outside = [...seen.keys()].filter((place) => fold.get(key(seen[place]!)) !== held)
    if (inside.length === 0) continue
    const score = logistic(
      outside.map((place) => values[place]!),
      outside.map((place) => seen[place]!.generated),
    )
    for (const place of inside) rows.push({ generated: seen[place]!.generated, score: score(values[place]!) })
  }
  return auc(rows)
}

const steps = 300
const rate = 0.5
const decay = 1e-3

/** Logistic regression on standardised values by gradient descent with momentum; both classes weigh alike. */
function logistic(rows: readonly Float32Array[], labels: readonly boolean[]): (values: Float32Array) => number {
  const count = rows[0]!.length
  const mean = new Float64Array(count)
  const spread = new Float64Array(count)
  for (const row of rows) for (let at = 0; at < count; at++) mean[at]! += row[at]! / rows.length
  for (const row of rows) for (let at = 0; at < count; at++) spread[at]! += (row[at]! - mean[at]!) ** 2 / rows.length
  const scale = spread.map((variance) => 1 / Math.sqrt((variance + 1e-6) * count))
  const standard = (row: Float32Array) => row.map((value, at) => (value - mean[at]!) * scale[at]!)
  const inputs = rows.map(standard)
  const positives = labels.filter(Boolean).length
  const weight = (generated: boolean) => 0.5 / (generated ? positives : labels.length - positives)
  const weights = new Float64Array(count)
  const speed = new Float64Array(count)
  let [bias, biasSpeed] = [0, 0]
  const score = (row: Float32Array) => row.reduce((sum, value, at) => sum + value * weights[at]!, bias)
  for (let step = 0; step < steps; step++) {
    const slope = weights.map((value) => value * decay)
    let biasSlope = 0
    for (const [place, row] of inputs.entries()) {
      const off = weight(labels[place]!) * (1 / (1 + Math.exp(-score(row))) - (labels[place] ? 1 : 0))
      for (let at = 0; at < count; at++) slope[at]! += off * row[at]!
      biasSlope += off
    }
    for (let at = 0; at < count; at++) {
      speed[at] = 0.9 * speed[at]! - rate * slope[at]!
      weights[at]! += speed[at]!
    }
    biasSpeed = 0.9 * biasSpeed - rate * biasSlope
    bias += biasSpeed
  }
  return (values) => score(standard(values))
}
