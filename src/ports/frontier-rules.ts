import type { WatchlineError } from "../errors.ts"
import type { PageKind } from "../model/visit.ts"

/** What every frontier does alike, whatever it stores pages in: which page comes first, and when a failed one is tried again. */

/** Lower is more urgent; within a rank, pages come in order of discovery. */
export const pageRank: Readonly<Record<PageKind, number>> = { index: 0, board: 1, thread: 2, other: 3 }

interface Placed {
  readonly rank: number
  readonly sequence: number
}

export const moreUrgent = (a: Placed, b: Placed): boolean =>
  a.rank < b.rank || (a.rank === b.rank && a.sequence < b.sequence)

/** When a page is due that never is. */
export const never = Number.MAX_SAFE_INTEGER

export interface RetryPlan {
  /** Tries of a page before it is given up. */
  readonly attempts: number
  /** The delay before the second try doubles with every further one, up to `mostMs`, each times a random 0.5 to 1.5. */
  readonly firstMs: number
  readonly mostMs: number
  /** A page that was given up though it may come back, because its host was away, is tried anew after this time. */
  readonly againMs: number
}

export const usualRetry: RetryPlan = { attempts: 5, firstMs: 1000, mostMs: 600_000, againMs: 86_400_000 }

/**
 * Where a page stands after a try that failed.
 *
 * @param attempt failed tries before this one
 * @param random 0 to below 1
 */
export function afterFailure(
  attempt: number,
  error: WatchlineError,
  plan: RetryPlan,
  now: number,
  random: () => number,
): { readonly due: number; readonly attempt: number; readonly failed: boolean } {
  const blameless = error.next === "later" || error.next === "stop"
  const tries = attempt + (blameless ? 0 : 1)
  const gone = error.next === "never"
  const failed = gone || tries >= plan.attempts
  const backOff = () => Math.round(Math.min(plan.mostMs, plan.firstMs * 2 ** attempt) * (0.5 + random()))
  const due = gone ? never : failed ? now + plan.againMs : now + backOff()
  return { due, attempt: failed ? 0 : tries, failed }
}
