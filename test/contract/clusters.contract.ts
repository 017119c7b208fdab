import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import type { ClusterPoint, Clusters } from "../../src/ports/clusters.ts"
import { aFingerprint, aMembership, mandate } from "./records.ts"

export interface ClustersBench {
  readonly clusters: Clusters
  /** The same storage as another process would open it. */
  another(): Promise<Clusters>
}

const [one, two] = [aFingerprint("one"), aFingerprint("two")]
const point = (image: typeof one, pdq?: string): ClusterPoint =>
  pdq === undefined ? { fingerprint: image.id, mandate } : { fingerprint: image.id, mandate, pdq }

export function clustersContract(open: (t: TestContext) => Promise<ClustersBench>): void {
  test("points and memberships come back as they were saved, those of many pages too", async (t) => {
    const { clusters, another } = await open(t)
    const images = Array.from({ length: 2300 }, (_, n) => aFingerprint(`image ${n}`))
    const points = images.map((image, n) => point(image, n % 2 ? "ab".repeat(32) : undefined))
    await clusters.save(
      points,
      images.map((image) => aMembership(image, image)),
    )
    await clusters.save(points.slice(0, 5), [])
    const other = await another()
    const byName = (a: { fingerprint: string }, b: { fingerprint: string }) => (a.fingerprint < b.fingerprint ? -1 : 1)
    assert.deepEqual((await Array.fromAsync(other.points())).sort(byName), points.toSorted(byName))
    assert.equal((await Array.fromAsync(other.memberships())).length, 2300)
  })

  test("a change stays unpublished until it is named, also for the next process", async (t) => {
    const { clusters, another } = await open(t)
    const changed = [aMembership(one, one), aMembership(two, one)]
    await clusters.save([point(one), point(two)], changed)
    assert.deepEqual(await (await another()).unpublished(), changed)
    await clusters.published([changed[0]!])
    assert.deepEqual(await clusters.unpublished(), [changed[1]])
  })

  test("publishing an old revision leaves the newer one unpublished", async (t) => {
    const { clusters } = await open(t)
    const [old, newer] = [aMembership(two, two), aMembership(two, one, 2)]
    await clusters.save([point(two)], [old])
    await clusters.save([], [newer])
    await clusters.published([old])
    assert.deepEqual(await clusters.unpublished(), [newer])
    await clusters.published([newer])
    assert.deepEqual(await clusters.unpublished(), [])
    assert.deepEqual(await Array.fromAsync(clusters.memberships()), [newer])
  })

  test("a writer that has not seen the newest revision is refused, and nothing of its call is kept", async (t) => {
    const { clusters, another } = await open(t)
    await clusters.save([point(one)], [aMembership(one, one)])
    const other = await another()
    for (const revision of [1, 3]) {
      await assert.rejects(other.save([point(two)], [aMembership(two, two), aMembership(one, two, revision)]), {
        code: "engine_unavailable",
      })
    }
    assert.deepEqual(await Array.fromAsync(clusters.points()), [point(one)])
    assert.deepEqual(await Array.fromAsync(clusters.memberships()), [aMembership(one, one)])
  })
}
