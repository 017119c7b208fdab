import { unforeseen, WatchlineError } from "../errors.ts"
import type { Delivery, Message, SideTopic, Topic } from "../ports/event-log.ts"

/** What became of one record: done, with what follows from it, or failed with a code that says whether to try again. */
export type Outcome = { readonly emit: readonly Message[] } | { readonly failed: WatchlineError }

/**
 * One step of the pipeline. `process` answers for every delivery by its receipt. It may be called with the same records again, after a
 * crash or a failure beside them, so what it writes must be an upsert. It throws only when no statement about single records is possible.
 */
export interface Stage {
  readonly name: string
  readonly topics: readonly Topic[]
  /**
   * Batches that `process` may have in hand at once, so that one is prepared while an engine answers for another; 1. Records of one id are
   * never in two of them. Other records of one key can be, and then finish in either order: only for stages to which that is all one.
   */
  readonly atOnce?: number
  process(batch: readonly Delivery[]): Promise<ReadonlyMap<string, Outcome>>
}

export const retryTopic = (stage: string): SideTopic => `${stage}.retry`
export const deadTopic = (stage: string): SideTopic => `${stage}.dead`

/** Any thrown value as an error of ours; what we did not foresee is tried again a few times before it is a dead letter. */
export function asFailure(error: unknown): WatchlineError {
  if (error instanceof WatchlineError) return error
  return new WatchlineError("stage_failed", { message: unforeseen(error), cause: error })
}
