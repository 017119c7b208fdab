import { setImmediate, setTimeout as sleep } from "node:timers/promises"
import type { Delivery, Message, Subscription } from "../ports/event-log.ts"
import { backOff } from "./back-off.ts"
import { type BatchOptions, noTally, processBatch, type Tally } from "./process-batch.ts"
import { asFailure, retryTopic, type Stage } from "./stage.ts"

export interface RunOptions extends BatchOptions {
  /** Records taken at once. */
  readonly batch: number
  /** Ends the run after the batches in hand. */
  readonly signal: AbortSignal
  /** Return when the stage's topics are drained instead of waiting for more. */
  readonly once: boolean
  readonly onBatch?: (report: BatchReport) => void
}

/** What became of one batch. */
export interface BatchReport extends Tally {
  readonly records: number
  readonly seconds: number
}

export type StageSummary = Tally

interface InHand {
  readonly records: ReadonlySet<string>
  readonly ended: Promise<void>
}

const idleMs = 100

/**
 * Runs one stage over its topics: takes batches and has each processed and settled (`processBatch`), the next one taken meanwhile.
 * A log that is away is waited for.
 */
export async function runStage(stage: Stage, options: RunOptions): Promise<StageSummary> {
  const { signal, batch, once, eventLog } = options
  const summary = noTally()
  const topics = [...stage.topics, retryTopic(stage.name)]
  const joined = await subscribed(stage, topics, options)
  if (!joined) return summary
  const subscription = joined
  /** Retries whose time has not come; they stay unacknowledged. */
  let waiting: Delivery[] = []
  /** Oldest first. */
  const inHand: InHand[] = []

  /** What is due of the retries and of what has come. */
  async function take(): Promise<Delivery[]> {
    // not before the stage has sent off its work: an embedded log answers at once, and would hold it up
    if (inHand.length > 0) await setImmediate()
    const room = batch * 4 - waiting.length
    const arrived = room > 0 ? await subscription.next(Math.min(batch, room)) : []
    const now = options.clock()
    const candidates = [...waiting, ...arrived]
    waiting = candidates.filter((delivery) => notBefore(delivery) > now)
    return candidates.filter((delivery) => notBefore(delivery) <= now)
  }
  function start(due: readonly Delivery[]): void {
    const began = performance.now()
    const processed = processBatch(stage, due, subscription, inHand.at(-1)?.ended, options)
    const ended = processed.then((tally) => {
      for (const outcome of outcomes) summary[outcome] += tally[outcome]
      options.onBatch?.({ ...tally, records: due.length, seconds: (performance.now() - began) / 1000 })
    })
    ended.catch(() => {}) // said when it is awaited
    inHand.push({ records: new Set(due.map(recordOf)), ended })
  }
  async function finishOldest(): Promise<void> {
    await inHand.shift()?.ended
  }
  const mustWait = (due: readonly Delivery[]) =>
    inHand.length >= (stage.atOnce ?? 1) ||
    inHand.some(({ records }) => due.some((delivery) => records.has(recordOf(delivery))))

  /** Takes what is due and starts on it; false where the run is over. */
  async function turn(): Promise<boolean> {
    const due = await take()
    if (due.length > 0) {
      while (mustWait(due)) await finishOldest()
      if (!signal.aborted) start(due)
      return true
    }
    if (inHand.length > 0) {
      await finishOldest()
      return true
    }
    if (once && waiting.length === 0 && (await eventLog.lag(stage.name, topics)) === 0) return false
    await subscription.renew()
    await sleep(idleMs)
    return true
  }
  try {
    for (let failures = 0, more = true; more && !signal.aborted; ) {
      try {
        more = await turn()
        failures = 0
      } catch (error) {
        await logIsAway(error, stage, failures++, options)
      }
    }
    while (inHand.length > 0) await finishOldest()
  } finally {
    await Promise.allSettled(inHand.map(({ ended }) => ended))
    await subscription.close()
  }
  return summary
}

const outcomes = ["done", "retried", "dead", "lost"] as const

/** Ids are digests, but a membership has its fingerprint's. */
const recordOf = ({ kind, id }: Delivery) => `${kind} ${id}`
const notBefore = (delivery: Delivery) => Number(delivery.headers["not-before"] ?? 0)

/** Undefined where the run was stopped before the log answered. */
async function subscribed(
  stage: Stage,
  topics: readonly Message["topic"][],
  options: RunOptions,
): Promise<Subscription | undefined> {
  for (let failures = 0; !options.signal.aborted; ) {
    try {
      return await options.eventLog.subscribe(stage.name, topics)
    } catch (error) {
      await logIsAway(error, stage, failures++, options)
    }
  }
  return undefined
}

/** Waits where that is what went wrong; all else is thrown. */
async function logIsAway(error: unknown, stage: Stage, failures: number, options: RunOptions): Promise<void> {
  const failure = asFailure(error)
  if (failure.next !== "later") throw failure
  await backOff(`stage waits for its log: ${failure.message}`, stage, failures, options)
}
