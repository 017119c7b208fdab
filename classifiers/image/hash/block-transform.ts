import { SIDE } from "./jarosz-filter.ts"

/** Frequencies that PDQ keeps each way: 1 to 16. */
export const FREQUENCIES = 16

/** Row i is frequency i + 1 over the block's side. */
export const cosines = new Float32Array(FREQUENCIES * SIDE)
for (let i = 0; i < FREQUENCIES; i++) {
  for (let j = 0; j < SIDE; j++) {
    cosines[i * SIDE + j] = Math.fround(Math.sqrt(2 / SIDE)) * Math.cos((Math.PI / 2 / SIDE) * (i + 1) * (2 * j + 1))
  }
}

/** Sum of quantised steps between neighbours: flat images say little. */
export function stepSum(block: Float32Array): number {
  let sum = 0
  for (let at = 0; at < SIDE * (SIDE - 1); at++) sum += step(block[at]!, block[at + SIDE]!)
  for (let at = 0; at < SIDE * SIDE; at++) if (at % SIDE !== SIDE - 1) sum += step(block[at]!, block[at + 1]!)
  return sum
}

function step(u: number, v: number): number {
  return Math.abs(Math.trunc(Math.fround(Math.fround(Math.fround(u - v) * 100) / 255)))
}

/** DCT of the block, frequencies 1 to 16 both ways: D·A·Dᵀ. */
export function transform(block: Float32Array): Float32Array {
  const half = new Float32Array(FREQUENCIES * SIDE)
  for (let i = 0; i < FREQUENCIES; i++) {
    for (let k = 0; k < SIDE; k++) {
      const cosine = cosines[i * SIDE + k]!
      // Each element still sums over k in order; the inner loop runs over independent elements.
      for (let j = 0; j < SIDE; j++) half[i * SIDE + j]! += Math.fround(cosine * block[k * SIDE + j]!)
    }
  }
  const full = new Float32Array(FREQUENCIES * FREQUENCIES)
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
