import { matchRadius } from "../../src/matching/pdq-index.ts"
import { PdqSegment } from "../../src/matching/pdq-segment.ts"
import { idOf } from "../../src/model/record.ts"
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
    const point = (n: number, fill: (into: Uint8Array) => void) => {
      fill(bytes)
      return { fingerprint: idOf("bench", size, n), mandate, pdq: Buffer.from(bytes).toString("hex") }
    }
    const before = process.memoryUsage().rss
    const points = function* () {
      for (let n = 0; n < size; n++) yield point(n, (into) => source.next(into))
    }
    say(`${size}: building the clusters from nothing`)
    const linear = new PdqSegment()
    const leaders = await loadLeaders([], [])
    const started = performance.now()
    let batch = []
    for (const one of points()) {
      linear.append(0, one.pdq)
      batch.push(one)
      if (batch.length < 100) continue
      leaders.add(batch)
      batch = []
      signal.throwIfAborted()
    }
    leaders.add(batch)
    const seconds = (performance.now() - started) / 1000
    const memory = (process.memoryUsage().rss - before - linear.bytes) / size
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
      `${size} fingerprints arrived in batches of 100 in ${seconds.toFixed(1)} s, ${((seconds * 1e6) / size).toFixed(0)} µs each, all growth of the index included; ${memory.toFixed(0)} bytes of memory each.`,
    )
  }
  return compare({
    name: "cluster",
    figures,
    baseline,
    goal: {},
    notes: [...notes, "Baseline: one linear search over the same hashes, which every arrival needed before."],
  })
}
