import { downsample, type LumaRow, SIDE } from "./jarosz-filter.ts"

/**
 * PDQ perceptual hash (ThreatExchange, `pdq/cpp`), full-resolution pipeline: nothing is resized before the algorithm's own filter.
 * Every operation rounds to float32 like the reference built without FMA, so hashes of equal pixels are equal bit for bit.
 *
 * EXIF orientation is not applied: the hash is that of the pixels as stored, which is what HMA and python-threatexchange exchange.
 */
export interface Pdq {
  /** 256 bits as 64 lower-case hexadecimal digits. */
  readonly hash: string
  /** 0 to 100; below 50 a hash says too little to be matched. */
  readonly quality: number
}

/** Images with a shorter side have no hash: all zero, quality 0 (reference: MIN_HASHABLE_DIM). */
const MIN_SIDE = 5
const FREQUENCIES = 16
const BITS = FREQUENCIES * FREQUENCIES

const red = Math.fround(0.299)
const green = Math.fround(0.587)
const blue = Math.fround(0.114)
const weightedRed = Float32Array.from({ length: 256 }, (_, value) => red * value)
const weightedGreen = Float32Array.from({ length: 256 }, (_, value) => green * value)
const weightedBlue = Float32Array.from({ length: 256 }, (_, value) => blue * value)

const cosines = new Float32Array(FREQUENCIES * SIDE)
for (let i = 0; i < FREQUENCIES; i++) {
  for (let j = 0; j < SIDE; j++) {
    cosines[i * SIDE + j] = Math.fround(Math.sqrt(2 / SIDE)) * Math.cos((Math.PI / 2 / SIDE) * (i + 1) * (2 * j + 1))
  }
}

/** Hash of 8-bit pixels, row by row: one channel is taken as luma, three or four as red, green, blue and what is left out. */
export function pdqOfPixels(pixels: Uint8Array, width: number, height: number, channels: 1 | 3 | 4): Pdq {
  if (pixels.length !== width * height * channels) throw new RangeError("pdqOfPixels: size of the pixels")
  return pdq(width, height, channels === 1 ? greyRows(pixels, width) : rgbRows(pixels, width, channels))
}

/** Hash of luma values 0 to 255, row by row. */
export function pdqOfLuma(luma: Float32Array, width: number, height: number): Pdq {
  if (luma.length !== width * height) throw new RangeError("pdqOfLuma: size of the luma")
  return pdq(width, height, (row, into, at) => into.set(luma.subarray(row * width, (row + 1) * width), at))
}

/** Number of bits in which two hashes differ: 0 to 256. At most 31 is a match, if both have quality 50 or more. */
export function hammingDistance(hexA: string, hexB: string): number {
  if (hexA.length !== BITS / 4 || hexB.length !== BITS / 4) throw new RangeError("hammingDistance: not a PDQ hash")
  let distance = 0
  for (let at = 0; at < BITS / 4; at += 8) {
    let bits = Number.parseInt(hexA.slice(at, at + 8), 16) ^ Number.parseInt(hexB.slice(at, at + 8), 16)
    bits -= (bits >>> 1) & 0x55555555
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
    distance += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return distance
}

function rgbRows(pixels: Uint8Array, width: number, channels: 3 | 4): LumaRow {
  return (row, into, at) => {
    let from = row * width * channels
    for (let to = at; to < at + width; to++, from += channels) {
      into[to] =
        Math.fround(weightedRed[pixels[from]!]! + weightedGreen[pixels[from + 1]!]!) + weightedBlue[pixels[from + 2]!]!
    }
  }
}

function greyRows(pixels: Uint8Array, width: number): LumaRow {
  return (row, into, at) => into.set(pixels.subarray(row * width, (row + 1) * width), at)
}

function pdq(width: number, height: number, luma: LumaRow): Pdq {
  if (width < MIN_SIDE || height < MIN_SIDE) return { hash: "0".repeat(BITS / 4), quality: 0 }
  const block = new Float32Array(SIDE * SIDE)
  downsample(width, height, luma, block)
  const result = { hash: hexOf(transform(block)), quality: qualityOf(block) }
  block.fill(0)
  return result
}

/** Sum of quantised steps between neighbours: flat images say little. */
function qualityOf(block: Float32Array): number {
  let sum = 0
  for (let at = 0; at < SIDE * (SIDE - 1); at++) sum += step(block[at]!, block[at + SIDE]!)
  for (let at = 0; at < SIDE * SIDE; at++) if (at % SIDE !== SIDE - 1) sum += step(block[at]!, block[at + 1]!)
  return Math.min(100, Math.trunc(sum / 90))
}

function step(u: number, v: number): number {
  return Math.abs(Math.trunc(Math.fround(Math.fround(Math.fround(u - v) * 100) / 255)))
}

/** DCT of the block, frequencies 1 to 16 both ways: D·A·Dᵀ. */
function transform(block: Float32Array): Float32Array {
  const half = new Float32Array(FREQUENCIES * SIDE)
  for (let i = 0; i < FREQUENCIES; i++) {
    for (let k = 0; k < SIDE; k++) {
      const cosine = cosines[i * SIDE + k]!
      // Each element still sums over k in order; the inner loop runs over independent elements.
      for (let j = 0; j < SIDE; j++) half[i * SIDE + j]! += Math.fround(cosine * block[k * SIDE + j]!)
    }
  }
  const full = new Float32Array(BITS)
  for (let i = 0; i < FREQUENCIES; i++) {
    for (let j = 0; j < FREQUENCIES; j++) {
      let sum = 0
      for (let k = 0; k < SIDE; k++) {
        sum = Math.fround(sum + Math.fround(half[i * SIDE + k]! * cosines[j * SIDE + k]!))
      }
      full[i * FREQUENCIES + j] = sum
    }
  }
  return full
}

/** Bit k is 1 where coefficient k lies above the lower median; printed most significant word first. */
function hexOf(coefficients: Float32Array): string {
  const median = coefficients.slice().sort()[BITS / 2 - 1]!
  let hex = ""
  for (let at = BITS - 4; at >= 0; at -= 4) {
    let digit = 0
    for (let bit = 0; bit < 4; bit++) if (coefficients[at + bit]! > median) digit |= 1 << bit
    hex += digit.toString(16)
  }
  return hex
}
