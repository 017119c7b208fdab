import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { openSqliteStores } from "../../src/adapters/sqlite/stores.ts"
import { WatchlineError } from "../../src/errors.ts"
import { silentLog } from "../../src/log.ts"
import { idOf } from "../../src/model/record.ts"
import { deadLetters, replayDeadLetters } from "../../src/pipeline/dead-letters.ts"
import { type RunOptions, runStage } from "../../src/pipeline/run-stage.ts"
import type { Outcome, Stage } from "../../src/pipeline/stage.ts"
import type { Delivery, EventLog, Message } from "../../src/ports/event-log.ts"
import { noTracing } from "../../src/ports/tracing.ts"

function openLog(t: TestContext): EventLog {
  const directory = mkdtempSync(join(tmpdir(), "watchline-runner-"))
  const stores = openSqliteStores(directory, { clock: Date.now, random: Math.random, groupLeaseMs: 500 })
  t.after(async () => {
    await stores.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return stores.eventLog
}

const gnome = (n: number): Message => ({
  topic: "findings",
  key: `gnome ${n % 7}`,
  kind: "gnome",
  version: 1,
  id: idOf("gnome", n),
  value: { n },
})
const numberOf = (delivery: Delivery) => (delivery.value as { n: number }).n

const options = (eventLog: EventLog, more: Partial<RunOptions> = {}): RunOptions => ({
  eventLog,
  log: silentLog,
  clock: Date.now,
  random: () => 0,
  batch: 20,
  attempts: 3,
  tracing: noTracing,
  signal: new AbortController().signal,
  once: true,
  ...more,
})

/** A stage that answers for each record alone. */
function stage(each: (n: number) => Outcome): Stage {
  return {
    name: "count",
    topics: ["findings"],
    process: async (batch) => new Map(batch.map((d) => [d.receipt, each(numberOf(d))])),
  }
}

const done: Outcome = { emit: [] }

test("every record is done once, and what follows from it is in the log", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append(Array.from({ length: 100 }, (_, n) => gnome(n)))
  const summary = await runStage(
    stage((n) => ({ emit: [{ ...gnome(n), topic: "memberships" }] })),
    options(eventLog),
  )
  assert.deepEqual(summary, { done: 100, retried: 0, dead: 0, lost: 0 })
  const followed = await eventLog.read("memberships", 1000)
  assert.deepEqual(
    followed.map(numberOf).sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, n) => n),
  )
})

test("a record that fails for a while is tried again; the others do not wait for it", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append([gnome(1), gnome(2), gnome(3)])
  const order: number[] = []
  let failures = 2
  const summary = await runStage(
    stage((n) => {
      order.push(n)
      return n === 2 && failures-- > 0 ? { failed: new WatchlineError("host_unreachable") } : done
    }),
    options(eventLog),
  )
  assert.deepEqual(summary, { done: 3, retried: 2, dead: 0, lost: 0 })
  assert.deepEqual(order.slice(3), [2, 2])
})

test("a record that keeps failing is a dead letter with its reason, and a replay gives it another set of tries", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append([gnome(1), gnome(2)])
  let broken = true
  const fragile = stage((n) =>
    n === 2 && broken ? { failed: new WatchlineError("stage_failed", { message: "the gnome fell over" }) } : done,
  )
  assert.deepEqual(await runStage(fragile, options(eventLog)), { done: 1, retried: 2, dead: 1, lost: 0 })
  const [letter, ...more] = await deadLetters(eventLog, "count", 10)
  assert.equal(more.length, 0)
  assert.equal(letter?.headers.code, "stage_failed")
  assert.equal(letter?.headers.reason, "the gnome fell over")
  assert.equal(letter?.headers.origin, "findings")
  assert.equal(letter?.headers.attempt, "3")

  broken = false
  assert.equal(await replayDeadLetters(eventLog, "count"), 1)
  assert.deepEqual(await runStage(fragile, options(eventLog)), { done: 1, retried: 0, dead: 0, lost: 0 })
  assert.deepEqual(await deadLetters(eventLog, "count", 10), [])
})

test("a record that can never be processed is a dead letter at once", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append([gnome(1)])
  const summary = await runStage(
    stage(() => ({ failed: new WatchlineError("record_invalid") })),
    options(eventLog),
  )
  assert.deepEqual(summary, { done: 0, retried: 0, dead: 1, lost: 0 })
})

test("a record that blows up its whole batch is set aside alone", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append(Array.from({ length: 20 }, (_, n) => gnome(n)))
  const poisoned: Stage = {
    name: "count",
    topics: ["findings"],
    process: async (batch) => {
      if (batch.some((d) => numberOf(d) === 13)) throw new TypeError("thirteen")
      return new Map(batch.map((d) => [d.receipt, done]))
    },
  }
  const summary = await runStage(poisoned, options(eventLog))
  assert.equal(summary.done, 19)
  assert.equal(summary.dead, 1)
  assert.match(
    (await deadLetters(eventLog, "count", 10))[0]?.headers.reason ?? "",
    /^TypeError in stage-runner\.test\.ts:\d+$/,
  )
})

test("while an engine is away records wait without losing a try", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append([gnome(1), gnome(2)])
  let away = 4
  const summary = await runStage(
    stage((n) => (n === 1 && away-- > 0 ? { failed: new WatchlineError("engine_unavailable") } : done)),
    options(eventLog, { attempts: 2 }),
  )
  assert.deepEqual(summary, { done: 2, retried: 0, dead: 0, lost: 0 })
})

test("a record without an answer is not acknowledged as done", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append([gnome(1)])
  const silent: Stage = { name: "count", topics: ["findings"], process: async () => new Map() }
  assert.deepEqual(await runStage(silent, options(eventLog)), { done: 0, retried: 2, dead: 1, lost: 0 })
})

test("what was processed but not acknowledged comes again", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append(Array.from({ length: 50 }, (_, n) => gnome(n)))
  const seen: number[] = []
  const counting = stage((n) => {
    seen.push(n)
    return { emit: [{ ...gnome(n), topic: "memberships" }] }
  })
  const dying: EventLog = {
    ...eventLog,
    append: async (messages) => {
      await eventLog.append(messages)
      throw new WatchlineError("store_damaged") // stands for a kill between append and acknowledge
    },
    subscribe: (group, topics) => eventLog.subscribe(group, topics),
    lag: (group, topics) => eventLog.lag(group, topics),
  }
  await assert.rejects(runStage(counting, options(dying)), { code: "store_damaged" })
  const before = seen.length
  assert.ok(before > 0)
  await runStage(counting, options(eventLog))
  assert.equal(seen.length, 50 + before, "the first batch was delivered twice")
  const followed = (await eventLog.read("memberships", 1000)).map((d) => d.id)
  assert.equal(new Set(followed).size, 50)
})

test("a stop ends the run after the batch in hand", async (t) => {
  const eventLog = openLog(t)
  await eventLog.append(Array.from({ length: 100 }, (_, n) => gnome(n)))
  const halt = new AbortController()
  const summary = await runStage(
    stage(() => {
      halt.abort()
      return done
    }),
    options(eventLog, { signal: halt.signal, once: false, batch: 10 }),
  )
  assert.equal(summary.done, 10)
  assert.equal(await eventLog.lag("count", ["findings"]), 90)
})
