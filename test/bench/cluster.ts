import { setImmediate } from "node:timers/promises"
import { matchRadius } from "../../src/matching/pdq-index.ts"
import { PdqSegment } from "../../src/matching/pdq-segment.ts"
import type { Membership } from "../../src/model/cluster.ts"
import { idOf } from "../../src/model/record.ts"
import type { ClusterPoint } from "../../src/ports/clusters.ts"
import { loadLeaders } from "../../src/stages/leaders.ts"
import { type Bench, type Comparison, compare, figure } from "./comparison.ts"
import { pictureHashes } from "./hash-sets.ts"

const defaultSizes = [1e5, 1e6]
const arrivals = 2000

/**
 * What one arrival costs the cluster stage when so many fingerprints are there: neighbours, leaders, changed memberships, without the store.
 * The baseline is one linear search over the same hashes, of which an arrival needs at least one.
 */
export const clusterBench: Bench = async ({ runs, sizes = defaultSizes, signal, say }) => {
  const figures: Record<string, Comparison["figures"][string]> = {}
  const baseline: Record<string, Comparison["figures"][string]> = {}
  const notes: string[] = []
  const mandate = idOf("bench")
  for (const size of sizes) {
    const source = await pictureHashes(size, say)
    const bytes = new Uint8Array(32)
    const point = (n: number, fill: (into: Uint8Array) => unknown) => {
      fill(bytes)
      return { fingerprint: idOf("bench", size, n), mandate, pdq: Buffer.from(bytes).toString("hex") }
    }
    say(`${size}: making the points, and the clusters of each picture's copies`)
    const points: ClusterPoint[] = []
    const memberships: Membership[] = []
    const linear = new PdqSegment()
    let family: ClusterPoint[] = []
    const settle = async () => {
      // Different pictures are far from each other, so each family's clusters are those of the whole.
      for (const membership of (await loadLeaders([], [])).add(family)) memberships.push(membership)
      family = []
    }
    for (let n = 0; n < size; n++) {
      let another = true
      const one = point(n, (into) => {
        another = source.next(into)
      })
      if (another && family.length > 0) await settle()
      family.push(one)
      points.push(one)
      linear.append(n, one.pdq)
      if (n % 10_000 === 0) await setImmediate(undefined, { signal })
    }
    await settle()
    const before = process.memoryUsage().rss
    const started = performance.now()
    const leaders = await loadLeaders(points, memberships)
    const seconds = (performance.now() - started) / 1000
    const memory = (process.memoryUsage().rss - before) / size
    const own: number[] = []
    const scans: number[] = []
    for (let run = 0; run < runs; run++) {
      const late = Array.from({ length: arrivals }, (_, n) =>
        point(size + run * arrivals + n, (into) => source.needle(into)),
      )
      const from = performance.now()
      for (const one of late) leaders.add([one])
      own.push(((performance.now() - from) * 1000) / arrivals)
      const scanFrom = performance.now()
      for (const one of late.slice(0, 50)) linear.within(one.pdq, matchRadius)
      scans.push(((performance.now() - scanFrom) * 1000) / 50)
    }
    const label = `10^${Math.log10(size).toFixed(0)}: µs an arrival`
    figures[label] = figure(own)
    baseline[label] = figure(scans)
    notes.push(
      `${size} fingerprints are loaded in ${seconds.toFixed(1)} s after a restart, the store's reading not counted, and take ${memory.toFixed(0)} bytes of memory each beside their ids.`,
    )
  }
  return compare({
    name: "cluster",
    figures,
    baseline,
    goal: {},
    notes: [
      ...notes,
      "Half of the arrivals are copies. Each asks for itself as it is and in seven turns. Baseline: one linear search over the same hashes, as it is.",
    ],
  })
}
