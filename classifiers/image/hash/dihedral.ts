import { type Turn, turns } from "../../../src/model/turn.ts"
import { FREQUENCIES } from "./block-transform.ts"

/**
 * Coefficients that the picture would have turned. Near, not equal, to those of the turned picture itself: the filter samples
 * points, and these don't lie symmetrically. So they serve as needles in a search, never as a picture's hash.
 */
export function dihedralCoefficients(coefficients: Float32Array, turn: Turn): Float32Array {
  const { transposed, negates } = turns[turn]
  const turned = new Float32Array(coefficients.length)
  for (let i = 0; i < FREQUENCIES; i++) {
    for (let j = 0; j < FREQUENCIES; j++) {
      const value = coefficients[i * FREQUENCIES + j]!
      turned[transposed ? j * FREQUENCIES + i : i * FREQUENCIES + j] = negates(i, j) ? -value : value
    }
  }
  return turned
}
