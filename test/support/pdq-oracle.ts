import type { Neighbour, PdqEntry } from "../../src/matching/pdq-index.ts"

/** Differing bits of two hashes in hexadecimal, digit by digit: slow and plainly right. */
export function bitDistance(a: string, b: string): number {
  let bits = 0
  for (let at = 0; at < 64; at++) {
    for (let word = Number.parseInt(a[at]!, 16) ^ Number.parseInt(b[at]!, 16); word > 0; word >>= 1) bits += word & 1
  }
  return bits
}

/** What every index must answer: each hash compared, nearest first, equals by key. */
export function everyNeighbour(entries: Iterable<PdqEntry>, pdq: string, radius: number): Neighbour[] {
  return [...entries]
    .map(({ key, pdq: one }) => ({ key, distance: wordDistance(one, pdq, radius) }))
    .filter(({ distance }) => distance <= radius)
    .sort((a, b) => a.distance - b.distance || a.key - b.key)
}

const parsed = new Map<string, Uint32Array>()

function wordsOf(pdq: string): Uint32Array {
  let words = parsed.get(pdq)
  if (!words) {
    words = Uint32Array.from({ length: 8 }, (_, at) => Number.parseInt(pdq.slice(at * 8, at * 8 + 8), 16))
    parsed.set(pdq, words)
  }
  return words
}

/** Like `bitDistance`, which a test holds it to; it stops counting beyond the radius. */
export function wordDistance(a: string, b: string, radius = 256): number {
  const [left, right] = [wordsOf(a), wordsOf(b)]
  let distance = 0
  for (let at = 0; at < 8 && distance <= radius; at++) {
    let bits = left[at]! ^ right[at]!
    bits -= (bits >>> 1) & 0x55555555
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
    distance += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return distance
}

export function randomHash(random: () => number): string {
  return Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join("")
}

/** The same hash with so many different bits turned over. */
export function flipped(pdq: string, bits: number, random: () => number): string {
  const places = new Set<number>()
  while (places.size < bits) places.add(Math.floor(random() * 256))
  return flippedAt(pdq, places)
}

export function flippedAt(pdq: string, places: Iterable<number>): string {
  const digits = [...pdq].map((digit) => Number.parseInt(digit, 16))
  for (const place of places) digits[place >> 2]! ^= 1 << (place & 3)
  return digits.map((digit) => digit.toString(16)).join("")
}
