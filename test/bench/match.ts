import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Bench, type Check, type Comparison, compare, figure } from "./comparison.ts"
import { type HashSource, pictureHashes, randomHashes, writeHashes } from "./hash-sets.ts"
import { LineProcess } from "./line-process.ts"
import { installPythonPeers } from "./peer-python.ts"

interface Built {
  readonly buildSeconds: number
  /** Growth of the resident set. */
  readonly bytes: number
}

interface Answered {
  readonly seconds: number
  readonly matches: number
  /** Digest of every key and distance, so that a wrong answer is no fast answer. */
  readonly answers: string
}

interface Contender {
  readonly name: "Watchline" | "Flat" | "MultiHash"
  readonly words: (task: string) => [string, ...string[]]
}

type Figures = Record<string, { ours: number[]; baseline: number[]; goal?: Comparison["goal"][string] }>

const defaultSizes = [1e5, 1e6, 1e7]
/** So that the exhaustive search takes some seconds a round. */
const needlesOf = (size: number) => Math.min(1000, Math.max(100, Math.round(5e8 / size)))
const limits = { bytes: 90, buildSeconds: 30 } as const

/**
 * Exact search within 31 bits: Watchline's index in turns with FAISS's exhaustive IndexBinaryFlat and its best exact setting,
 * IndexBinaryMultiHash(256, 11, 23) with two flips (10 × 3 + 2 > 31: recall 1). The same hashes, the same needles, one thread each; every round's
 * answers must be those of the exhaustive search, by a digest over all keys and distances.
 */
export const matchBench: Bench = async ({ directory, runs, sizes = defaultSizes, signal, say }) => {
  const python = installPythonPeers("match", say)
  const work = directory ?? (await mkdtemp(join(tmpdir(), "watchline-bench-")))
  const faiss = (index: string) => (task: string) =>
    [python, join(import.meta.dirname, "peers/faiss-search.py"), JSON.stringify({ ...JSON.parse(task), index })] as [
      string,
      ...string[],
    ]
  const contenders: readonly Contender[] = [
    {
      name: "Watchline",
      words: (task) => [process.execPath, join(import.meta.dirname, "search-watchline.ts"), task],
    },
    { name: "Flat", words: faiss("flat") },
    { name: "MultiHash", words: faiss("multi-hash") },
  ]
  const figures: Figures = {}
  const checks: Record<string, Check> = {}
  const notes: string[] = []
  try {
    for (const size of sizes) {
      for (const kind of ["random", "pictures"] as const) {
        const source = kind === "random" ? randomHashes(size) : await pictureHashes(size, say)
        await compareOn({ size, kind, source, work, runs, signal, say, contenders, figures, checks, notes })
      }
    }
  } finally {
    if (directory === undefined) await rm(work, { recursive: true, force: true })
  }
  const named = (pick: (one: Figures[string]) => number[]) =>
    Object.fromEntries(
      Object.entries(figures).flatMap(([name, one]) => (pick(one).length > 0 ? [[name, figure(pick(one))]] : [])),
    )
  return compare({
    name: "match",
    figures: named((one) => one.ours),
    baseline: named((one) => one.baseline),
    checks,
    goal: Object.fromEntries(Object.entries(figures).flatMap(([name, { goal }]) => (goal ? [[name, goal]] : []))),
    notes: [
      ...notes,
      "Queries a second, one thread each. Every answer was checked against the exhaustive one: recall and precision are 1.",
      "Bytes are the growth of the resident set by building, for a hash.",
    ],
  })
}

const atMost = (limit: number, value: number): Check => ({ value, goal: { atMost: limit }, reached: value <= limit })

async function compareOn(parts: {
  readonly size: number
  readonly kind: string
  readonly source: HashSource
  readonly work: string
  readonly runs: number
  readonly signal: AbortSignal
  readonly say: (text: string) => void
  readonly contenders: readonly Contender[]
  readonly figures: Figures
  readonly checks: Record<string, Check>
  readonly notes: string[]
}): Promise<void> {
  const { size, kind, source, work, runs, signal, say, contenders, figures, checks, notes } = parts
  const label = `10^${Math.log10(size).toFixed(0)} ${kind}`
  const needles = needlesOf(size)
  const task = { hashes: join(work, "hashes"), needles: join(work, "needles") }
  say(`${label}: making ${size} hashes`)
  await writeHashes(task.hashes, size, (into) => source.next(into), signal)
  await writeHashes(task.needles, needles, (into) => source.needle(into), signal)
  const running: { name: Contender["name"]; process: LineProcess; built: Built; seconds: number[] }[] = []
  try {
    for (const { name, words } of contenders) {
      const process = new LineProcess(words(JSON.stringify(task)), signal)
      running.push({ name, process, built: { buildSeconds: 0, bytes: 0 }, seconds: [] })
      const built = await process.answer<Built>()
      running.at(-1)!.built = built
      say(
        `${label}: ${name} built in ${built.buildSeconds.toFixed(1)} s, ${(built.bytes / size).toFixed(1)} bytes a hash`,
      )
    }
    let matches = 0
    for (let run = 1; run <= runs; run++) {
      const answers = new Map<string, Answered>()
      for (const { name, process, seconds } of running) {
        const answered = await process.ask<Answered>({ needles })
        answers.set(name, answered)
        seconds.push(answered.seconds)
        say(`${label}, run ${run} of ${runs}: ${name} ${(needles / answered.seconds).toFixed(0)} queries/s`)
      }
      for (const [name, { answers: digest }] of answers) {
        if (digest !== answers.get("Flat")!.answers)
          throw new Error(`${label}: ${name} does not answer what the exhaustive search does`)
      }
      matches = answers.get("Flat")!.matches
    }
    const [ours, flat, multiHash] = running as [(typeof running)[0], (typeof running)[0], (typeof running)[0]]
    const rate = (one: typeof ours) => one.seconds.map((seconds) => needles / seconds)
    figures[`${label}: queries/s, to Flat`] = {
      ours: rate(ours),
      baseline: rate(flat),
      // 10⁵ hashes fit into the processor's cache, where reading all of them is no burden.
      ...(size >= 1e6 ? { goal: { atLeast: 10 } } : {}),
    }
    figures[`${label}: queries/s, to MultiHash`] = { ours: rate(ours), baseline: rate(multiHash), goal: { atLeast: 2 } }
    figures[`${label}: bytes a hash, to MultiHash`] = {
      ours: [ours.built.bytes / size],
      baseline: [multiHash.built.bytes / size],
    }
    figures[`${label}: seconds to build, to MultiHash`] = {
      ours: [ours.built.buildSeconds],
      baseline: [multiHash.built.buildSeconds],
    }
    if (size >= 1e7) {
      checks[`${label}: bytes a hash`] = atMost(limits.bytes, ours.built.bytes / size)
      checks[`${label}: seconds to build`] = atMost(limits.buildSeconds, ours.built.buildSeconds)
    }
    notes.push(
      `${label}: ${needles} needles, ${matches} matches; MultiHash ${(multiHash.built.bytes / size).toFixed(0)} bytes a hash, built in ${multiHash.built.buildSeconds.toFixed(0)} s.`,
    )
  } finally {
    for (const { process } of running) await process.end()
  }
}
