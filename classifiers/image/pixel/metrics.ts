/** One assessed picture whose class is known. */
export interface Labelled {
  readonly generated: boolean
  /** Any number that grows with the belief that it is generated: a logit or a probability. */
  readonly score: number
}

/** Area under the ROC curve: the chance that a generated picture scores above one that is not; ties count half. */
export function auc(rows: readonly Labelled[]): number {
  const sorted = [...rows].sort((a, b) => a.score - b.score)
  let rankSum = 0
  for (let from = 0; from < sorted.length; ) {
    let to = from
    while (to < sorted.length && sorted[to]!.score === sorted[from]!.score) to++
    for (let at = from; at < to; at++) if (sorted[at]!.generated) rankSum += (from + to + 1) / 2
    from = to
  }
  const positives = rows.filter((r) => r.generated).length
  const negatives = rows.length - positives
  if (positives === 0 || negatives === 0) return Number.NaN
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/** Average precision: mean of the precision at each generated picture, going down the scores. Depends on the ratio of the classes. */
export function averagePrecision(rows: readonly Labelled[]): number {
  const sorted = [...rows].sort((a, b) => b.score - a.score)
  let hits = 0
  let sum = 0
  for (const [place, row] of sorted.entries()) if (row.generated) sum += ++hits / (place + 1)
  return hits === 0 ? Number.NaN : sum / hits
}

/** The lowest score that at most the share `fpr` of pictures not generated reaches; infinity without such pictures. */
export function thresholdAt(fpr: number, rows: readonly Labelled[]): number {
  const negatives = rows
    .filter((r) => !r.generated)
    .map((r) => r.score)
    .sort((a, b) => b - a)
  if (negatives.length === 0) return Number.POSITIVE_INFINITY
  const allowed = Math.floor(fpr * negatives.length)
  const highestRefused = negatives[allowed]
  return highestRefused === undefined ? Number.NEGATIVE_INFINITY : above(highestRefused)
}

/** The next number that a double can hold. */
function above(value: number): number {
  return value + Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE)
}

/** Share of generated pictures, and of others, that reach a score. */
export function ratesAt(threshold: number, rows: readonly Labelled[]): { readonly tpr: number; readonly fpr: number } {
  const share = (generated: boolean) => {
    const own = rows.filter((r) => r.generated === generated)
    return own.filter((r) => r.score >= threshold).length / own.length
  }
  return { tpr: share(true), fpr: share(false) }
}

export interface ReliabilityBin {
  readonly n: number
  /** Mean probability that was said. */
  readonly said: number
  /** Share that was generated. */
  readonly was: number
}

/** Bins of equal mass, by rising probability. */
export function reliability(rows: readonly Labelled[], bins = 15): ReliabilityBin[] {
  const sorted = [...rows].sort((a, b) => a.score - b.score)
  return Array.from({ length: Math.min(bins, sorted.length) }, (_, bin, count = Math.min(bins, sorted.length)) => {
    const part = sorted.slice(
      Math.floor((bin * sorted.length) / count),
      Math.floor(((bin + 1) * sorted.length) / count),
    )
    const mean = (value: (row: Labelled) => number) => part.reduce((sum, row) => sum + value(row), 0) / part.length
    return { n: part.length, said: mean((r) => r.score), was: mean((r) => (r.generated ? 1 : 0)) }
  })
}

/** Expected calibration error over bins of equal mass. */
export function calibrationError(rows: readonly Labelled[], bins = 15): number {
  const parts = reliability(rows, bins)
  return parts.reduce((sum, { n, said, was }) => sum + (n / rows.length) * Math.abs(said - was), 0)
}

export function brier(rows: readonly Labelled[]): number {
  return rows.reduce((sum, { score, generated }) => sum + (score - (generated ? 1 : 0)) ** 2, 0) / rows.length
}

/** 2.5 and 97.5 per cent of a statistic over pictures drawn anew within each class. */
export function bootstrap(
  rows: readonly Labelled[],
  statistic: (rows: readonly Labelled[]) => number,
  random: () => number,
  draws = 200,
): readonly [number, number] {
  const classes = [rows.filter((r) => r.generated), rows.filter((r) => !r.generated)]
  const values = Array.from({ length: draws }, () =>
    statistic(classes.flatMap((own) => own.map(() => own[Math.floor(random() * own.length)]!))),
  ).sort((a, b) => a - b)
  return [values[Math.floor(draws * 0.025)]!, values[Math.ceil(draws * 0.975) - 1]!]
}
