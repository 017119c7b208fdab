/** The seven ways to turn (counter-clockwise), flip (x: upside down, y: left to right) or transpose a picture. */
export type Turn = "quarter" | "half" | "three-quarter" | "flip-x" | "flip-y" | "transpose" | "transverse"

/** What turning a picture does to its cosine transform. */
interface TurnedTransform {
  /** Coefficient (i, j) becomes (j, i). */
  readonly transposed: boolean
  /** Coefficient (i, j), wherever it goes, changes its sign: a cosine of odd frequency does when its axis is turned over. Index 0 is frequency 1. */
  negates(i: number, j: number): boolean
}

/**
 * Dihedral forms of PDQ (ThreatExchange, `pdq/cpp/hashing/pdqhashing.cpp`), in the reference's order: r090, r180, r270, flipX, flipY, flipPlus1,
 * flipMinus1.
 */
export const turns: Readonly<Record<Turn, TurnedTransform>> = {
  quarter: { transposed: true, negates: (_i, j) => j % 2 === 0 },
  half: { transposed: false, negates: (i, j) => (i + j) % 2 === 1 },
  "three-quarter": { transposed: true, negates: (i) => i % 2 === 0 },
  "flip-x": { transposed: false, negates: (i) => i % 2 === 0 },
  "flip-y": { transposed: false, negates: (_i, j) => j % 2 === 0 },
  transpose: { transposed: true, negates: () => false },
  transverse: { transposed: true, negates: (i, j) => (i + j) % 2 === 1 },
}
