import assert from "node:assert/strict"
import { test } from "node:test"
import { matchRadius } from "../../src/matching/pdq-index.ts"
import { turnedHashes } from "../../src/matching/turned-hash.ts"
import type { Membership } from "../../src/model/cluster.ts"
import { idOf } from "../../src/model/record.ts"
import type { ClusterPoint } from "../../src/ports/clusters.ts"
import { loadLeaders } from "../../src/stages/leaders.ts"

/** mulberry32: small, seeded, good enough to shuffle. */
function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const bitsToHex = (bits: readonly number[]) =>
  Array.from({ length: 64 }, (_, i) => Number.parseInt(bits.slice(i * 4, i * 4 + 4).join(""), 2).toString(16)).join("")

/** Points in loose groups that overlap, so that leaders come and go and chains would form if they could. */
function points(count: number, random: () => number): ClusterPoint[] {
  const centres = Array.from({ length: Math.ceil(count / 8) }, () =>
    Array.from({ length: 256 }, () => (random() < 0.5 ? 0 : 1)),
  )
  return Array.from({ length: count }, (_, place) => {
    const bits = [...centres[Math.floor(random() * centres.length)]!]
    const flips = Math.floor(random() * 40)
    for (let i = 0; i < flips; i++) bits[Math.floor(random() * 256)]! ^= 1
    return { fingerprint: idOf("test", place), mandate: idOf("m"), pdq: bitsToHex(bits) }
  })
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
  }
  return copy
}

function distance(a: string, b: string): number {
  let bits = 0
  for (let i = 0; i < 64; i++) {
    const word = Number.parseInt(a[i]!, 16) ^ Number.parseInt(b[i]!, 16)
    bits += [...word.toString(2)].filter((c) => c === "1").length
  }
  return bits
}

/** The definition, computed the slow way. */
function expected(all: readonly ClusterPoint[]): Map<string, string> {
  const leaders: ClusterPoint[] = []
  for (const point of [...all].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))) {
    if (!leaders.some((l) => distance(l.pdq!, point.pdq!) <= matchRadius)) leaders.push(point)
  }
  return new Map(
    all.map((point) => {
      const near = leaders
        .map((l) => ({ id: l.fingerprint, d: l === point ? -1 : distance(l.pdq!, point.pdq!) }))
        .sort((a, b) => a.d - b.d || (a.id < b.id ? -1 : 1))
      return [point.fingerprint, near[0]!.id]
    }),
  )
}

function final(changes: readonly Membership[]): Map<string, string> {
  const newest = new Map<string, Membership>()
  for (const change of changes) {
    const before = newest.get(change.fingerprint)
    assert.equal(change.revision, (before?.revision ?? 0) + 1, "revisions succeed each other")
    newest.set(change.fingerprint, change)
  }
  return new Map([...newest].map(([fingerprint, m]) => [fingerprint, m.cluster]))
}

test("clusters are a function of the set: every order of arrival gives the definition's result", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seeded(seed)
    const all = points(120, random)
    const truth = expected(all)
    const leaders = await loadLeaders([], [])
    const arrivals = shuffled(all, random)
    const changes: Membership[] = []
    while (arrivals.length > 0) changes.push(...leaders.add(arrivals.splice(0, 1 + Math.floor(random() * 9))))
    assert.deepEqual(new Map([...final(changes)].sort()), new Map([...truth].sort()), `seed ${seed}`)
  }
})

test("no member is farther from its leader than the radius", async () => {
  const all = points(300, seeded(99))
  const byId = new Map(all.map((p) => [p.fingerprint, p]))
  for (const membership of (await loadLeaders([], [])).add(all)) {
    const leader = byId.get(membership.cluster)!
    assert.equal(membership.distance, distance(leader.pdq!, byId.get(membership.fingerprint)!.pdq!))
    assert.ok(membership.distance <= matchRadius)
  }
})

test("a restart from stored state goes on as if there had been none", async () => {
  const random = seeded(7)
  const all = shuffled(points(100, random), random)
  const first = await loadLeaders([], [])
  const before = first.add(all.slice(0, 50))
  const newest = new Map(before.map((m) => [m.fingerprint, m]))
  const resumed = await loadLeaders(all.slice(0, 50), newest.values())
  assert.deepEqual(final([...before, ...resumed.add(all.slice(50))]), final([...before, ...first.add(all.slice(50))]))
})

test("an image without a usable hash is a cluster of its own and draws nobody", async () => {
  const leaders = await loadLeaders([], [])
  const [near] = points(1, seeded(3))
  const blank = { fingerprint: idOf("test", "blank"), mandate: idOf("m") }
  const clusters = final(leaders.add([near!, blank]))
  assert.equal(clusters.get(blank.fingerprint), blank.fingerprint)
  assert.equal(clusters.get(near!.fingerprint), near!.fingerprint)
})

test("a picture that is turned or mirrored joins the cluster of the other, whichever comes first", async () => {
  const random = seeded(5)
  const [one] = points(1, random)
  const copies = turnedHashes(one!.pdq!).map(({ turn, pdq }) => ({
    fingerprint: idOf("test", turn),
    mandate: idOf("m"),
    pdq,
  }))
  const all = [one!, ...copies]
  const leader = all.map(({ fingerprint }) => fingerprint).sort()[0]
  for (let round = 0; round < 5; round++) {
    const leaders = await loadLeaders([], [])
    const changes = shuffled(all, random).flatMap((point) => leaders.add([point]))
    assert.deepEqual(new Set(final(changes).values()), new Set([leader]))
  }
})
