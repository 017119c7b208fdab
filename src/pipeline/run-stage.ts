import { setImmediate, setTimeout as sleep } from "node:timers/promises"
import type { WatchlineError } from "../errors.ts"
import type { Log } from "../log.ts"
import { type Clock, instant } from "../model/record.ts"
import type { Delivery, EventLog, Message, SideTopic, Subscription } from "../ports/event-log.ts"
import type { Span, Tracing } from "../ports/tracing.ts"
import { asFailure, type Outcome, type Stage } from "./stage.ts"

export interface RunOptions {
  readonly eventLog: EventLog
  readonly log: Log
  readonly clock: Clock
  readonly random: () => number
  /** Records taken at once. */
  readonly batch: number
  /** Tries of a record before it is a dead letter. */
  readonly attempts: number
  /** Ends the run after the batch in hand. */
  readonly signal: AbortSignal
  /** Return when the stage's topics are drained instead of waiting for more. */
  readonly once: boolean
  readonly tracing: Tracing
  readonly onBatch?: (report: BatchReport) => void
}

/** What became of one batch. */
export interface BatchReport extends StageSummary {
  readonly records: number
  readonly seconds: number
}

export interface StageSummary {
  done: number
  retried: number
  dead: number
  /** Batches that were given up because another worker had taken over. */
  lost: number
}

const outcomes = ["done", "retried", "dead", "lost"] as const

const idleMs = 100
const renewMs = 2000
const backoffMs = { first: 200, most: 30_000 }

export const retryTopic = (stage: string): SideTopic => `${stage}.retry`
export const deadTopic = (stage: string): SideTopic => `${stage}.dead`

/**
 * Runs one stage over its topics: takes a batch, lets the stage process it, appends what follows from it, the retries and the dead
 * letters, and acknowledges only then. So a kill at any moment repeats work and loses none.
 *
 * A log that is away is waited for. What fails with `later` stays in hand until its engine is back and counts no attempt; `retry` goes to the stage's retry topic with a
 * jittered exponential delay; `never`, or too many attempts, to its dead-letter topic with the reason; `stop` ends the run.
 */
export async function runStage(stage: Stage, options: RunOptions): Promise<StageSummary> {
  const summary: StageSummary = { done: 0, retried: 0, dead: 0, lost: 0 }
  const topics = [...stage.topics, retryTopic(stage.name)]
  const joined = await subscribed(stage, topics, options)
  if (!joined) return summary
  const subscription = joined
  /** Retries whose time has not come; they stay unacknowledged. */
  let waiting: Delivery[] = []
  /** The next batch, taken while the stage is busy with the one before. */
  let ahead: Promise<Delivery[]> | undefined
  async function take(): Promise<Delivery[]> {
    const room = options.batch * 4 - waiting.length
    return room > 0 ? subscription.next(Math.min(options.batch, room)) : []
  }
  /** Takes and processes what is due; false where the run is over. */
  async function turn(): Promise<boolean> {
    const arriving = ahead ?? take()
    ahead = undefined
    const arrived = await arriving
    const now = options.clock()
    const candidates = [...waiting, ...arrived]
    waiting = candidates.filter((d) => notBefore(d) > now)
    const due = candidates.filter((d) => notBefore(d) <= now)
    if (due.length > 0) {
      const began = performance.now()
      const report = { done: 0, retried: 0, dead: 0, lost: 0 }
      // not before the stage has sent off its work: an embedded log answers at once, and would hold it up
      ahead = setImmediate().then(take)
      ahead.catch(() => {}) // said when it is awaited
      await processBatch(stage, due, subscription, options, report)
      for (const outcome of outcomes) summary[outcome] += report[outcome]
      options.onBatch?.({ ...report, records: due.length, seconds: (performance.now() - began) / 1000 })
      return true
    }
    if (options.once && waiting.length === 0 && (await options.eventLog.lag(stage.name, topics)) === 0) return false
    await subscription.renew()
    await sleep(idleMs)
    return true
  }
  try {
    for (let failures = 0, more = true; more && !options.signal.aborted; ) {
      try {
        more = await turn()
        failures = 0
      } catch (error) {
        const failure = asFailure(error)
        if (failure.next !== "later") throw failure
        await backOff(`stage waits for its log: ${failure.message}`, stage, failures++, options)
      }
    }
  } finally {
    await ahead?.catch(() => {})
    await subscription.close()
  }
  return summary
}

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
      const failure = asFailure(error)
      if (failure.next !== "later") throw failure
      await backOff(`stage waits for its log: ${failure.message}`, stage, failures++, options)
    }
  }
  return undefined
}

/** A jittered exponential pause that the signal ends. */
async function backOff(event: string, stage: Stage, round: number, { log, random, signal }: RunOptions): Promise<void> {
  const delay = Math.min(backoffMs.most, backoffMs.first * 2 ** round)
  log.warn(event, { stage: stage.name, round })
  await sleep(delay * (0.5 + random()), undefined, { signal }).catch(() => {})
}

const notBefore = (delivery: Delivery) => Number(delivery.headers["not-before"] ?? 0)

async function processBatch(
  stage: Stage,
  batch: readonly Delivery[],
  subscription: Subscription,
  options: RunOptions,
  summary: StageSummary,
): Promise<void> {
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
      if (!held) {
        summary.lost += 1
        return
      }
      const settled = pending.filter((d) => !waitsFor(outcomes.get(d.receipt)!))
      if (await settle(stage, settled, outcomes, subscription, options, summary, spans)) {
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
  const silent = asFailure(new Error(`stage ${stage.name} gave no answer for this record`))
  return new Map(batch.map((d) => [d.receipt, answered.get(d.receipt) ?? { failed: silent }]))
}

/** Appends what follows, then acknowledges. False where the log is away: nothing was acknowledged, the caller comes again. */
async function settle(
  stage: Stage,
  settled: readonly Delivery[],
  outcomes: ReadonlyMap<string, Outcome>,
  subscription: Subscription,
  options: RunOptions,
  summary: StageSummary,
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
  summary.done += count.done
  summary.retried += count.retried
  summary.dead += count.dead
  return true
}

function sideMessage(
  stage: Stage,
  delivery: Delivery,
  failed: WatchlineError,
  attempt: number,
  dead: boolean,
  { clock, random }: RunOptions,
): Message {
  const now = clock()
  const delay = Math.min(backoffMs.most, backoffMs.first * 2 ** attempt) * (0.5 + random())
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
      ...(dead ? {} : { "not-before": String(Math.round(now + delay)) }),
    },
  }
}
