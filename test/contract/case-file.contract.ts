import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import type { WatchlineError } from "../../src/errors.ts"
import { type Approval, approvalId, type Decision, decisionId } from "../../src/model/decision.ts"
import type { Forum } from "../../src/model/forum.ts"
import type { SignedList } from "../../src/model/list-version.ts"
import { type Mandate, mandateId, type SignedMandate } from "../../src/model/mandate.ts"
import { idOf } from "../../src/model/record.ts"
import type { Decisions } from "../../src/ports/decisions.ts"
import type { ListVersions } from "../../src/ports/list-versions.ts"
import type { Forums, Mandates } from "../../src/ports/registry.ts"
import { day } from "./records.ts"

const mandateText: Mandate = {
  issuingBody: "Garden Office",
  legalBasis: "Garden Act 1",
  reference: "G-1",
  hosts: ["gnomes.example"],
  collect: ["posts"],
  retentionDays: 30,
  start: day(1),
  expiry: day(30),
  robots: "ignore",
}
const signedBy = (key: string): SignedMandate => ({ mandate: mandateText, key, signature: "c2lnbmF0dXJl" })

export function mandatesContract(open: (t: TestContext) => Promise<Mandates>): void {
  test("a mandate is found by its id, as it was signed; a new signature replaces the old one", async (t) => {
    const mandates = await open(t)
    const id = mandateId(mandateText)
    assert.equal(await mandates.get(id), undefined)
    await mandates.add(id, signedBy("old"))
    await mandates.add(id, signedBy("new"))
    assert.deepEqual(await mandates.get(id), signedBy("new"))
    assert.deepEqual(await mandates.list(), [{ id, signed: signedBy("new") }])
  })
}

export function forumsContract(open: (t: TestContext) => Promise<Forums>): void {
  test("a forum is replaced by its id", async (t) => {
    const forums = await open(t)
    const forum: Forum = {
      id: "gnomes",
      url: "http://gnomes.example/",
      addresses: [{ url: "http://gnomes.example/", since: day(1) }],
      mandate: mandateId(mandateText),
      engine: "auto",
      timeZone: "Europe/Berlin",
      addedAt: day(1),
    }
    await forums.put(forum)
    await forums.put({ ...forum, id: "beds" })
    await forums.put({ ...forum, url: "http://moved.example/" })
    assert.equal(await forums.get("fountains"), undefined)
    assert.equal((await forums.get("gnomes"))!.url, "http://moved.example/")
    assert.deepEqual(new Set((await forums.list()).map((f) => f.id)), new Set(["gnomes", "beds"]))
  })
}

export function decisionsContract(open: (t: TestContext) => Promise<Decisions>): void {
  const cluster = idOf("test", "cluster")
  const decision: Decision = {
    id: decisionId(cluster, "ann", 1),
    cluster,
    person: "ann",
    sequence: 1,
    verdict: "confirmed",
    minutes: 2.5,
    at: day(2),
  }
  const approval: Approval = {
    id: approvalId(decision.id, "bob"),
    decision: decision.id,
    person: "bob",
    approved: true,
    at: day(3),
  }

  test("decisions and approvals stay in the order in which they were made", async (t) => {
    const decisions = await open(t)
    const second: Decision = { ...decision, id: decisionId(cluster, "ann", 2), sequence: 2, verdict: "rejected" }
    await decisions.decide(decision)
    await decisions.decide(second)
    await decisions.approve(approval)
    assert.deepEqual(await decisions.decisions(), [decision, second])
    assert.deepEqual(await decisions.approvals(), [approval])
  })

  test("nothing that was said is ever replaced", async (t) => {
    const decisions = await open(t)
    await decisions.decide(decision)
    await decisions.decide({ ...decision, verdict: "rejected" })
    await decisions.approve(approval)
    await decisions.approve({ ...approval, approved: false })
    assert.deepEqual(await decisions.decisions(), [decision])
    assert.deepEqual(await decisions.approvals(), [approval])
  })
}

export function listVersionsContract(open: (t: TestContext) => Promise<ListVersions>): void {
  const version = (sequence: number, issuer = "Garden Office"): SignedList => ({
    list: { sequence, issuer, issuedAt: day(sequence), expiresAt: day(30), entries: [] },
    key: "key",
    signature: "c2ln",
  })
  const refused = (error: WatchlineError) => error.code === "input_invalid"

  test("versions follow one another; every one can be fetched", async (t) => {
    const lists = await open(t)
    assert.equal(await lists.latest(), undefined)
    for (const sequence of [1, 2, 3]) await lists.publish(version(sequence))
    assert.deepEqual(await lists.latest(), version(3))
    assert.deepEqual(await lists.get(1), version(1))
    assert.equal(await lists.get(4), undefined)
  })

  test("a list that is not the successor of the newest is refused, so that two publishers cannot fork it", async (t) => {
    const lists = await open(t)
    await assert.rejects(lists.publish(version(2)), refused)
    await lists.publish(version(1))
    await assert.rejects(lists.publish(version(1, "somebody else")), refused)
    await assert.rejects(lists.publish(version(3)), refused)
    assert.deepEqual(await lists.latest(), version(1))
  })
}
