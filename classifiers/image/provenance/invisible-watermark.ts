import type { Pixels } from "../pixels.ts"
import { type Trace, traceOf } from "./reader.ts"

interface Message {
  readonly generator: string
  /** Ones and zeros, in the order in which the blocks carry them. */
  readonly bits: string
  /** Bits that may be wrong: a tenth, and one of the short message, which chance comes nearer to. */
  readonly wrong: number
}

/**
 * What the generators' own scripts embed. FLUX writes its number through `bin()`, which drops the two zeros that it starts with: 46 bits
 * are in the picture.
 */
const messages: readonly Message[] = [
  message("stable-diffusion-v1", bitsOf("StableDiffusionV1")),
  message("stable-diffusion-v2", bitsOf("SDV2"), 1),
  message("stable-diffusion-xl", "101100111110110010010000011110111011000110011110"),
  message("flux", "1010101111111010000111100111001111010100101110"),
]

const lattices = ["uint8", "float"] as const
type Lattice = (typeof lattices)[number]
/** Lowest-frequency value of a block at U = 0: OpenCV adds 128 to 8-bit values and 0.5 to floats; the transform doubles it. */
const offsets: Record<Lattice, number> = { uint8: 256, float: 1 }

const step = 36
const blockSide = 8
/** The encoder refuses smaller pictures. */
const minPixels = 256 * 256
/** Blocks looked at first, and at most where these look promising. */
const firstBlocks = 4096
const maxBlocks = 65_536
const promising = 0.7

/**
 * The watermark of the library "invisible-watermark", method dwtDct, with the messages of Stable Diffusion and FLUX, from 8-bit pixels
 * of a lossless file; lossy compression wipes it out. One bit for each block of 8 × 8 pixels: U of OpenCV's YUV, one level of the
 * Haar transform, and of the 16 values that of the largest size (but the first) modulo 36 above or below 18. Writers that pass 8-bit
 * pixels and writers that pass floats land on two lattices; some pictures come out with every bit turned over. No match says nothing.
 */
export function watermarkTraces(pixels: Pixels): Trace[] {
  const { width, height, channels } = pixels
  if (channels === 1 || width * height < minPixels) return []
  const votes = votesOf(pixels, firstBlocks)
  const likely = lattices.some((lattice) =>
    messages.some(({ bits }) => {
      const right = rightBits(votes[lattice], votes.every, bits) / bits.length
      return right >= promising || right <= 1 - promising
    }),
  )
  if (!likely) return []
  const all = votes.every === 1 ? votes : votesOf(pixels, maxBlocks)
  const readings = lattices.flatMap((lattice) =>
    messages.map(({ generator, bits, wrong }) => {
      const right = rightBits(all[lattice], all.every, bits)
      return { generator, excess: Math.min(right, bits.length - right) - wrong }
    }),
  )
  const best = readings.reduce((least, reading) => (reading.excess < least.excess ? reading : least))
  if (best.excess > 0) return []
  return [traceOf("invisible-watermark", "strong", "pixels:dwtDct", { generator: best.generator })]
}

function message(generator: string, bits: string, wrong = Math.floor(bits.length / 10)): Message {
  return { generator, bits, wrong }
}

function bitsOf(text: string): string {
  return [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, "0")).join("")
}

/** One bit (0 or 1) of each block that was looked at: number 0, `every`, 2 · `every` and so on. */
interface Votes extends Readonly<Record<Lattice, Uint8Array>> {
  readonly every: number
}

function votesOf({ data, width, height, channels }: Pixels, limit: number): Votes {
  const across = Math.floor(width / blockSide)
  const total = across * Math.floor(height / blockSide)
  const every = strideFor(total, limit)
  const count = Math.ceil(total / every)
  const votes = { every, uint8: new Uint8Array(count), float: new Uint8Array(count) }
  const low = new Int32Array(16)
  for (let index = 0; index < count; index++) {
    const block = index * every
    const row = Math.floor(block / across)
    const corner = (row * blockSide * width + (block - row * across) * blockSide) * channels
    readBlock(low, data, corner, width * channels, channels)
    votes.uint8[index] = bitOf(low, offsets.uint8)
    votes.float[index] = bitOf(low, offsets.float)
  }
  return votes
}

/** Every how many blocks one is looked at: a number without a common factor with a message's length, so that all bits get votes. */
function strideFor(total: number, limit: number): number {
  let every = Math.max(1, Math.ceil(total / limit))
  while ([2, 3, 17, 23].some((factor) => every > 1 && every % factor === 0)) every++
  return every
}

/** Sum of U over each of the 4 × 4 squares of 2 × 2 pixels, in 16384ths, without the offset: the transform is half of it. */
function readBlock(low: Int32Array, data: Uint8Array, corner: number, stride: number, channels: number): void {
  for (let row = 0; row < 4; row++) {
    let top = corner + row * 2 * stride
    let bottom = top + stride
    for (let column = 0; column < 4; column++) {
      const topRight = top + channels
      const bottomRight = bottom + channels
      const red = data[top]! + data[topRight]! + data[bottom]! + data[bottomRight]!
      const green = data[top + 1]! + data[topRight + 1]! + data[bottom + 1]! + data[bottomRight + 1]!
      const blue = data[top + 2]! + data[topRight + 2]! + data[bottom + 2]! + data[bottomRight + 2]!
      // 0.492 (blue - luma), luma being 0.299, 0.587 and 0.114 of the three.
      low[row * 4 + column] = 7142 * blue - 2410 * red - 4732 * green
      top = topRight + channels
      bottom = bottomRight + channels
    }
  }
}

function bitOf(low: Int32Array, offset: number): 0 | 1 {
  let largest = -1
  for (let at = 1; at < 16; at++) {
    const size = Math.abs(low[at]! / 32768 + offset)
    if (size > largest) largest = size
  }
  return largest % step > step / 2 ? 1 : 0
}

/** Bits of the message that the majority of their blocks carry. */
function rightBits(votes: Uint8Array, every: number, bits: string): number {
  const ones = new Int32Array(bits.length)
  const all = new Int32Array(bits.length)
  for (let index = 0; index < votes.length; index++) {
    const bit = (index * every) % bits.length
    ones[bit]! += votes[index]!
    all[bit]!++
  }
  let right = 0
  for (let bit = 0; bit < bits.length; bit++) if (ones[bit]! * 255 > all[bit]! * 127 === (bits[bit] === "1")) right++
  return right
}
