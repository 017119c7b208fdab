import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { type BenchOptions, type Figure, figure } from "./comparison.ts"
import { benchMessages, openBenchLog } from "./kafka-rates.ts"

const records = 2000
const program = join(import.meta.dirname, "compute-worker.ts")

/** One worker process and two on the same records, in turns: a stage that is bound by computing, one group. */
export async function kafkaScale(options: BenchOptions & { broker: string }): Promise<{
  figures: Record<string, Figure>
  baseline: Record<string, Figure>
}> {
  const { broker, runs, say, signal } = options
  const rates: Record<number, number[]> = { 1: [], 2: [] }
  for (let run = 1; run <= runs; run++) {
    for (const workers of run % 2 === 0 ? [2, 1] : [1, 2]) {
      signal.throwIfAborted()
      const perSecond = await computed(broker, workers)
      rates[workers]!.push(perSecond)
      say(`run ${run} of ${runs}: ${workers} worker${workers > 1 ? "s" : ""} ${perSecond.toFixed(0)} computed/s`)
    }
  }
  return {
    figures: { computedPerSecondByTwo: figure(rates[2]!) },
    baseline: { computedPerSecondByTwo: figure(rates[1]!) },
  }
}

/** Records a second from the moment at which every worker has its share. */
async function computed(broker: string, workers: number): Promise<number> {
  const prefix = `${randomUUID()}.`
  const log = openBenchLog(broker, prefix)
  const children = Array.from({ length: workers }, () => {
    const child = spawn(process.execPath, ["--disable-warning=TimeoutNegativeWarning", program, broker, prefix], {
      stdio: ["pipe", "pipe", "inherit"],
    })
    const lines = createInterface({ input: child.stdout })
    const ready = new Promise<void>((resolve) => lines.on("line", (line) => line === "ready" && resolve()))
    return { child, lines, ready }
  })
  try {
    await log.append(benchMessages(0, 1))
    await Promise.all(children.map(({ ready }) => ready))
    let done = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const { lines } of children) {
      lines.on("line", (line) => {
        if (line === "ready") return
        done += Number(line)
        if (done >= records) resolve()
      })
    }
    const start = performance.now()
    for (let from = 1; from <= records; from += 500) await log.append(benchMessages(from, 500))
    await promise
    return records / ((performance.now() - start) / 1000)
  } finally {
    for (const { child } of children) child.stdin.end()
    await Promise.all(children.map(({ child }) => child.exitCode ?? once(child, "exit")))
    await log.close()
  }
}
