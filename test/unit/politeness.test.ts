import assert from "node:assert/strict"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { createPoliteness } from "../../crawlers/politeness.ts"

const rules = { delayMs: 100, jitter: 0, pictures: 2, activeHours: "" }
const never = new AbortController().signal
const at = (time: string) => () => Date.parse(`2026-11-23T${time}:00.000Z`)

test("pages keep their distance, also those that are asked for at once", async () => {
  const politeness = createPoliteness(rules, Date.now, () => 0.5)
  const began = Date.now()
  const turns: number[] = []
  await Promise.all([1, 2, 3].map(() => politeness.pageTurn(never).then(() => turns.push(Date.now() - began))))
  turns.sort((a, b) => a - b)
  assert.ok(turns[1]! >= 95, `second page after ${turns[1]} ms`)
  assert.ok(turns[2]! >= 195, `third page after ${turns[2]} ms`)
})

test("the pause varies by the jitter, to both sides", async () => {
  const pauseWith = async (random: number) => {
    const politeness = createPoliteness({ ...rules, jitter: 0.5 }, Date.now, () => random)
    await politeness.pageTurn(never)
    const began = Date.now()
    await politeness.pageTurn(never)
    return Date.now() - began
  }
  const [shortest, longest] = [await pauseWith(0), await pauseWith(1)]
  assert.ok(shortest >= 45, `${shortest} ms`)
  assert.ok(longest >= 145, `${longest} ms`)
})

test("never more pictures at once than allowed, and every one gets its turn", async () => {
  const politeness = createPoliteness(rules, Date.now, Math.random)
  let inFlight = 0
  let most = 0
  const fetched = await Promise.all(
    Array.from({ length: 9 }, (_, n) =>
      politeness.pictureTurn(async () => {
        inFlight += 1
        most = Math.max(most, inFlight)
        await sleep(5)
        inFlight -= 1
        return n
      }),
    ),
  )
  assert.equal(most, 2)
  assert.deepEqual(fetched, [0, 1, 2, 3, 4, 5, 6, 7, 8])
})

test("a picture that fails gives its place to the next", async () => {
  const politeness = createPoliteness({ ...rules, pictures: 1 }, Date.now, Math.random)
  const results = await Promise.allSettled([
    politeness.pictureTurn(async () => Promise.reject(new Error("broken"))),
    politeness.pictureTurn(async () => "whole"),
  ])
  assert.deepEqual(
    results.map((r) => r.status),
    ["rejected", "fulfilled"],
  )
})

test("outside the active hours it says when they begin again", () => {
  const opens = (activeHours: string, time: string) =>
    new Date(createPoliteness({ ...rules, activeHours }, at(time), Math.random).opensAt()).toISOString().slice(8, 16)
  assert.equal(opens("6-22", "05:30"), "23T06:00")
  assert.equal(opens("6-22", "21:59"), "23T21:59")
  assert.equal(opens("6-22", "22:00"), "24T06:00")
  assert.equal(opens("22-4", "03:59"), "23T03:59", "a range may pass midnight")
  assert.equal(opens("22-4", "04:00"), "23T22:00")
  assert.equal(opens("0-24", "04:00"), "23T04:00")
  assert.equal(opens("", "04:00"), "23T04:00")
})

test("a stop ends the wait for a turn", async () => {
  const halt = new AbortController()
  const politeness = createPoliteness({ ...rules, delayMs: 60_000 }, Date.now, Math.random)
  await politeness.pageTurn(never)
  const waiting = politeness.pageTurn(halt.signal)
  halt.abort()
  await assert.rejects(waiting, { name: "AbortError" })
})
