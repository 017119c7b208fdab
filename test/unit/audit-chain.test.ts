import assert from "node:assert/strict"
import { test } from "node:test"
import { type AuditEvent, auditEventId } from "../../src/model/audit-event.ts"
import { verifyChain } from "../../src/sealing/audit-chain.ts"
import { memoryAuditLog } from "../support/memory-audit-log.ts"

async function fiveEvents(): Promise<AuditEvent[]> {
  const log = memoryAuditLog()
  for (let index = 1; index <= 5; index += 1) {
    await log.append({
      actor: "anna",
      action: "text.open",
      reason: `case ${index}`,
      count: index,
      at: `2026-11-23T10:00:0${index}.000Z`,
    })
  }
  return log.written
}

async function* each(events: readonly AuditEvent[]): AsyncIterable<AuditEvent> {
  yield* events
}

async function brokenAt(events: readonly AuditEvent[]): Promise<number | undefined> {
  const verdict = await verifyChain(each(events))
  return verdict.ok ? undefined : verdict.at
}

test("a log that nobody touched is whole, and an empty one as well", async () => {
  const events = await fiveEvents()
  assert.deepEqual(await verifyChain(each(events)), { ok: true, count: 5, head: events[4]!.id })
  assert.deepEqual(await verifyChain(each([])), { ok: true, count: 0 })
})

test("a change of any field of any event is found at that event", async () => {
  const events = await fiveEvents()
  const changes: Partial<AuditEvent>[] = [
    { actor: "bert" },
    { action: "text.close" },
    { reason: "another" },
    { count: 99 },
    { subject: "something" },
    { at: "2026-11-23T11:00:00.000Z" },
    { sequence: 7 },
    { previous: "0".repeat(64) },
    { id: "0".repeat(64) },
  ]
  for (const [index, event] of events.entries()) {
    for (const change of changes) {
      assert.equal(
        await brokenAt(events.with(index, { ...event, ...change })),
        index + 1,
        `${index} ${Object.keys(change)}`,
      )
    }
    const { reason: _, ...without } = event
    assert.equal(await brokenAt(events.with(index, without)), index + 1)
  }
})

test("an event changed together with its digest is found at the next one", async () => {
  const events = await fiveEvents()
  const { id: _, ...fields } = { ...events[2]!, reason: "another" }
  assert.equal(await brokenAt(events.with(2, { ...fields, id: auditEventId(fields) })), 4)
})

test("removed, doubled, swapped and inserted events are found", async () => {
  const events = await fiveEvents()
  assert.equal(await brokenAt(events.toSpliced(0, 1)), 1)
  assert.equal(await brokenAt(events.toSpliced(2, 1)), 3)
  assert.equal(await brokenAt(events.toSpliced(2, 0, events[1]!)), 3)
  assert.equal(await brokenAt([events[0]!, events[2]!, events[1]!, events[3]!, events[4]!]), 2)
  const fields = {
    sequence: 3,
    previous: events[1]!.id,
    actor: "bert",
    action: "text.open",
    at: "2026-11-23T10:00:02.500Z",
  }
  assert.equal(await brokenAt(events.toSpliced(2, 0, { ...fields, id: auditEventId(fields) })), 4)
})

test("a gap in the count is found, however well the events around it fit", async () => {
  const events = await fiveEvents()
  const fields = {
    sequence: 7,
    previous: events[4]!.id,
    actor: "bert",
    action: "text.open",
    at: "2026-11-23T10:00:06.000Z",
  }
  assert.equal(await brokenAt([...events, { ...fields, id: auditEventId(fields) }]), 6)
})

test("events cut off at the end, or a chain computed anew, are found by an event that was written down", async () => {
  const events = await fiveEvents()
  const anchor = { sequence: 5, id: events[4]!.id }
  assert.equal((await verifyChain(each(events), anchor)).ok, true)
  assert.equal((await verifyChain(each(events.slice(0, 4)))).ok, true)
  assert.deepEqual(await verifyChain(each(events.slice(0, 4)), anchor), {
    ok: false,
    at: 5,
    why: "The log ends before event 5, which was written down.",
  })
  const forged = memoryAuditLog()
  for (const { actor, action, at } of events) await forged.append({ actor, action, at })
  assert.equal((await verifyChain(forged.events())).ok, true)
  assert.equal((await verifyChain(forged.events(), anchor)).ok, false)
})
