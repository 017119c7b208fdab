/** Weights of a logistic regression: the score is 1 / (1 + e^-z), z the sum of weight times feature plus `base`. */
export interface Fitted {
  readonly base: number
  readonly weights: readonly number[]
}

/** Logistic regression with an L2 penalty on the weights, by Newton's method; deterministic. */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  positive: readonly boolean[],
  importance: readonly number[],
  penalty: number,
): Fitted {
  const width = rows[0]!.length + 1
  const beta = new Float64Array(width)
  for (let round = 0; round < 40; round++) {
    const gradient = new Float64Array(width)
    const hessian = Array.from({ length: width }, () => new Float64Array(width))
    for (const [place, row] of rows.entries()) {
      let z = beta[0]!
      for (let j = 0; j < row.length; j++) z += beta[j + 1]! * row[j]!
      const p = 1 / (1 + Math.exp(-z))
      const residual = importance[place]! * ((positive[place] ? 1 : 0) - p)
      const curvature = importance[place]! * Math.max(p * (1 - p), 1e-6)
      for (let j = 0; j < width; j++) {
        const x = j === 0 ? 1 : row[j - 1]!
        if (x === 0) continue
        gradient[j]! += residual * x
        const line = hessian[j]!
        for (let k = 0; k <= j; k++) line[k]! += curvature * x * (k === 0 ? 1 : row[k - 1]!)
      }
    }
    for (let j = 1; j < width; j++) {
      gradient[j]! -= penalty * beta[j]!
      hessian[j]![j]! += penalty
    }
    hessian[0]![0]! += 1e-9
    const step = solve(hessian, gradient)
    let largest = 0
    for (let j = 0; j < width; j++) {
      beta[j]! += step[j]!
      largest = Math.max(largest, Math.abs(step[j]!))
    }
    if (largest < 1e-8) break
  }
  return { base: beta[0]!, weights: [...beta.slice(1)] }
}

export function logit({ base, weights }: Fitted, row: readonly number[]): number {
  return weights.reduce((sum, weight, place) => sum + weight * row[place]!, base)
}

export const probability = (z: number) => 1 / (1 + Math.exp(-z))

/** Platt's scaling: slope and offset that make a logit a probability on texts that the model has not seen. */
export function fitPlatt(logits: readonly number[], positive: readonly boolean[], importance: readonly number[]) {
  const { base, weights } = fitLogistic(
    logits.map((z) => [z]),
    positive,
    importance,
    1e-3,
  )
  return { slope: weights[0]!, offset: base }
}

/** Solves a symmetric positive definite system given by its lower triangle (Cholesky). */
function solve(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const n = right.length
  const l = lower.map((line) => Float64Array.from(line))
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i]![j]!
      for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]!
      l[i]![j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / l[j]![j]!
    }
  }
  const x = Float64Array.from(right)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i]![k]! * x[k]!
    x[i]! /= l[i]![i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k]![i]! * x[k]!
    x[i]! /= l[i]![i]!
  }
  return x
}
