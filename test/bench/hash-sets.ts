import { closeSync, openSync, writeSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { seededRandom } from "../support/seeded-random.ts"
import { bitCount, coefficientsOf, corpusPictures, scene } from "./picture-hashes.ts"

/** Makes hashes of 32 bytes as they are printed. */
export interface HashSource {
  /** Hashes to be stored. @returns whether it shows another picture than the one before */
  next(into: Uint8Array): boolean
  /** A hash to be searched for, half of the time one of a picture that is stored. */
  needle(into: Uint8Array): void
}

const rowBytes = bitCount / 8

/** Ten million take minutes: between chunks a signal is heard. */
export async function writeHashes(
  path: string,
  count: number,
  fill: (into: Uint8Array) => unknown,
  signal: AbortSignal,
): Promise<void> {
  const file = openSync(path, "w")
  const chunk = new Uint8Array(rowBytes * 8192)
  for (let done = 0; done < count; ) {
    const rows = Math.min(8192, count - done)
    for (let row = 0; row < rows; row++) fill(chunk.subarray(row * rowBytes, (row + 1) * rowBytes))
    writeSync(file, chunk, 0, rows * rowBytes)
    done += rows
    await setImmediate(undefined, { signal })
  }
  closeSync(file)
}

/** Independent fair bits; the needles that are stored have 0 to 31 bits turned over. */
export function randomHashes(seed: number): HashSource {
  const random = seededRandom(seed)
  const kept: Uint8Array[] = []
  let made = 0
  const fill = (into: Uint8Array) => {
    for (let at = 0; at < rowBytes; at++) into[at] = random() * 256
  }
  return {
    next(into) {
      fill(into)
      if (made++ % 997 === 0) kept.push(into.slice())
      return true
    },
    needle(into) {
      if (random() < 0.5) return fill(into)
      into.set(kept[Math.floor(random() * kept.length)]!)
      const places = new Set<number>()
      for (let bits = Math.floor(random() * 32); places.size < bits; ) places.add(Math.floor(random() * bitCount))
      for (const place of places) into[place >> 3]! ^= 1 << (place & 7)
    },
  }
}

/** Pictures whose coefficients are mixed into one. */
const mixed = 8
/** What a copy's change adds to the coefficients, in parts of their middle size: from a stored-again JPEG to a cropped one. */
const changes = [0.02, 0.05, 0.1, 0.15, 0.25, 0.4]
const largestFamily = 2000

/**
 * Hashes like those of pictures. New pictures are random mixtures of measured ones' coefficients: so bits depend on each other as they do
 * there (a mixture with normal weights has the covariance of what is mixed). Two thirds have no copy, a few have very many: family sizes
 * follow a power law. A copy's coefficients are disturbed, so that bits near the median turn over first, as they do when a picture is
 * stored again.
 */
export async function pictureHashes(seed: number, say: (text: string) => void): Promise<HashSource> {
  say("measuring the coefficients of generated scenes and example pictures")
  const corpus = await corpusPictures(512)
  const scenes = Array.from({ length: 400 }, (_, n) => scene(`bench ${n}`, 256, 192))
  const measured = [...corpus, ...corpus, ...scenes].map((picture) => normalised(coefficientsOf(picture)))
  const random = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const noise = Float32Array.from({ length: 1 << 16 }, normal)
  const values = new Float32Array(bitCount)
  const changed = new Float32Array(bitCount)
  const kept: Float32Array[] = []
  let middle = 0
  let left = 0
  let made = 0

  function original(): void {
    values.fill(0)
    for (let part = 0; part < mixed; part++) {
      const picture = measured[Math.floor(random() * measured.length)]!
      const weight = normal()
      for (let k = 0; k < bitCount; k++) values[k]! += weight * picture[k]!
    }
    middle = middleOf(values)
  }
  function copy(of: Float32Array, by: number, into: Uint8Array): void {
    const from = Math.floor(random() * (noise.length - bitCount))
    for (let k = 0; k < bitCount; k++) changed[k] = of[k]! + by * middle * noise[from + k]!
    bitsOf(changed, into)
  }
  const anyChange = () => changes[Math.floor(random() * changes.length)]!

  return {
    next(into) {
      if (left > 0) {
        left--
        copy(values, anyChange(), into)
        return false
      }
      original()
      left = random() < 2 / 3 ? 0 : Math.min(largestFamily, Math.floor((1 - random()) ** -0.8))
      if (made++ % 499 === 0) kept.push(values.slice())
      bitsOf(values, into)
      return true
    },
    needle(into) {
      if (random() < 0.5) original()
      else values.set(kept[Math.floor(random() * kept.length)]!)
      middle = middleOf(values)
      copy(values, anyChange(), into)
    },
  }
}

function normalised(coefficients: Float32Array): Float32Array {
  const length = Math.hypot(...coefficients) || 1
  return coefficients.map((value) => value / length)
}

const scratch = new Float32Array(bitCount)

function bitsOf(values: Float32Array, into: Uint8Array): void {
  scratch.set(values)
  const median = smallest(scratch, bitCount / 2 - 1)
  into.fill(0)
  for (let k = 0; k < bitCount; k++) if (values[k]! > median) into[rowBytes - 1 - (k >> 3)]! |= 1 << (k & 7)
}

function middleOf(values: Float32Array): number {
  for (let k = 0; k < bitCount; k++) scratch[k] = Math.abs(values[k]!)
  return smallest(scratch, bitCount / 2)
}

/** The value with this number in order (quickselect); ten million sorts would take longer than everything that is measured. */
function smallest(values: Float32Array, wanted: number): number {
  let [low, high] = [0, values.length - 1]
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let [left, right] = [low, high]
    while (left <= right) {
      while (values[left]! < pivot) left++
      while (values[right]! > pivot) right--
      if (left > right) break
      const held = values[left]!
      values[left++] = values[right]!
      values[right--] = held
    }
    if (wanted <= right) high = right
    else if (wanted >= left) low = left
    else break
  }
  return values[wanted]!
}
