import type { WatchlineError } from "../errors.ts"
import type { Log } from "../log.ts"
import { type Clock, instant } from "../model/record.ts"
import type { Delivery, EventLog, Message, Subscription } from "../ports/event-log.ts"
import type { Span, Tracing } from "../ports/tracing.ts"
import { backOff, pauseOf } from "./back-off.ts"
import { asFailure, deadTopic, type Outcome, retryTopic, type Stage } from "./stage.ts"

export interface BatchOptions {
  readonly eventLog: EventLog
  readonly log: Log
  readonly clock: Clock
  readonly random: () => number
  /** Tries of a record before it is a dead letter. */
  readonly attempts: number
  /** Ends the waiting for an engine that is away. */
  readonly signal: AbortSignal
  readonly tracing: Tracing
}

/** What became of records. */
export interface Tally {
  done: number
  retried: number
  dead: number
  /** Batches that were given up because another worker had taken over. */
  lost: number
}

export const noTally = (): Tally => ({ done: 0, retried: 0, dead: 0, lost: 0 })

const renewMs = 2000

/**
 * Lets the stage process a batch, appends what follows from it, the retries and the dead letters, and acknowledges only then. So a kill at
 * any moment repeats work and loses none.
 *
 * What fails with `later` stays in hand until its engine is back and counts no attempt; `retry` goes to the stage's retry topic with a
 * jittered exponential delay; `never`, or too many attempts, to its dead-letter topic with the reason; `stop` is thrown.
 *
 * @param before the batch taken before this one, which is settled first, so that acknowledgements keep the order of taking
 */
export async function processBatch(
  stage: Stage,
  batch: readonly Delivery[],
  subscription: Subscription,
  before: Promise<unknown> | undefined,
  options: BatchOptions,
): Promise<Tally> {
  const tally = noTally()
  let held = true
  const spans = spansOf(stage, batch, options.tracing)
  const heartbeat = setInterval(() => {
    subscription.renew().then(
      (still) => {
        held &&= still
      },
      () => {}, // an engine that is away shows in the next call that matters
    )
  }, renewMs)
  try {
    let pending = batch
    for (let round = 0; pending.length > 0 && !options.signal.aborted; round++) {
      const outcomes = await outcomesOf(stage, pending)
      await before
      if (!held) {
        tally.lost += 1
        break
      }
      const settled = pending.filter((d) => !waitsFor(outcomes.get(d.receipt)!))
      if (await settle(stage, settled, outcomes, subscription, options, tally, spans)) {
        pending = pending.filter((d) => waitsFor(outcomes.get(d.receipt)!))
      }
      if (pending.length > 0) {
        await backOff("stage waits with records in hand", stage, round, options)
      }
    }
  } finally {
    clearInterval(heartbeat)
    for (const span of spans.values()) span.end()
  }
  return tally
}

/** One span for each page that the batch holds records of, by the header that its messages carry. */
function spansOf(stage: Stage, batch: readonly Delivery[], tracing: Tracing): ReadonlyMap<string, Span> {
  const pages = Map.groupBy(batch, ({ headers }) => headers.traceparent)
  return new Map(
    [...pages].flatMap(([parent, records]) =>
      parent === undefined
        ? []
        : [[parent, tracing.start(`stage ${stage.name}`, parent, { records: records.length })] as const],
    ),
  )
}

/** What follows from a record belongs to the same page's trace. */
function traced(message: Message, from: Delivery, spans: ReadonlyMap<string, Span>): Message {
  const traceparent = spans.get(from.headers.traceparent ?? "")?.traceparent
  return traceparent === undefined ? message : { ...message, headers: { ...message.headers, traceparent } }
}

const waitsFor = (outcome: Outcome) => "failed" in outcome && outcome.failed.next === "later"

/** One answer per delivery. A batch that throws as a whole is taken apart, so that one poisonous record spoils no other. */
async function outcomesOf(stage: Stage, batch: readonly Delivery[]): Promise<Map<string, Outcome>> {
  let answered: ReadonlyMap<string, Outcome>
  try {
    answered = await stage.process(batch)
  } catch (error) {
    const failed = asFailure(error)
    if (failed.next === "stop") throw failed
    if (batch.length > 1 && failed.next !== "later") {
      const single = []
      for (const delivery of batch) single.push(...(await outcomesOf(stage, [delivery])))
      return new Map(single)
    }
    answered = new Map(batch.map((d) => [d.receipt, { failed }]))
  }
  const silent = () => ({ failed: asFailure(new Error(`stage ${stage.name} gave no answer for this record`)) })
  return new Map(batch.map((d) => [d.receipt, answered.get(d.receipt) ?? silent()]))
}

/** Appends what follows, then acknowledges. False where the log is away: nothing was acknowledged, the caller comes again. */
async function settle(
  stage: Stage,
  settled: readonly Delivery[],
  outcomes: ReadonlyMap<string, Outcome>,
  subscription: Subscription,
  options: BatchOptions,
  tally: Tally,
  spans: ReadonlyMap<string, Span>,
): Promise<boolean> {
  const follow: Message[] = []
  const count = { done: 0, retried: 0, dead: 0 }
  for (const delivery of settled) {
    const outcome = outcomes.get(delivery.receipt)!
    if ("emit" in outcome) {
      follow.push(...outcome.emit.map((message) => traced(message, delivery, spans)))
      count.done += 1
      continue
    }
    if (outcome.failed.next === "stop") throw outcome.failed
    const attempt = Number(delivery.headers.attempt ?? 0) + 1
    const dead = outcome.failed.next === "never" || attempt >= options.attempts
    follow.push(sideMessage(stage, delivery, outcome.failed, attempt, dead, options))
    count[dead ? "dead" : "retried"] += 1
    options.log.warn(dead ? "record is a dead letter" : "record will be tried again", {
      stage: stage.name,
      id: delivery.id,
      code: outcome.failed.code,
      attempt,
    })
  }
  try {
    if (follow.length > 0) await options.eventLog.append(follow)
    await subscription.acknowledge(settled.map((d) => d.receipt))
  } catch (error) {
    const failure = asFailure(error)
    if (failure.next !== "later" && failure.next !== "retry") throw failure
    return false
  }
  tally.done += count.done
  tally.retried += count.retried
  tally.dead += count.dead
  return true
}

function sideMessage(
  stage: Stage,
  delivery: Delivery,
  failed: WatchlineError,
  attempt: number,
  dead: boolean,
  { clock, random }: BatchOptions,
): Message {
  const now = clock()
  const { receipt: _, ...message } = delivery
  return {
    ...message,
    topic: dead ? deadTopic(stage.name) : retryTopic(stage.name),
    headers: {
      ...delivery.headers,
      origin: delivery.headers.origin ?? delivery.topic,
      attempt: String(attempt),
      "first-failed": delivery.headers["first-failed"] ?? instant(now),
      code: failed.code,
      reason: failed.message.slice(0, 500),
      ...(dead ? {} : { "not-before": String(Math.round(now + pauseOf(attempt, random))) }),
    },
  }
}
