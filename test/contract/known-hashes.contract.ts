import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import type { KnownHashes } from "../../src/ports/known-hashes.ts"
import { aKnownHash } from "./records.ts"

export interface KnownHashesBench {
  readonly known: KnownHashes
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
    assert.equal(await other.withdraw("gnome register"), 1)
    assert.deepEqual(
      (await known.match({ pdq: none })).map((m) => m.known.source),
      ["another register"],
    )
    await other.add([aKnownHash("pdq", bits(3))])
    assert.equal((await known.match({ pdq: none })).length, 2)
    assert.equal(await known.withdraw("nobody's"), 0)
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
}
