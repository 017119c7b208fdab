import type { Labelled } from "./metrics.ts"

/**
 * Platt's fit of 1 / (1 + exp(-(a x + b))) to labelled logits, by Newton's method (Lin, Lin and Weng 2007, with their target values, which
 * keep a perfect separation finite). Both classes weigh alike, so the probability assumes that half of all pictures are generated.
 */
export function fitPlatt(rows: readonly Labelled[]): { a: number; b: number } {
  const positives = rows.filter((r) => r.generated).length
  const negatives = rows.length - positives
  const target = { generated: (positives + 1) / (positives + 2), other: 1 / (negatives + 2) }
  const weight = { generated: 0.5 / positives, other: 0.5 / negatives }
  const loss = (a: number, b: number) =>
    rows.reduce((sum, { score, generated }) => {
      const t = generated ? target.generated : target.other
      const x = a * score + b
      return sum + (generated ? weight.generated : weight.other) * (softplus(x) - t * x)
    }, 0)
  let a = 1
  let b = 0
  let now = loss(a, b)
  for (let step = 0; step < 100; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-10, 0, 1e-10]
    for (const { score, generated } of rows) {
      const p = 1 / (1 + Math.exp(-(a * score + b)))
      const w = generated ? weight.generated : weight.other
      const off = w * (p - (generated ? target.generated : target.other))
      const curve = w * p * (1 - p)
      ga += off * score
      gb += off
      haa += curve * score * score
      hab += curve * score
      hbb += curve
    }
    if (Math.abs(ga) < 1e-10 && Math.abs(gb) < 1e-10) break
    const determinant = haa * hbb - hab * hab
    const da = -(hbb * ga - hab * gb) / determinant
    const db = -(haa * gb - hab * ga) / determinant
    let size = 1
    while (size > 1e-10) {
      const next = loss(a + size * da, b + size * db)
      if (next < now + 1e-4 * size * (ga * da + gb * db)) {
        a += size * da
        b += size * db
        now = next
        break
      }
      size /= 2
    }
    if (size <= 1e-10) break
  }
  return { a, b }
}

const softplus = (x: number) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)))
