import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import type { WatchlineError } from "../../src/errors.ts"
import { type Delivery, type EventLog, maxMessageBytes, type Subscription } from "../../src/ports/event-log.ts"
import { aMessage } from "./records.ts"
import type { WorkerProcess, WorkerTask } from "./worker-process.ts"

export interface EventLogBench {
  readonly log: EventLog
  /** The same storage as another process would open it. */
  another(): Promise<EventLog>
  /** Returns when a member that stays silent from now on has lost its partitions. */
  leaseOver(): Promise<void>
  start(task: WorkerTask, name: string, count: number): WorkerProcess
}

const patienceMs = 20_000
const receiptsOf = (deliveries: readonly Delivery[]) => deliveries.map((d) => d.receipt)
const numbersOf = (deliveries: readonly Delivery[]) => deliveries.map((d) => (d.value as { number: number }).number)
const messages = (count: number, more = {}) => Array.from({ length: count }, (_, number) => aMessage(number, more))
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)

/** Asks until so many have come: an engine may need a moment to share out partitions. */
async function take(subscription: Subscription, count: number): Promise<Delivery[]> {
  const taken: Delivery[] = []
  for (const until = Date.now() + patienceMs; taken.length < count && Date.now() < until; ) {
    const given = await subscription.next(count - taken.length)
    taken.push(...given)
    if (given.length === 0) await sleep(10)
  }
  assert.equal(taken.length, count, "so many messages should come")
  return taken
}

/** Everything that members take and acknowledge until the group has no lag. */
async function drain(log: EventLog, group: string, members: readonly Subscription[]): Promise<Delivery[][]> {
  const taken: Delivery[][] = members.map(() => [])
  for (const until = Date.now() + patienceMs; (await log.lag(group, ["posts"])) > 0; ) {
    assert.ok(Date.now() < until, "the group should be drained by now")
    for (const [place, member] of members.entries()) {
      const batch = await member.next(10)
      await member.acknowledge(receiptsOf(batch))
      taken[place]!.push(...batch)
    }
    await sleep(1)
  }
  return taken
}

export function eventLogContract(open: (t: TestContext) => Promise<EventLogBench>): void {
  test("every message of a topic reaches a group once, as it was sent", async (t) => {
    const { log } = await open(t)
    const sent = messages(50, { headers: { attempt: "2" } })
    await log.append(sent)
    const subscription = await log.subscribe("g", ["posts"])
    const taken = await take(subscription, 50)
    assert.deepEqual(sorted(numbersOf(taken)), [...Array(50).keys()])
    const { receipt, ...first } = taken.find((d) => numbersOf([d])[0] === 0)!
    assert.deepEqual(first, sent[0])
    assert.equal(new Set(receiptsOf(taken)).size, 50)
    await subscription.acknowledge(receiptsOf(taken))
    assert.deepEqual(await subscription.next(10), [])
    assert.equal(await log.lag("g", ["posts"]), 0)
  })

  test("messages of one key keep their order", async (t) => {
    const { log } = await open(t)
    for (let number = 0; number < 60; number += 20) await log.append(messages(60).slice(number, number + 20))
    const taken = await take(await log.subscribe("g", ["posts"]), 60)
    for (let key = 0; key < 7; key++) {
      const numbers = numbersOf(taken.filter((d) => d.key === `garden/${key}`))
      assert.deepEqual(numbers, sorted(numbers))
      assert.ok(numbers.length > 5)
    }
  })

  test("groups read the same topic independently, and a new group starts with the oldest message", async (t) => {
    const { log } = await open(t)
    await log.append(messages(8))
    const early = await log.subscribe("early", ["posts"])
    await early.acknowledge(receiptsOf(await take(early, 8)))
    const late = await log.subscribe("late", ["posts"])
    assert.equal((await take(late, 8)).length, 8)
    assert.equal(await log.lag("early", ["posts"]), 0)
    assert.equal(await log.lag("late", ["posts"]), 8)
    assert.equal(await log.lag("never seen", ["posts"]), 8)
  })

  test("one subscription reads several topics, side topics too, and lag adds them up", async (t) => {
    const { log } = await open(t)
    await log.append([aMessage(1), aMessage(2, { topic: "findings" }), aMessage(3, { topic: "judge.retry" })])
    const topics = ["posts", "findings", "judge.retry"] as const
    const subscription = await log.subscribe("g", topics)
    const taken = await take(subscription, 3)
    assert.deepEqual(taken.map((d) => d.topic).sort(), ["findings", "judge.retry", "posts"])
    await subscription.acknowledge(receiptsOf(taken.slice(0, 2)))
    assert.equal(await log.lag("g", topics), 1)
    assert.equal(await log.lag("g", ["visits"]), 0)
  })

  test("what was taken and not acknowledged comes again after the member has left, and only that", async (t) => {
    const { log } = await open(t)
    await log.append(messages(10, { key: "one" }))
    const first = await log.subscribe("g", ["posts"])
    const taken = await take(first, 10)
    await first.acknowledge(receiptsOf(taken.slice(0, 4)))
    await first.close()
    assert.deepEqual(numbersOf(await take(await log.subscribe("g", ["posts"]), 6)), [4, 5, 6, 7, 8, 9])
  })

  test("a live member is not given the same message again", async (t) => {
    const { log } = await open(t)
    await log.append(messages(5, { key: "one" }))
    const subscription = await log.subscribe("g", ["posts"])
    await take(subscription, 5)
    assert.deepEqual(await subscription.next(5), [])
  })

  test("acknowledgements come in any order; progress stops before the first that is missing", async (t) => {
    const { log } = await open(t)
    await log.append(messages(6, { key: "one" }))
    const first = await log.subscribe("g", ["posts"])
    const receipts = receiptsOf(await take(first, 6))
    await first.acknowledge([receipts[5]!, receipts[3]!, receipts[1]!])
    assert.equal(await log.lag("g", ["posts"]), 6)
    await first.acknowledge([receipts[0]!])
    assert.equal(await log.lag("g", ["posts"]), 4)
    await first.acknowledge([receipts[0]!, receipts[1]!])
    await first.close()
    const second = await log.subscribe("g", ["posts"])
    const again = await take(second, 4)
    assert.deepEqual(numbersOf(again), [2, 3, 4, 5])
    await second.acknowledge(receiptsOf(again))
    assert.equal(await log.lag("g", ["posts"]), 0)
  })

  test("two members share the partitions; each message goes to one of them", async (t) => {
    const bench = await open(t)
    const a = await bench.log.subscribe("g", ["posts"])
    const b = await (await bench.another()).subscribe("g", ["posts"])
    const given: number[] = []
    // until both have their share; an engine may take seconds to give the newcomer its own
    for (const until = Date.now() + patienceMs; ; ) {
      const sent = Array.from({ length: 40 }, (_, n) => aMessage(given.length + n, { key: `bed ${n}` }))
      await bench.log.append(sent)
      const [ofA, ofB] = await drain(bench.log, "g", [a, b])
      given.push(...numbersOf([...ofA!, ...ofB!]))
      if (ofA!.length > 5 && ofB!.length > 5) break
      assert.ok(Date.now() < until, `${ofA!.length} and ${ofB!.length}`)
    }
    assert.deepEqual(sorted(given), [...Array(given.length).keys()])
  })

  test("a member that joins gets its share at the next batch, and nothing is given twice", async (t) => {
    const bench = await open(t)
    const count = 1000 // enough for the newcomer to arrive before all is done
    await bench.log.append(Array.from({ length: count }, (_, n) => aMessage(n, { key: `bed ${n}` })))
    const a = await bench.log.subscribe("g", ["posts"])
    const started = await take(a, 20)
    const b = await (await bench.another()).subscribe("g", ["posts"])
    await a.acknowledge(receiptsOf(started))
    const [ofA, ofB] = await drain(bench.log, "g", [a, b])
    assert.ok(ofB!.length > 40, `the newcomer got ${ofB!.length}`)
    assert.equal(new Set(numbersOf([...started, ...ofA!, ...ofB!])).size, count)
    assert.equal(started.length + ofA!.length + ofB!.length, count)
  })

  test("a member that leaves hands its partitions over at once", async (t) => {
    const bench = await open(t)
    const a = await bench.log.subscribe("g", ["posts"])
    const b = await (await bench.another()).subscribe("g", ["posts"])
    await bench.log.append(Array.from({ length: 40 }, (_, n) => aMessage(n, { key: `bed ${n}` })))
    assert.equal(await a.renew(), true) // the one that was first makes room
    const unfinished = await take(b, 5)
    await b.close()
    const [rest] = await drain(bench.log, "g", [a])
    assert.equal(new Set(numbersOf(rest!)).size, 40)
    assert.ok(numbersOf(unfinished).every((number) => numbersOf(rest!).includes(number)))
  })

  test("a silent member loses its partitions after its lease; its messages come again and its late acknowledgement counts for nothing", async (t) => {
    const bench = await open(t)
    await bench.log.append(messages(5, { key: "one" }))
    const silent = await bench.log.subscribe("g", ["posts"])
    const held = await take(silent, 5)
    const other = await (await bench.another()).subscribe("g", ["posts"])
    assert.deepEqual(await other.next(5), [])
    await bench.leaseOver()
    const again = await take(other, 5)
    assert.deepEqual(numbersOf(again), [0, 1, 2, 3, 4])
    await silent.acknowledge(receiptsOf(held))
    assert.equal(await bench.log.lag("g", ["posts"]), 5)
    assert.equal(await silent.renew(), false)
    await other.acknowledge(receiptsOf(again))
    assert.equal(await bench.log.lag("g", ["posts"]), 0)
  })

  test("a member that renews keeps its partitions however slow its sink is", async (t) => {
    const bench = await open(t)
    await bench.log.append(messages(3, { key: "one" }))
    const slow = await bench.log.subscribe("g", ["posts"])
    const held = await take(slow, 3)
    for (let round = 0; round < 3; round++) {
      assert.equal(await slow.renew(), true)
      assert.equal(await bench.log.lag("g", ["posts"]), 3)
    }
    await slow.acknowledge(receiptsOf(held))
    assert.equal(await bench.log.lag("g", ["posts"]), 0)
  })

  test("a message over the size limit is refused with its whole call, and names itself", async (t) => {
    const { log } = await open(t)
    const large = aMessage(2, { value: { text: "gnome".repeat(maxMessageBytes / 5) } })
    await assert.rejects(log.append([aMessage(1), large]), (error: WatchlineError) => {
      assert.equal(error.code, "record_invalid")
      assert.match(error.message, new RegExp(large.id))
      return true
    })
    assert.equal(await log.lag("g", ["posts"]), 0)
    const fitting = aMessage(3, { value: { text: "g".repeat(maxMessageBytes - 1000) } })
    await log.append([fitting])
    assert.deepEqual((await take(await log.subscribe("g", ["posts"]), 1))[0]!.value, fitting.value)
  })

  test("a topic can be read from its start without a group, up to a limit and changing nothing", async (t) => {
    const { log } = await open(t)
    assert.deepEqual(await log.read("store.dead", 10), [])
    await log.append(messages(6, { topic: "store.dead", key: "one", headers: { reason: "no gnome" } }))
    assert.deepEqual(numbersOf(await log.read("store.dead", 4)), [0, 1, 2, 3])
    assert.deepEqual((await log.read("store.dead", 1))[0]!.headers, { reason: "no gnome" })
    assert.equal(await log.lag("g", ["store.dead"]), 6)
  })

  test("a topic can be looked into from where a group stands; the group is not disturbed", async (t) => {
    const { log } = await open(t)
    await log.append(messages(6, { topic: "store.dead", key: "one" }))
    const subscription = await log.subscribe("replay", ["store.dead"])
    await subscription.acknowledge(receiptsOf((await take(subscription, 6)).slice(0, 2)))
    assert.deepEqual(numbersOf(await log.read("store.dead", 10, "replay")), [2, 3, 4, 5])
    assert.deepEqual(numbersOf(await log.read("store.dead", 2, "never seen")), [0, 1])
    assert.equal(await subscription.renew(), true)
    assert.equal(await log.lag("replay", ["store.dead"]), 4)
  })

  test("several processes append at once: every message is there, each writer's in its order", async (t) => {
    const { log, start } = await open(t)
    const writers = ["red", "green", "blue"].map((name) => start("append", name, 40))
    await Promise.all(writers.map((writer) => writer.done))
    const taken = await take(await log.subscribe("g", ["posts"]), 120)
    for (const name of ["red", "green", "blue"]) {
      const numbers = numbersOf(taken.filter((d) => d.key === name))
      assert.deepEqual(numbers, [...Array(40).keys()])
    }
  })

  test("a writer killed in mid-work leaves every message that it was answered for", async (t) => {
    const { log, start } = await open(t)
    const writer = start("append", "red", 100_000)
    await writer.reached(30)
    const answered = (await writer.kill()).length
    const lag = await log.lag("g", ["posts"])
    assert.ok(lag >= answered && lag <= answered + 1, `${lag} stored, ${answered} answered`)
    await log.append([aMessage(1)])
    assert.equal(await log.lag("g", ["posts"]), lag + 1)
  })

  test("a consumer killed between batch and acknowledgement: the others finish, nothing is lost", async (t) => {
    const bench = await open(t)
    const sent = Array.from({ length: 300 }, (_, n) => aMessage(n, { key: `bed ${n}` }))
    await bench.log.append(sent)
    const victim = bench.start("consume", "victim", 5)
    await victim.reached(20)
    const seen = await victim.kill()
    await bench.leaseOver()
    const rest = await drain(bench.log, "gardeners", [await bench.log.subscribe("gardeners", ["posts"])])
    const ids = [...seen, ...rest.flat().map((d) => d.id)]
    assert.deepEqual(new Set(ids), new Set(sent.map((m) => m.id)))
    assert.ok(ids.length > sent.length, "something was delivered twice, else this shows nothing")
  })

  test("consumers in several processes share a group: everything is processed, almost nothing twice", async (t) => {
    const bench = await open(t)
    const sent = Array.from({ length: 400 }, (_, n) => aMessage(n, { key: `bed ${n}` }))
    await bench.log.append(sent)
    const workers = ["a", "b"].map((name) => bench.start("consume", name, 10))
    const seen = await Promise.all(workers.map((worker) => worker.done))
    assert.deepEqual(new Set(seen.flat()), new Set(sent.map((m) => m.id)))
    assert.ok(seen.flat().length <= 440, `${seen.flat().length} deliveries of 400 messages`)
    assert.equal(await bench.log.lag("gardeners", ["posts"]), 0)
  })
}
