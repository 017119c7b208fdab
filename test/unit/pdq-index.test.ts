import assert from "node:assert/strict"
import { test } from "node:test"
import { createPdqIndex, matchRadius } from "../../src/matching/pdq-index.ts"
import { seededRandom } from "../support/seeded-random.ts"

const random = seededRandom(31)
const hash = () => Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join("")

/** The same hash with this many different bits flipped. */
function flipped(pdq: string, bits: number): string {
  const places = new Set<number>()
  while (places.size < bits) places.add(Math.floor(random() * 256))
  const digits = [...pdq].map((d) => Number.parseInt(d, 16))
  for (const place of places) digits[place >> 2]! ^= 1 << (place & 3)
  return digits.map((d) => d.toString(16)).join("")
}

/** Bit by bit: slow and plainly right. */
function distance(a: string, b: string): number {
  let bits = 0
  for (let i = 0; i < 64; i++) {
    for (let word = Number.parseInt(a[i]!, 16) ^ Number.parseInt(b[i]!, 16); word > 0; word >>= 1) bits += word & 1
  }
  return bits
}

test("every hash within the radius is found, none beyond it, nearest first", () => {
  const index = createPdqIndex()
  const needle = hash()
  const stored = new Map<string, string>()
  for (let bits = 0; bits <= 64; bits++) stored.set(`at ${bits}`, flipped(needle, bits))
  for (let n = 0; n < 3000; n++) stored.set(`random ${n}`, hash())
  for (const [key, pdq] of stored) index.add(key, pdq)
  const expected = [...stored]
    .map(([key, pdq]) => ({ key, distance: distance(needle, pdq) }))
    .filter((n) => n.distance <= matchRadius)
    .sort((a, b) => a.distance - b.distance || (a.key < b.key ? -1 : 1))
  assert.ok(expected.length >= 32)
  assert.deepEqual(index.within(needle, matchRadius), expected)
})

test("a hash at distance 31 is found, one at 32 is not", () => {
  const index = createPdqIndex()
  const needle = hash()
  index.add("31", flipped(needle, 31))
  index.add("32", flipped(needle, 32))
  assert.deepEqual(index.within(needle, matchRadius), [{ key: "31", distance: 31 }])
})

test("what was removed or replaced is found no more, and the others stay", () => {
  const index = createPdqIndex()
  const hashes = Array.from({ length: 50 }, hash)
  for (const [n, pdq] of hashes.entries()) index.add(String(n), pdq)
  for (let n = 0; n < 50; n += 3) index.remove(String(n))
  index.remove("never there")
  const fresh = hash()
  index.add("1", fresh)
  assert.equal(index.size, 33)
  for (const [n, pdq] of hashes.entries()) {
    const found = index.within(pdq, 0).map((f) => f.key)
    assert.deepEqual(found, n % 3 === 0 || n === 1 ? [] : [String(n)])
  }
  assert.deepEqual(index.within(fresh, 0), [{ key: "1", distance: 0 }])
})
