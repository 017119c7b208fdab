import { FREQUENCIES } from "./block-transform.ts"

/** Turned and mirrored forms of a picture, in the order and with the names of the reference (`pdq/cpp/hashing/pdqhashing.cpp`). */
export const dihedralForms = ["r090", "r180", "r270", "flipX", "flipY", "flipPlus1", "flipMinus1"] as const
type DihedralForm = (typeof dihedralForms)[number]

/** Where coefficient (i, j) goes, and when it changes its sign: a cosine of odd frequency does when its axis is turned over. */
const rules: Readonly<Record<DihedralForm, { readonly transposed: boolean; negates(i: number, j: number): boolean }>> =
  {
    r090: { transposed: true, negates: (_i, j) => j % 2 === 0 },
    r180: { transposed: false, negates: (i, j) => (i + j) % 2 === 1 },
    r270: { transposed: true, negates: (i) => i % 2 === 0 },
    flipX: { transposed: false, negates: (i) => i % 2 === 0 },
    flipY: { transposed: false, negates: (_i, j) => j % 2 === 0 },
    flipPlus1: { transposed: true, negates: () => false },
    flipMinus1: { transposed: true, negates: (i, j) => (i + j) % 2 === 1 },
  }

/**
 * Coefficients that the picture would have in another form. Near, not equal, to those of the turned picture itself: the filter samples
 * points, and these don't lie symmetrically. So they serve as needles in a search, never as a picture's hash.
 */
export function dihedralCoefficients(coefficients: Float32Array, form: DihedralForm): Float32Array {
  const { transposed, negates } = rules[form]
  const turned = new Float32Array(coefficients.length)
  for (let i = 0; i < FREQUENCIES; i++) {
    for (let j = 0; j < FREQUENCIES; j++) {
      const value = coefficients[i * FREQUENCIES + j]!
      turned[transposed ? j * FREQUENCIES + i : i * FREQUENCIES + j] = negates(i, j) ? -value : value
    }
  }
  return turned
}
