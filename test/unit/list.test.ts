import assert from "node:assert/strict"
import { createHash, generateKeyPairSync } from "node:crypto"
import { test } from "node:test"
import { canonicalExpression, expressionHash } from "../../src/delist/canonical-form.ts"
import { exportFormats } from "../../src/delist/export-formats.ts"
import { diffLists } from "../../src/delist/list-difference.ts"
import { type Place, selectEntries } from "../../src/delist/select-entries.ts"
import { nextVersion, signList, verifyList } from "../../src/delist/signed-list.ts"
import type { Confirmed } from "../../src/model/assessment.ts"
import { approvalId, decisionId } from "../../src/model/decision.ts"
import { type SignedList, signedListId } from "../../src/model/list-version.ts"
import { publicKeyText } from "../../src/model/signature.ts"

const onion = `${"gnome".repeat(11)}a.onion`
const [red, blue] = ["a".repeat(64), "b".repeat(64)]
const day = 86_400_000
const now = Date.parse("2026-11-23T12:00:00.000Z")
const key = generateKeyPairSync("ed25519")
const publisher = publicKeyText(key.publicKey)

function confirmed(cluster: string, at = "2026-11-20T10:00:00.000Z", sequence = 1): Confirmed {
  const id = decisionId(cluster, "anna", sequence)
  const decision = { id, cluster, person: "anna", sequence, verdict: "confirmed", minutes: 2, at } as const
  return {
    state: "confirmed",
    decision,
    approval: { id: approvalId(id, "bert"), decision: id, person: "bert", approved: true, at },
    at,
  }
}

function place(cluster: string, name: string, seenAt = "2026-11-01T00:00:00.000Z"): Place {
  return {
    cluster,
    postUrl: `http://${onion}/viewtopic.php?t=${name}#p1`,
    url: `http://${onion}/files/${name}.png`,
    seenAt,
  }
}

const basis = { confirmed: new Map([[red, confirmed(red)]]), now, validityDays: 30 }

function published(places: readonly Place[], previous?: SignedList, at = now): SignedList {
  const { entries } = selectEntries({ ...basis, places, now: at, ...(previous ? { previous: previous.list } : {}) })
  const list = nextVersion({
    entries,
    issuer: "Garden Office",
    now: at,
    listDays: 7,
    ...(previous ? { previous } : {}),
  })
  return signList(list, key.privateKey)
}

test("a confirmed cluster lists the page and the image of every place, under hashes that recompute", () => {
  const { entries, unlistable } = selectEntries({
    ...basis,
    places: [place(red, "1"), place(red, "2"), place(blue, "3")],
  })
  assert.equal(unlistable, 0)
  assert.deepEqual(entries.map(({ url, scope }) => `${scope} ${url.slice(7 + onion.length)}`).sort(), [
    "image /files/1.png",
    "image /files/2.png",
    "page /viewtopic.php?t=1",
    "page /viewtopic.php?t=2",
  ])
  for (const entry of entries) {
    assert.equal(entry.hash, expressionHash(canonicalExpression(entry.url)!))
    assert.equal(entry.decision, basis.confirmed.get(red)?.decision.id)
    assert.deepEqual([entry.since, entry.until], ["2026-11-20T10:00:00.000Z", "2026-12-20T10:00:00.000Z"])
  }
})

test("a cluster that no two people agreed on is never listed, also where its place is handed in", () => {
  assert.deepEqual(selectEntries({ ...basis, places: [place(blue, "1")] }).entries, [])
})

test("the order and repetition of places changes no byte, and hash and scope are there once", () => {
  const places = ["1", "2", "3", "4"].map((name) => place(red, name))
  const { entries } = selectEntries({ ...basis, places })
  assert.deepEqual(selectEntries({ ...basis, places: [...places, ...places].reverse() }).entries, entries)
  assert.equal(entries.length, 8)
  assert.deepEqual(
    entries.map(({ hash }) => hash),
    entries.map(({ hash }) => hash).sort(),
  )
})

test("one address that is page and image is listed under both scopes", () => {
  const url = `http://${onion}/one`
  const { entries } = selectEntries({
    ...basis,
    places: [{ cluster: red, postUrl: url, url, seenAt: "2026-11-01T00:00:00.000Z" }],
  })
  assert.deepEqual(
    entries.map(({ scope }) => scope),
    ["image", "page"],
  )
  assert.equal(entries[0]?.hash, entries[1]?.hash)
})

test("embedded pictures cannot be listed; their page can", () => {
  const embedded = { ...place(red, "1"), url: "data:image/png;base64,AA==" }
  const { entries, unlistable } = selectEntries({ ...basis, places: [embedded] })
  assert.deepEqual([entries.map(({ scope }) => scope), unlistable], [["page"], 1])
})

test("an entry keeps the time since which it is listed; a new agreement only moves its end", () => {
  const first = published([place(red, "1")])
  const renewed = new Map([[red, confirmed(red, "2026-12-10T10:00:00.000Z", 2)]])
  const later = Date.parse("2026-12-22T00:00:00.000Z")
  assert.deepEqual(selectEntries({ ...basis, places: [place(red, "1")], now: later, previous: first.list }).entries, [])
  const { entries } = selectEntries({
    ...basis,
    confirmed: renewed,
    places: [place(red, "1")],
    now: later,
    previous: first.list,
  })
  for (const entry of entries) {
    assert.deepEqual([entry.since, entry.until], ["2026-11-20T10:00:00.000Z", "2027-01-09T10:00:00.000Z"])
  }
})

test("a place seen after the agreement is listed from then on", () => {
  const { entries } = selectEntries({ ...basis, places: [place(red, "9", "2026-11-22T08:00:00.000Z")] })
  assert.deepEqual(new Set(entries.map(({ since }) => since)), new Set(["2026-11-22T08:00:00.000Z"]))
})

test("an address that two confirmed clusters share follows the agreement that lasts longer, in either order", () => {
  const both = new Map([
    [red, confirmed(red)],
    [blue, confirmed(blue, "2026-11-22T10:00:00.000Z")],
  ])
  const places = [place(red, "1"), place(blue, "1")]
  const { entries } = selectEntries({ ...basis, confirmed: both, places })
  assert.deepEqual(selectEntries({ ...basis, confirmed: both, places: places.toReversed() }).entries, entries)
  assert.equal(entries.length, 2)
  for (const entry of entries) {
    assert.deepEqual([entry.since, entry.until], ["2026-11-20T10:00:00.000Z", "2026-12-22T10:00:00.000Z"])
    assert.equal(entry.decision, both.get(blue)?.decision.id)
  }
})

test("a published list verifies with the publisher's key, now, and as the successor of the one before", () => {
  const first = published([place(red, "1")])
  const second = published([place(red, "1"), place(red, "2")], first, now + day)
  assert.deepEqual(verifyList(first, { key: publisher, now }), [])
  assert.deepEqual(
    verifyList(JSON.parse(exportFormats.json.write(second)), { key: publisher, now: now + day, previous: first }),
    [],
  )
  assert.deepEqual([first.list.sequence, second.list.sequence], [1, 2])
  assert.equal(second.list.previous, signedListId(first))
})

function kinds(signed: unknown, expect: Parameters<typeof verifyList>[1] = {}): string[] {
  return [...new Set(verifyList(signed, expect).map(({ kind }) => kind))]
}

test("whatever is wrong with a list is said", () => {
  const first = published([place(red, "1"), place(red, "2")])
  const { list } = first
  const resigned = (change: Partial<typeof list>) => signList({ ...list, ...change }, key.privateKey)
  assert.deepEqual(kinds({ ...first, list: { ...list, issuer: "Somebody" } }), ["signature"])
  assert.deepEqual(kinds({ ...first, list: { ...list, entries: list.entries.slice(1) } }), ["signature"])
  assert.deepEqual(kinds(signList(list, generateKeyPairSync("ed25519").privateKey), { key: publisher }), ["key"])
  assert.deepEqual(
    kinds({ ...first, key: publicKeyText(generateKeyPairSync("ed25519").publicKey) }, { key: publisher }),
    ["signature", "key"],
  )
  assert.deepEqual(kinds(first, { now: now + 7 * day - 1 }), [])
  assert.deepEqual(kinds(first, { now: now + 7 * day }), ["time"])
  assert.deepEqual(kinds(first, { now: now - 1 }), ["time"])
  assert.deepEqual(kinds(resigned({ expiresAt: list.issuedAt })), ["time"])
  assert.deepEqual(kinds(resigned({ entries: list.entries.toReversed() })), ["order"])
  assert.deepEqual(kinds(resigned({ entries: [list.entries[0]!, ...list.entries] })), ["order"])
  const [entry, ...rest] = list.entries
  assert.deepEqual(kinds(resigned({ entries: [{ ...entry!, url: `${entry!.url}0` }, ...rest] })), ["hash"])
  assert.deepEqual(kinds(resigned({ entries: [{ ...entry!, url: `${entry!.url}#x` }, ...rest] })), ["hash"])
  assert.deepEqual(kinds(resigned({ entries: [{ ...entry!, until: entry!.since }, ...rest] })), ["entry-time"])
  assert.deepEqual(kinds({ ...first, note: "x" }), ["schema"])
  for (const junk of [undefined, null, "list", {}, [], 7]) assert.deepEqual(kinds(junk), ["schema"])
})

test("a version that skips, repeats, replaces or rolls back another is found", () => {
  const first = published([place(red, "1")])
  const second = published([place(red, "1")], first, now + day)
  const third = published([place(red, "1")], second, now + 2 * day)
  const otherFirst = published([place(red, "2")])
  assert.deepEqual(kinds(third, { previous: second }), [])
  assert.deepEqual(kinds(third, { previous: first }), ["chain"])
  assert.deepEqual(kinds(first, { previous: second }), ["chain"])
  assert.deepEqual(kinds(second, { previous: second }), ["chain"])
  assert.deepEqual(kinds(second, { previous: otherFirst }), ["chain"])
  const { previous: _, ...unchained } = second.list
  assert.deepEqual(kinds(signList(unchained, key.privateKey)), ["chain"])
  assert.deepEqual(kinds(signList({ ...first.list, previous: red }, key.privateKey)), ["chain"])
})

test("the difference of two versions is what was added, removed and kept, by hash and scope", () => {
  const [one, two] = [published([place(red, "1"), place(red, "2")]), published([place(red, "2"), place(red, "3")])]
  const names = (entries: readonly { url: string }[]) =>
    new Set(entries.map(({ url }) => /([0-9])(\.png)?$/.exec(url)?.[1]))
  const { added, removed, kept } = diffLists(one.list, two.list)
  assert.deepEqual([names(added), names(removed), names(kept)], [new Set(["3"]), new Set(["1"]), new Set(["2"])])
  assert.equal(diffLists(undefined, one.list).added.length, 4)
})

test("exports name every address, hash or onion host once, in order", () => {
  const places = [
    place(red, "1"),
    { ...place(red, "2"), url: `http://img.${onion}/2.png` },
    { ...place(red, "3"), url: "http://gnomes.example/3.png" },
  ]
  const signed = published(places)
  const text = exportFormats.text.write(signed).trimEnd().split("\n")
  assert.equal(text.length, 6)
  assert.deepEqual(text, [...text].sort())
  assert.ok(text.includes("http://gnomes.example/3.png"))
  const hashes = exportFormats.hashes.write(signed).trimEnd().split("\n")
  assert.deepEqual(hashes, text.map((url) => createHash("sha256").update(url.slice(7)).digest("hex")).sort())
  assert.equal(exportFormats.ahmia.write(signed), "c307d4b1631bfb825f6b4ff79a2a165e\n")
  assert.match(exportFormats.ahmia.caveat, /as a whole/)
  assert.equal(exportFormats.text.write(published([])), "")
})
