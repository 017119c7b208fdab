import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { type TestContext, test } from "node:test"
import { turnedHashes } from "../../src/matching/turned-hash.ts"
import { knownHashId } from "../../src/model/known-hash.ts"
import { instant } from "../../src/model/record.ts"
import type { KnownHashes } from "../../src/ports/known-hashes.ts"
import { aKnownHash, day } from "./records.ts"

export interface KnownHashesBench {
  readonly known: KnownHashes
  /** Moves the store's clock. */
  pass(ms: number): void
  /** The same storage as another process would open it. */
  another(): Promise<KnownHashes>
}

/** A PDQ value with so many bits of zeros turned over, from the left. */
const bits = (count: number) =>
  BigInt.asUintN(256, ~0n << BigInt(256 - count))
    .toString(16)
    .padStart(64, "0")
const none = bits(0)

export function knownHashesContract(open: (t: TestContext) => Promise<KnownHashesBench>): void {
  test("a PDQ matches within 31 bits and not at 32, nearest first", async (t) => {
    const { known } = await open(t)
    await known.add([31, 32, 0, 8].map((count) => aKnownHash("pdq", bits(count))))
    const matches = await known.match({ pdq: none })
    assert.deepEqual(
      matches.map((m) => m.distance),
      [0, 8, 31],
    )
    assert.deepEqual(matches[1]!.known, aKnownHash("pdq", bits(8)))
  })

  test("a digest matches exactly, and only its own algorithm", async (t) => {
    const { known } = await open(t)
    const digest = "ab".repeat(32)
    await known.add([aKnownHash("sha256", digest), aKnownHash("md5", "cd".repeat(16))])
    assert.deepEqual(await known.match({ sha256: digest }), [{ known: aKnownHash("sha256", digest), distance: 0 }])
    assert.deepEqual(await known.match({ sha256: digest.replace("a", "b"), pdq: digest }), [])
    assert.equal((await known.match({ sha256: digest, md5: "cd".repeat(16), sha1: "ef".repeat(20) })).length, 2)
  })

  test("adding twice changes nothing; two sources of one hash both match", async (t) => {
    const { known } = await open(t)
    await known.add([aKnownHash("pdq", none), aKnownHash("pdq", none)])
    await known.add([aKnownHash("pdq", none), aKnownHash("pdq", none, "another register")])
    assert.equal(await known.count(), 2)
    assert.equal((await known.match({ pdq: none })).length, 2)
  })

  test("what another process adds or withdraws counts at once", async (t) => {
    const { known, another } = await open(t)
    const other = await another()
    assert.deepEqual(await known.match({ pdq: none }), [])
    await other.add([aKnownHash("pdq", bits(1)), aKnownHash("pdq", bits(2), "another register")])
    assert.equal((await known.match({ pdq: none })).length, 2)
    assert.equal(await other.withdraw({ source: "gnome register" }), 1)
    assert.deepEqual(
      (await known.match({ pdq: none })).map((m) => m.known.source),
      ["another register"],
    )
    await other.add([aKnownHash("pdq", bits(3))])
    assert.equal((await known.match({ pdq: none })).length, 2)
    assert.equal(await known.withdraw({ source: "nobody's" }), 0)
    assert.equal(await known.count(), 2)
  })

  test("what is no hash of its algorithm is refused", async (t) => {
    const { known } = await open(t)
    await assert.rejects(known.match({ pdq: "abc" }), { code: "input_invalid" })
    await assert.rejects(known.match({ md5: "AB".repeat(16) }), { code: "input_invalid" })
    await assert.rejects(known.add([{ ...aKnownHash("md5", "ab".repeat(16)), algorithm: "sha1" }]), {
      code: "input_invalid",
    })
    assert.equal(await known.count(), 0)
  })

  test("single entries are withdrawn by their source's names or by their hash, and only those of that source", async (t) => {
    const { known, another } = await open(t)
    const named = (value: string, reference: string, source?: string) => ({
      ...aKnownHash("pdq", value, source),
      id: knownHashId("pdq", value, source ?? "gnome register", reference),
      reference,
    })
    const all = [
      named(bits(1), "7/1"),
      named(bits(2), "7/1"),
      named(bits(2), "7/2"),
      named(bits(3), "7/1", "another register"),
      aKnownHash("pdq", bits(4)),
    ]
    await known.add(all)
    const left = async (store: KnownHashes) =>
      (await store.match({ pdq: none })).map((m) => `${m.distance} ${m.known.source} ${m.known.reference}`)
    assert.equal((await left(known)).length, 5)
    const source = "gnome register"
    assert.equal(await known.withdraw({ source, references: ["7/1", "7/9"] }), 2)
    const expected = ["2 gnome register 7/2", "3 another register 7/1", "4 gnome register undefined"]
    assert.deepEqual(await left(known), expected)
    assert.deepEqual(await left(await another()), expected)
    assert.equal(await known.withdraw({ source: "another register", ids: [all[4]!.id] }), 0)
    assert.equal(await known.withdraw({ source, ids: [all[4]!.id] }), 1)
    assert.equal(await known.withdraw({ source, references: [], ids: [] }), 0)
    assert.deepEqual(await left(known), expected.slice(0, 2))
    await known.add([all[4]!])
    assert.equal((await left(known)).length, 3)
  })

  test("an entry matches until it expires; a later import renews it, its label and its licence", async (t) => {
    const { known, pass } = await open(t)
    const entry = (days: number, category: string) => ({
      ...aKnownHash("pdq", none),
      category,
      licence: `agreement ${category}`,
      expiresAt: instant(Date.now() + days * 86_400_000),
    })
    await known.add([entry(1, "a"), { ...aKnownHash("md5", "ab".repeat(16)), expiresAt: day(1) }])
    assert.deepEqual(
      (await known.match({ pdq: none, md5: "ab".repeat(16) })).map((m) => m.known.licence),
      ["agreement a"],
    )
    pass(2 * 86_400_000)
    assert.deepEqual(await known.match({ pdq: none }), [])
    const renewed = entry(9, "b")
    await known.add([renewed])
    assert.deepEqual(await known.match({ pdq: none }), [{ known: renewed, distance: 0 }])
    assert.equal(await known.count(), 2)
  })

  test("PhotoDNA is opaque: it matches itself and nothing near it", async (t) => {
    const { known } = await open(t)
    const photodna = "12".repeat(144)
    await known.add([aKnownHash("photodna", photodna)])
    assert.equal((await known.match({ photodna })).length, 1)
    assert.equal((await known.match({ photodna: `13${photodna.slice(2)}` })).length, 0)
  })

  test("a picture that is turned or mirrored matches, and the match says how; one that matches as it is says nothing of it", async (t) => {
    const { known } = await open(t)
    const pdq = createHash("sha256").update("gnome").digest("hex")
    await known.add([aKnownHash("pdq", pdq)])
    for (const { turn, pdq: turned } of turnedHashes(pdq)) {
      const [match, ...more] = await known.match({ pdq: turned })
      assert.deepEqual(more, [])
      assert.equal(match!.distance, 0)
      const back = { quarter: "three-quarter", "three-quarter": "quarter" }[turn as string] ?? turn
      assert.equal(match!.turn, back)
    }
    assert.deepEqual(await known.match({ pdq }), [{ known: aKnownHash("pdq", pdq), distance: 0 }])
  })
}
