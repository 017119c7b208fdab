import type { PixelModelManifest } from "../../../src/model/pixel-model.ts"
import type { Pixels } from "../pixels.ts"

type Size = PixelModelManifest["input"]["size"]

/**
 * The squares of a picture that a model looks at, RGB, one after the other: crops at native size (centre, then top left, bottom right, top
 * right, bottom left), a side below the crop's mirrored outward; the whole picture scaled down by area where the model asks for it.
 * The caller overwrites them.
 */
export function squaresOf(pixels: Pixels, size: Size): Uint8Array<ArrayBuffer> {
  const crops = size.mode === "native-crops" ? size.count : 0
  const side = size.crop
  const whole = size.whole || size.mode === "resize"
  const out = new Uint8Array((crops + (whole ? 1 : 0)) * side * side * 3)
  const right = Math.max(0, pixels.width - side)
  const bottom = Math.max(0, pixels.height - side)
  const places = [
    [right >> 1, bottom >> 1],
    [0, 0],
    [right, bottom],
    [right, 0],
    [0, bottom],
  ] as const
  for (const [place, [x, y]] of places.slice(0, crops).entries())
    copyCrop(pixels, x, y, side, out, place * side * side * 3)
  if (whole) scaleByArea(pixels, side, out, crops * side * side * 3)
  return out
}

export function squareCount(size: Size): number {
  return size.mode === "resize" ? 1 : size.count + (size.whole ? 1 : 0)
}

function copyCrop(pixels: Pixels, left: number, top: number, side: number, out: Uint8Array, to: number): void {
  const { data, width, height, channels } = pixels
  for (let y = 0; y < side; y++) {
    const row = mirrored(top + y, height) * width
    for (let x = 0; x < side; x++) {
      const from = (row + mirrored(left + x, width)) * channels
      const at = to + (y * side + x) * 3
      out[at] = data[from]!
      out[at + 1] = channels === 1 ? data[from]! : data[from + 1]!
      out[at + 2] = channels === 1 ? data[from]! : data[from + 2]!
    }
  }
}

/** A place behind the edge, seen in a mirror that stands on the edge: …2 1 0 0 1 2… */
function mirrored(place: number, length: number): number {
  const round = place % (2 * length)
  return round < length ? round : 2 * length - 1 - round
}

/** Each pixel of the square is the mean of the area that it covers: a box filter, in two passes. */
function scaleByArea(pixels: Pixels, side: number, out: Uint8Array, to: number): void {
  const { data, width, height, channels } = pixels
  const across = new Float32Array(side * height * 3)
  const columns = spans(width, side)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < side; x++) {
      const { from, weights } = columns[x]!
      for (let channel = 0; channel < 3; channel++) {
        const lane = channels === 1 ? 0 : channel
        let sum = 0
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[(y * width + from + k) * channels + lane]!
        across[(y * side + x) * 3 + channel] = Math.round(sum)
      }
    }
  }
  for (const [y, { from, weights }] of spans(height, side).entries()) {
    for (let x = 0; x < side * 3; x++) {
      let sum = 0
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * across[(from + k) * side * 3 + x]!
      out[to + y * side * 3 + x] = Math.round(sum)
    }
  }
  across.fill(0)
}

/**
 * For each of `side` places, the pixels whose centres lie in it, weighed alike. As Pillow's BOX filter does it (Resample.c: half a pixel of
 * support at least, so enlarging repeats pixels), which is what training used.
 */
function spans(length: number, side: number): { from: number; weights: Float64Array }[] {
  const scale = length / side
  const stretch = Math.max(1, scale)
  const support = 0.5 * stretch
  return Array.from({ length: side }, (_, place) => {
    const centre = (place + 0.5) * scale
    const from = Math.max(0, Math.floor(centre - support + 0.5))
    const until = Math.min(length, Math.floor(centre + support + 0.5))
    const weights = new Float64Array(until - from)
    let sum = 0
    for (let k = 0; k < weights.length; k++) {
      const off = (k + from - centre + 0.5) / stretch
      weights[k] = off > -0.5 && off <= 0.5 ? 1 : 0
      sum += weights[k]!
    }
    for (let k = 0; k < weights.length; k++) weights[k]! /= sum || 1
    return { from, weights }
  })
}
