/** A held-out text: its score, whether it is a guide, and where it comes from. */
export interface Scored {
  readonly score: number
  readonly positive: boolean
  readonly source: string
}

/** The chance that a guide scores above a text that is none; ties count half. */
export function auc(scored: readonly Scored[]): number {
  const sorted = scored.toSorted((a, b) => a.score - b.score)
  let rankSum = 0
  let positives = 0
  for (let from = 0; from < sorted.length; ) {
    let to = from
    while (to < sorted.length && sorted[to]!.score === sorted[from]!.score) to++
    for (let i = from; i < to; i++) {
      if (!sorted[i]!.positive) continue
      positives++
      rankSum += (from + to + 1) / 2
    }
    from = to
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (sorted.length - positives))
}

/** Precision at the highest threshold that finds this share of the guides. */
export function precisionAtRecall(scored: readonly Scored[], recall: number): number {
  const positives = scored
    .filter(({ positive }) => positive)
    .map(({ score }) => score)
    .sort((a, b) => b - a)
  const threshold = positives[Math.ceil(recall * positives.length) - 1]!
  const found = scored.filter(({ score }) => score >= threshold)
  return found.filter(({ positive }) => positive).length / found.length
}

/** Expected calibration error over ten bins of equal width. */
export function calibrationError(scored: readonly Scored[]): number {
  const bins = Map.groupBy(scored, ({ score }) => Math.min(9, Math.floor(score * 10)))
  let error = 0
  for (const bin of bins.values()) {
    const said = bin.reduce((sum, { score }) => sum + score, 0)
    const were = bin.filter(({ positive }) => positive).length
    error += Math.abs(said - were) / scored.length
  }
  return error
}

/** The middle 95 % of a measure when whole sources are drawn again and again, with replacement. */
export function interval(
  scored: readonly Scored[],
  measure: (scored: readonly Scored[]) => number,
  random: () => number,
  draws = 500,
): readonly [number, number] {
  const sources = [...Map.groupBy(scored, ({ source }) => source).values()]
  const values: number[] = []
  while (values.length < draws) {
    const drawn = sources.flatMap(() => sources[Math.floor(random() * sources.length)]!)
    const value = measure(drawn)
    if (Number.isFinite(value)) values.push(value)
  }
  values.sort((a, b) => a - b)
  return [values[Math.floor(draws * 0.025)]!, values[Math.ceil(draws * 0.975) - 1]!]
}
