import assert from "node:assert/strict"
import { test } from "node:test"
import { matchRadius, type PdqEntry, PdqIndex } from "../../src/matching/pdq-index.ts"
import { PdqSegment } from "../../src/matching/pdq-segment.ts"
import { bitDistance, everyNeighbour, flipped, flippedAt, randomHash, wordDistance } from "../support/pdq-oracle.ts"
import { seededRandom } from "../support/seeded-random.ts"

const random = seededRandom(31)
const whole = (below: number) => Math.floor(random() * below)
const entriesOf = (hashes: readonly string[]): PdqEntry[] => hashes.map((pdq, place) => ({ key: place * 3 + 1, pdq }))

function indexOf(entries: Iterable<PdqEntry>): PdqIndex {
  const index = new PdqIndex()
  index.addAll(entries)
  return index
}

/** Sealed whatever its size: the tables are tried on few hashes too. */
function sealedIndexOf(entries: Iterable<PdqEntry>): PdqIndex {
  const segment = new PdqSegment()
  for (const { key, pdq } of entries) segment.append(key, pdq)
  segment.seal()
  return new PdqIndex([segment])
}

function agree(index: PdqIndex, entries: readonly PdqEntry[], needles: readonly string[], radii = [matchRadius]): void {
  for (const needle of needles) {
    for (const radius of radii) {
      assert.deepEqual(index.within(needle, radius), everyNeighbour(entries, needle, radius), `radius ${radius}`)
    }
  }
}

test("the oracle's quick distance is its slow one", () => {
  for (let n = 0; n < 300; n++) {
    const a = randomHash(random)
    const b = n % 2 ? randomHash(random) : flipped(a, n % 70, random)
    assert.equal(wordDistance(a, b), bitDistance(a, b))
  }
})

test("a hash at distance 31 is found, one at 32 is not", () => {
  const needle = randomHash(random)
  for (let n = 0; n < 200; n++) {
    const entries = entriesOf([flipped(needle, 31, random), flipped(needle, 32, random)])
    for (const index of [indexOf(entries), sealedIndexOf(entries)]) {
      assert.deepEqual(index.within(needle, matchRadius), [{ key: 1, distance: 31 }])
    }
  }
})

/** Sets whose bits are as unequal as can be, and those that pictures make. */
const sets: Readonly<Record<string, () => string[]>> = {
  "random bits, with neighbours at every distance": () => {
    const centres = Array.from({ length: 20 }, () => randomHash(random))
    return [
      ...centres.flatMap((centre) => Array.from({ length: 65 }, (_, bits) => flipped(centre, bits, random))),
      ...Array.from({ length: 3000 }, () => randomHash(random)),
    ]
  },
  "the same hash a thousand times": () => Array(1000).fill(randomHash(random)),
  "one large cluster in a narrow space": () => {
    const centre = randomHash(random)
    return Array.from({ length: 3000 }, () => flipped(centre, whole(40), random))
  },
  "all bits but 24 are constant": () => {
    const places = Array.from({ length: 24 }, () => whole(256))
    const zero = "0".repeat(64)
    return Array.from({ length: 2000 }, () =>
      flippedAt(
        zero,
        places.filter(() => random() < 0.5),
      ),
    )
  },
  "bits that follow their neighbours, as in pictures with straight edges": () =>
    Array.from({ length: 3000 }, () => {
      const rows = Array.from({ length: 4 }, () => whole(65_536).toString(16).padStart(4, "0"))
      return flipped(Array.from({ length: 16 }, () => rows[whole(4)]).join(""), whole(12), random)
    }),
  "differences gathered in one row, one column, one diagonal": () => {
    const centre = randomHash(random)
    return Array.from({ length: 1500 }, (_, n) => {
      const line = whole(16)
      const place = [
        (k: number) => line * 16 + k,
        (k: number) => k * 16 + line,
        (k: number) => k * 16 + ((line - k) & 15),
      ][n % 3]!
      const places = Array.from({ length: 16 }, (_, k) => place(k)).filter(() => random() < 0.8)
      return flipped(flippedAt(centre, places), whole(24), random)
    })
  },
}

for (const [name, make] of Object.entries(sets)) {
  test(`every hash within the radius is found, none beyond it, nearest first: ${name}`, () => {
    const entries = entriesOf(make())
    const needles = Array.from({ length: 40 }, (_, n) =>
      n % 4 === 0
        ? randomHash(random)
        : flipped(entries[whole(entries.length)]!.pdq, whole(n % 4 === 1 ? 4 : 45), random),
    )
    agree(indexOf(entries), entries, needles, [31, 0])
    agree(sealedIndexOf(entries), entries, needles, [0, 1, 7, 15, 16, 30, 31, 32, 47, 48, 100])
  })
}

test("hashes that share chunks without being near each other are told apart where a link names several of them", () => {
  // Two neighbouring diagonals alike in 700 hashes, three in 300 more: their buckets hold more than one byte can number.
  const place = (chunk: number) =>
    Array.from({ length: 16 }, (_, row) => {
      const column = (chunk - row) & 15
      return row * 16 + (12 - (column & 12)) + (column & 3)
    })
  const alike = (count: number, chunks: readonly number[]) => {
    const shared = randomHash(random)
    return Array.from({ length: count }, () => {
      const other = randomHash(random)
      const differ = chunks.flatMap(place).filter((bit) => bitAt(other, bit) !== bitAt(shared, bit))
      return flippedAt(other, differ)
    })
  }
  for (const first of [0, 3, 9, 14, 15]) {
    const chunks = [0, 1, 2].map((more) => (first + more) & 15)
    const hashes = [...alike(700, chunks.slice(0, 2)), ...alike(300, chunks)]
    const entries = entriesOf([...hashes, ...Array.from({ length: 9000 }, () => randomHash(random))])
    const needles = Array.from({ length: 40 }, (_, n) => flipped(hashes[whole(hashes.length)]!, 15 + (n % 17), random))
    agree(sealedIndexOf(entries), entries, needles)
  }
})

const bitAt = (pdq: string, bit: number) => (Number.parseInt(pdq[bit >> 2]!, 16) >> (bit & 3)) & 1

test("a set that fills several segments, with late arrivals and removals in between, is searched as a whole", () => {
  const centres = Array.from({ length: 50 }, () => randomHash(random))
  const near = () => flipped(centres[whole(50)]!, whole(50), random)
  const index = new PdqIndex()
  const stored = new Map<number, string>()
  for (let key = 0; key < 150_000; key++) {
    const pdq = key % 100 === 0 ? near() : randomHash(random)
    index.add(key, pdq)
    stored.set(key, pdq)
    if (key % 7 === 3) {
      const victim = whole(key)
      assert.equal(index.remove(victim, stored.get(victim) ?? pdq), stored.delete(victim))
    }
  }
  assert.ok(index.segments.length >= 2)
  const check = () => {
    assert.equal(index.size, stored.size)
    const entries = [...stored].map(([key, pdq]) => ({ key, pdq }))
    agree(
      index,
      entries,
      Array.from({ length: 12 }, (_, n) => (n % 3 ? near() : entries[whole(entries.length)]!.pdq)),
    )
  }
  check()
  index.compact()
  assert.equal(index.segments[0]!.rows, stored.size)
  check()
})

test("what was removed is found no more, and the others stay, in open and sealed segments", () => {
  for (const make of [indexOf, sealedIndexOf]) {
    const entries = entriesOf(Array.from({ length: 50 }, () => randomHash(random)))
    const index = make([...entries, { key: 0, pdq: entries[5]!.pdq }])
    const kept = entries.filter((_, n) => n % 3 !== 0)
    for (const { key, pdq } of entries.filter((_, n) => n % 3 === 0)) assert.ok(index.remove(key, pdq))
    assert.ok(!index.remove(entries[0]!.key, entries[0]!.pdq))
    assert.ok(!index.remove(2, entries[1]!.pdq), "a key that is another's")
    assert.equal(index.size, kept.length + 1)
    for (const { key, pdq } of entries) {
      const expected = kept.some((one) => one.key === key) ? [{ key, distance: 0 }] : []
      assert.deepEqual(
        index.within(pdq, 0).filter((one) => one.key !== 0),
        expected,
      )
    }
  }
})

test("more row numbers than sixteen bits hold", () => {
  const entries = entriesOf(Array.from({ length: 200_000 }, () => randomHash(random)))
  const index = indexOf(entries)
  for (let n = 0; n < 300; n++) {
    const { key, pdq } = entries[whole(entries.length)]!
    const bits = whole(32)
    assert.deepEqual(index.within(flipped(pdq, bits, random), matchRadius), [{ key, distance: bits }])
  }
})

test("an empty index finds nothing, and what is no hash is refused", () => {
  const index = new PdqIndex()
  assert.deepEqual(index.within(randomHash(random), 31), [])
  assert.throws(() => index.add(1, "g".repeat(64)), RangeError)
  index.compact()
  assert.equal(index.size, 0)
  index.add(1, randomHash(random))
  assert.throws(() => index.within("abc", 31), RangeError)
})
