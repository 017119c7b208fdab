import { type Turn, turns } from "../../../src/model/turn.ts"
import { FREQUENCIES, stepSum, transform } from "./block-transform.ts"
import { dihedralCoefficients } from "./dihedral.ts"
import { downsample, type LumaRow, SIDE } from "./jarosz-filter.ts"
import { downsamplePixels, transformBlock } from "./pdq-kernel.ts"

/**
 * PDQ perceptual hash (ThreatExchange, `pdq/cpp`), full-resolution pipeline: nothing is resized before the algorithm's own filter.
 * Every operation rounds to float32 like the reference built without FMA, so hashes of equal pixels are equal bit for bit.
 *
 * Luma is 0.299 R + 0.587 G + 0.114 B rounded once, as PyPI's pdqhash takes it, and with it python-threatexchange and HMA; ThreatExchange's
 * own C++ rounds every step. They differ in the last bit of a float32, which moves no hash but those of pictures so regular that
 * rounding decides. Rounded once, a grey picture has one hash, whether it comes in one channel or in three.
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
const BITS = FREQUENCIES * FREQUENCIES
const allTurns = Object.keys(turns) as Turn[]
const none: Pdq = { hash: "0".repeat(BITS / 4), quality: 0 }

/** A hash with those of the picture turned and mirrored, in the order of `turns`: needles for a search, none of them is stored as a hash. */
export interface PdqWithSiblings extends Pdq {
  readonly siblings: readonly string[]
}

/** Hash of 8-bit pixels, row by row: one channel is taken as luma, three or four as red, green, blue and what is left out. */
export function pdqOfPixels(pixels: Uint8Array, width: number, height: number, channels: 1 | 3 | 4): Pdq {
  const transformed = transformPixels(pixels, width, height, channels)
  return transformed ? { hash: hexOf(transformed.coefficients), quality: qualityOf(transformed.steps) } : none
}

/** The same, with its siblings: the transform is done once, so they cost next to nothing. */
export function pdqWithSiblings(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
): PdqWithSiblings {
  const transformed = transformPixels(pixels, width, height, channels)
  if (!transformed) return { ...none, siblings: allTurns.map(() => none.hash) }
  const { coefficients, steps } = transformed
  const siblings = allTurns.map((form) => hexOf(dihedralCoefficients(coefficients, form)))
  return { hash: hexOf(coefficients), quality: qualityOf(steps), siblings }
}

function transformPixels(pixels: Uint8Array, width: number, height: number, channels: 1 | 3 | 4) {
  if (pixels.length !== width * height * channels) throw new RangeError("pdqOfPixels: size of the pixels")
  if (width < MIN_SIDE || height < MIN_SIDE) return undefined
  const block = new Float32Array(SIDE * SIDE)
  const luma = channels === 1 ? greyRows(pixels, width) : rgbRows(pixels, width, channels)
  if (!downsamplePixels(pixels, width, height, channels, block)) downsample(width, height, luma, block)
  const transformed = transformBlock(block)
  block.fill(0)
  return transformed
}

/** Hash of luma values 0 to 255, row by row, in TypeScript alone: what the kernel is held to. */
export function pdqOfLuma(luma: Float32Array, width: number, height: number): Pdq {
  if (luma.length !== width * height) throw new RangeError("pdqOfLuma: size of the luma")
  if (width < MIN_SIDE || height < MIN_SIDE) return none
  const block = new Float32Array(SIDE * SIDE)
  downsample(width, height, (row, into, at) => into.set(luma.subarray(row * width, (row + 1) * width), at), block)
  return { hash: hexOf(transform(block)), quality: qualityOf(stepSum(block)) }
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
      into[to] = (299 * pixels[from]! + 587 * pixels[from + 1]! + 114 * pixels[from + 2]!) / 1000
    }
  }
}

function greyRows(pixels: Uint8Array, width: number): LumaRow {
  return (row, into, at) => into.set(pixels.subarray(row * width, (row + 1) * width), at)
}

function qualityOf(steps: number): number {
  return Math.min(100, Math.trunc(steps / 90))
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
