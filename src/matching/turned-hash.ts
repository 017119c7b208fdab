import { type Turn, turns } from "../model/turn.ts"
import type { Neighbour, PdqIndex } from "./pdq-index.ts"

const side = 16

/**
 * A turn moves and negates coefficients. As the median that decides the bits lies near zero, a negated coefficient is an inverted bit: so the
 * hash of the turned picture follows from the hash alone, up to the few coefficients between the median and its negative. Transposing the
 * square is exact. infra/measurements/near-duplicates.md says how few bits that is.
 *
 * For each turn: which bit of the hash goes where, and a mask of those to invert; places count from the first printed bit.
 */
const plans = (Object.keys(turns) as Turn[]).map((turn) => {
  const { transposed, negates } = turns[turn]
  const from = new Uint8Array(side * side)
  const inverted = new Uint8Array(side * side)
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const to = transposed ? printed(j, i) : printed(i, j)
      from[to] = printed(i, j)
      inverted[to] = Number(negates(i, j))
    }
  }
  return { turn, from, inverted }
})

/** Bit k = 16 i + j is printed from the last digit on. */
function printed(i: number, j: number): number {
  return side * side - 1 - (i * side + j)
}

/** The hashes that the picture would have, turned or mirrored. @param pdq 64 hexadecimal digits */
export function turnedHashes(pdq: string): { readonly turn: Turn; readonly pdq: string }[] {
  const bits = new Uint8Array(side * side)
  for (let digit = 0; digit < 64; digit++) {
    const value = Number.parseInt(pdq[digit]!, 16)
    for (let bit = 0; bit < 4; bit++) bits[digit * 4 + bit] = (value >> (3 - bit)) & 1
  }
  return plans.map(({ turn, from, inverted }) => {
    let turned = ""
    for (let at = 0; at < side * side; at += 4) {
      let value = 0
      for (let bit = at; bit < at + 4; bit++) value = value * 2 + (bits[from[bit]!]! ^ inverted[bit]!)
      turned += value.toString(16)
    }
    return { turn, pdq: turned }
  })
}

/** A neighbour, as it is or turned: whichever is nearer. */
export interface TurnedNeighbour extends Neighbour {
  /** How the picture asked with would have to be turned; absent where it is near as it is. */
  readonly turn?: Turn
}

/**
 * Every key within `radius` of the hash or of one of its turned ones. Turning is an isometry of the bits and the eight ways are a group, so
 * being near in this sense is mutual, as it is without.
 */
export function withinTurned(index: PdqIndex, pdq: string, radius: number): TurnedNeighbour[] {
  const found = new Map<number, TurnedNeighbour>()
  for (const near of index.within(pdq, radius)) found.set(near.key, near)
  for (const { turn, pdq: turned } of turnedHashes(pdq)) {
    for (const near of index.within(turned, radius)) {
      if (near.distance < (found.get(near.key)?.distance ?? Number.POSITIVE_INFINITY))
        found.set(near.key, { ...near, turn })
    }
  }
  return [...found.values()]
}
