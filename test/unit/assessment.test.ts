import assert from "node:assert/strict"
import { test } from "node:test"
import { newApproval, newDecision } from "../../src/delist/assessment.ts"
import { assess, assessments, type History, samePerson } from "../../src/model/assessment.ts"
import { type Approval, approvalId, type Decision, decisionId, type Verdict } from "../../src/model/decision.ts"
import { instant } from "../../src/model/record.ts"
import { seededRandom } from "../support/seeded-random.ts"

const cluster = "c".repeat(64)
const self = (fingerprint: string) => fingerprint

/** Tells a history the way people make it: each step through the same checks as the command line. */
function story() {
  const history = { decisions: [] as Decision[], approvals: [] as Approval[] }
  let seconds = 0
  const at = () => instant(Date.parse("2026-11-23T10:00:00.000Z") + 1000 * ++seconds)
  return {
    history,
    decide(person: string, verdict: Verdict, about = cluster) {
      history.decisions.push(newDecision(history, { cluster: about, person, verdict, minutes: 2, at: at() }, self))
      return this
    },
    answer(person: string, approved: boolean, about = cluster) {
      history.approvals.push(newApproval(history, { cluster: about, person, approved, at: at() }, self))
      return this
    },
    get state() {
      return assess(history).state
    },
  }
}

test("one person's decision lists nothing, a second person's approval confirms it", () => {
  assert.equal(assess({ decisions: [], approvals: [] }).state, "open")
  const told = story().decide("anna", "confirmed")
  assert.equal(told.state, "decided")
  told.answer("bert", true)
  const stands = assess(told.history)
  assert.ok(stands.state === "confirmed")
  assert.deepEqual(
    [stands.decision.person, stands.approval.person, stands.at],
    ["anna", "bert", "2026-11-23T10:00:02.000Z"],
  )
})

test("nobody approves their own decision, however they spell their name", () => {
  for (const name of ["anna", "Anna", " ANNA ", "Ａｎｎａ"]) {
    const told = story().decide("anna", "confirmed")
    assert.throws(() => told.answer(name, true), { code: "second_person_required" })
    // nor does a record that came in some other way count
    const decision = told.history.decisions[0]!
    told.history.approvals.push({
      id: approvalId(decision.id, name),
      decision: decision.id,
      person: name,
      approved: true,
      at: decision.at,
    })
    assert.equal(told.state, "decided")
  }
  assert.equal(samePerson("Anna  Berg", "anna berg"), true)
  assert.equal(samePerson("anna", "hanna"), false)
})

test("a refusal, and a later rejection by anyone, takes a cluster off the list", () => {
  assert.equal(story().decide("anna", "confirmed").answer("bert", false).state, "disputed")
  const confirmed = () => story().decide("anna", "confirmed").answer("bert", true)
  for (const person of ["anna", "bert", "carl"])
    assert.equal(confirmed().decide(person, "rejected").state, "disputed", person)
  assert.equal(confirmed().answer("carl", false).state, "disputed")
})

test("a doubt after the approval suspends the listing until the agreement is renewed", () => {
  const told = story().decide("anna", "confirmed").decide("carl", "unsure").answer("bert", true)
  assert.equal(told.state, "confirmed")
  told.decide("dora", "unsure")
  assert.equal(told.state, "disputed")
  told.decide("anna", "confirmed").answer("bert", true)
  assert.equal(told.state, "confirmed")
})

test("who decided or approved and then is unsure leaves one person, and one is not enough", () => {
  assert.equal(story().decide("anna", "confirmed").answer("bert", true).decide("bert", "unsure").state, "decided")
  assert.equal(story().decide("anna", "confirmed").answer("bert", true).decide("anna", "unsure").state, "open")
})

test("an approval counts for the decision that it names, not for a later one of the same person", () => {
  const told = story().decide("anna", "confirmed").answer("bert", true).decide("anna", "confirmed")
  assert.equal(told.state, "decided")
  assert.equal(told.answer("carl", true).state, "confirmed")
})

test("who refused holds the listing up until they say otherwise, whoever else approves", () => {
  const told = story()
    .decide("anna", "confirmed")
    .answer("bert", false)
    .decide("anna", "confirmed")
    .answer("carl", true)
  assert.equal(told.state, "disputed")
  assert.equal(told.decide("bert", "confirmed").state, "confirmed")
})

test("a rejection needs one person, and people who contradict each other list nothing", () => {
  assert.equal(story().decide("anna", "rejected").state, "rejected")
  assert.equal(story().decide("anna", "unsure").state, "open")
  assert.equal(story().decide("anna", "confirmed").decide("bert", "rejected").state, "disputed")
  assert.equal(story().decide("anna", "confirmed").decide("bert", "rejected").answer("carl", true).state, "disputed")
  assert.equal(
    story().decide("anna", "confirmed").decide("bert", "rejected").decide("bert", "confirmed").answer("carl", true)
      .state,
    "confirmed",
  )
})

test("two people who each decide the same have not approved each other", () => {
  const told = story().decide("anna", "confirmed").decide("bert", "confirmed")
  assert.equal(told.state, "decided")
  assert.equal(told.answer("anna", true).state, "confirmed")
})

test("a clock that was set back does not bring an older decision back", () => {
  const told = story().decide("anna", "confirmed").answer("bert", true)
  const late: Decision = {
    id: decisionId(cluster, "anna", 2),
    cluster,
    person: "anna",
    sequence: 2,
    verdict: "rejected",
    minutes: 1,
    at: "2026-11-23T09:00:00.000Z",
  }
  told.history.decisions.push(late)
  assert.notEqual(told.state, "confirmed")
})

test("of two acts of one person at one moment, the one that keeps more off the list counts", () => {
  const told = story().decide("anna", "confirmed").answer("bert", true)
  const at = told.history.approvals[0]!.at
  for (const verdict of ["rejected", "unsure"] as const) {
    const decision = {
      id: decisionId(cluster, "bert", 1),
      cluster,
      person: "bert",
      sequence: 1,
      verdict,
      minutes: 1,
      at,
    }
    const { approvals, decisions } = told.history
    assert.notEqual(assess({ approvals, decisions: [...decisions, decision] }).state, "confirmed")
  }
})

test("to approve a rejection is to reject; to refuse one adds nothing", () => {
  for (const [approved, state] of [
    [true, "disputed"],
    [false, "confirmed"],
  ] as const) {
    const told = story().decide("anna", "confirmed").decide("carl", "rejected")
    const { id, at } = told.history.decisions[1]!
    told.history.approvals.push({ id: approvalId(id, "dora"), decision: id, person: "dora", approved, at })
    assert.equal(told.decide("carl", "unsure").answer("bert", true).state, state)
  }
})

test("clusters that merged are assessed as one: what was confirmed here and rejected there is disputed", () => {
  const [here, there] = ["a".repeat(64), "b".repeat(64)]
  const told = story().decide("anna", "confirmed", here).answer("bert", true, here).decide("carl", "rejected", there)
  assert.deepEqual(
    [...assessments(told.history, self)].map(([id, { state }]) => [id, state]),
    [
      [here, "confirmed"],
      [there, "rejected"],
    ],
  )
  const merged = assessments(told.history, (id) => (id === there ? here : id))
  assert.deepEqual(
    [...merged].map(([id, { state }]) => [id, state]),
    [[here, "disputed"]],
  )
})

test("a decision counts up per person and cluster; what is incomplete or unknown is refused", () => {
  const told = story().decide("anna", "unsure").decide("bert", "unsure").decide("Anna", "confirmed")
  assert.deepEqual(
    told.history.decisions.map(({ sequence }) => sequence),
    [1, 1, 2],
  )
  const input = { cluster, person: "anna", verdict: "confirmed", minutes: 1, at: "2026-11-23T10:00:00.000Z" } as const
  assert.throws(() => newDecision(told.history, input, () => undefined), { code: "not_found" })
  assert.throws(() => newDecision(told.history, { ...input, person: " " }, self), { code: "input_invalid" })
  assert.throws(() => newDecision(told.history, { ...input, minutes: -1 }, self), { code: "input_invalid" })
  assert.throws(() => newDecision(told.history, { ...input, minutes: Number.NaN }, self), { code: "input_invalid" })
  assert.equal(newDecision(told.history, { ...input, cluster: "d".repeat(64) }, () => cluster).cluster, cluster)
})

test("there is one answer per person and decision, and nothing to answer where nobody confirmed", () => {
  assert.throws(() => story().answer("bert", true), { code: "input_invalid" })
  assert.throws(() => story().decide("anna", "rejected").answer("bert", true), { code: "input_invalid" })
  assert.throws(() => story().decide("anna", "confirmed").answer("bert", false).answer("bert", true), {
    code: "input_invalid",
  })
  assert.throws(() => story().decide("anna", "confirmed").answer("bert", true).answer("carl", true), {
    code: "input_invalid",
  })
  assert.throws(
    () =>
      newApproval(
        { decisions: [], approvals: [] },
        { cluster, person: "b", approved: true, at: instant(0) },
        () => undefined,
      ),
    { code: "not_found" },
  )
})

const people = ["anna", "Anna", "bert", "carl"]
const verdicts: Verdict[] = ["confirmed", "rejected", "unsure"]

/** Any records that a store can hold, each id once; also such as the checks would refuse, for another version may have written them. */
function anyHistory(random: () => number): History {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!
  const decisions: Decision[] = []
  const approvals: Approval[] = []
  const steps = 1 + Math.floor(random() * 9)
  for (let step = 0; step < steps; step += 1) {
    const at = instant(Date.parse("2026-11-23T10:00:00.000Z") + Math.floor(random() * 6))
    const person = pick(people)
    const answered = decisions.length > 0 && random() < 0.5 ? pick(decisions) : undefined
    if (answered)
      approvals.push({
        id: approvalId(answered.id, person),
        decision: answered.id,
        person,
        approved: random() < 0.7,
        at,
      })
    else {
      const sequence = 1 + decisions.filter((decision) => decision.person === person).length
      decisions.push({
        id: decisionId(cluster, person, sequence),
        cluster,
        person,
        sequence,
        verdict: pick(verdicts),
        minutes: 1,
        at,
      })
    }
  }
  return {
    decisions,
    approvals: [...new Map(approvals.toReversed().map((approval) => [approval.id, approval])).values()],
  }
}

test("in twenty thousand random histories nothing is confirmed without two different persons, or against anybody's last word", () => {
  const random = seededRandom(20261123)
  let confirmed = 0
  for (let round = 0; round < 20_000; round += 1) {
    const history = anyHistory(random)
    const stands = assess(history)
    if (stands.state !== "confirmed") continue
    confirmed += 1
    const { decision, approval } = stands
    const told = JSON.stringify(history)
    assert.ok(history.decisions.includes(decision) && history.approvals.includes(approval), told)
    assert.equal(decision.verdict, "confirmed", told)
    assert.equal(approval.approved && approval.decision === decision.id, true, told)
    assert.notEqual(decision.person.toLowerCase(), approval.person.toLowerCase(), told)
    // whoever rejected said something else later
    for (const rejection of history.decisions.filter(({ verdict }) => verdict === "rejected")) {
      const who = rejection.person.toLowerCase()
      const acts = [...history.decisions, ...history.approvals].filter(({ person }) => person.toLowerCase() === who)
      assert.ok(
        acts.some(
          (act) =>
            act !== rejection && (act.at >= rejection.at || ("sequence" in act && act.sequence > rejection.sequence)),
        ),
        told,
      )
    }
    // nobody else's last act, by time, is a doubt after the agreement
    for (const doubt of history.decisions.filter(({ verdict, at }) => verdict === "unsure" && at > stands.at)) {
      const who = doubt.person.toLowerCase()
      const acts = [...history.decisions, ...history.approvals].filter(({ person }) => person.toLowerCase() === who)
      assert.ok(
        acts.some((act) => act !== doubt && (act.at >= doubt.at || "sequence" in act)),
        told,
      )
    }
  }
  assert.ok(confirmed > 500, `only ${confirmed} histories were confirmed`)
})

test("the order in which records are read changes nothing", () => {
  const random = seededRandom(7)
  for (let round = 0; round < 2_000; round += 1) {
    const { decisions, approvals } = anyHistory(random)
    const other = { decisions: decisions.toReversed(), approvals: approvals.toReversed() }
    assert.deepEqual(assess(other), assess({ decisions, approvals }), JSON.stringify({ decisions, approvals }))
  }
})
