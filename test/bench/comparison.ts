/** Median of several runs, with the least and the most. */
export interface Figure {
  readonly median: number
  readonly least: number
  readonly most: number
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number }

export interface Check {
  readonly value: number
  readonly goal: Goal
  readonly reached: boolean
}

/** What a bench answers: Watchline's figures, the baseline's of the same run, and whether the goal is reached. */
export interface Comparison {
  readonly name: string
  /** Figures by name; the name says the unit. */
  readonly figures: Readonly<Record<string, Figure>>
  readonly baseline: Readonly<Record<string, Figure>>
  /** Watchline's median divided by the baseline's: for the figures that the goal is about, and others worth comparing. */
  readonly ratio: Readonly<Record<string, number>>
  readonly goal: Readonly<Record<string, Goal>>
  /** What is no ratio but must hold as well. */
  readonly checks?: Readonly<Record<string, Check>>
  readonly reached: boolean
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[]
}

export interface BenchOptions {
  /** A folder for what is worth keeping between runs; a temporary one where none is named. */
  readonly directory: string | undefined
  readonly runs: number
  /** Sizes of what is measured, where a bench has several and not all are wanted. */
  readonly sizes?: readonly number[]
  readonly signal: AbortSignal
  readonly say: (text: string) => void
}

export type Bench = (options: BenchOptions) => Promise<Comparison>

export function figure(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return {
    median: (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2,
    least: sorted[0]!,
    most: sorted.at(-1)!,
  }
}

/** Ratios and verdict for the figures that a goal names, and the ratios of others. */
export function compare(
  bench: Pick<Comparison, "name" | "figures" | "baseline" | "goal" | "checks" | "notes">,
  others: readonly string[] = [],
): Comparison {
  const names = Object.keys(bench.goal)
  const ratio = Object.fromEntries(
    [...names, ...others].map((n) => [n, bench.figures[n]!.median / bench.baseline[n]!.median]),
  )
  const reached =
    names.every((n) => {
      const goal = bench.goal[n]!
      return "atLeast" in goal ? ratio[n]! >= goal.atLeast : ratio[n]! <= goal.atMost
    }) && Object.values(bench.checks ?? {}).every((check) => check.reached)
  return { ...bench, ratio, reached }
}
