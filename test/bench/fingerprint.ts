import { glob, mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { hammingDistance } from "../../classifiers/image/hash/pdq.ts"
import { type Bench, type Check, compare, figure } from "./comparison.ts"
import { makeGeneratedPictures } from "./generated-pictures.ts"
import { runTogether } from "./paced-process.ts"
import { installPythonPeers } from "./peer-python.ts"

interface Row {
  readonly file: string
  readonly pdq?: string
  readonly quality?: number
  readonly error?: string
}

interface Report {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMb: number
  readonly rows: readonly Row[]
}

/** Files that each process takes once before its time counts: code is compiled, libraries are loaded. */
const warm = 12
const timeoutMs = 1_800_000
const matchQuality = 50
const processCounts = { one: 1, two: 2 } as const

/**
 * Pictures a second from file to PDQ, in turns with the compiled reference (PyPI pdqhash, decoding by Pillow) on the same files: one
 * process against one, two against two. Watchline's process has one worker and also computes digests, provenance and watermark bits.
 * Before that, every hash is compared with the reference's. With `--dir` the pictures of that folder are taken.
 */
export const fingerprintBench: Bench = async ({ directory, runs, signal, say }) => {
  const python = installPythonPeers("fingerprint", say)
  const made = directory === undefined ? await mkdtemp(join(tmpdir(), "watchline-bench-")) : undefined
  try {
    if (made) {
      say("painting pictures")
      await makeGeneratedPictures(made, signal)
    }
    const all = await filesOf(directory ?? made!)
    const contenders = {
      Watchline: [
        process.execPath,
        "--disable-warning=ExperimentalWarning",
        `${import.meta.dirname}/fingerprint-watchline.ts`,
      ],
      reference: [python, join(import.meta.dirname, "peers", "pdqhash_pillow.py")],
    } as const
    const hash = async (name: keyof typeof contenders, files: readonly string[], processes: number) => {
      const [program, ...args] = contenders[name]
      const shares = Array.from({ length: processes }, (_, share) =>
        files.filter((_file, at) => at % processes === share),
      )
      const tasks = shares.map((share) => ({ program, args: [...args, JSON.stringify({ files: share, warm })] }))
      return runTogether<Report>(tasks, { signal, timeoutMs })
    }

    say(`comparing the hashes of ${all.length} files`)
    const [ours] = await hash("Watchline", all, 1)
    const [theirs] = await hash("reference", all, 1)
    const agreement = agreementOf(ours!.rows, theirs!.rows)
    const files = agreement.both
    if (files.length === 0) throw new Error("No file of that folder could be decoded by both.")

    const timed = { Watchline: new Map<string, number[]>(), reference: new Map<string, number[]>() }
    for (let run = 1; run <= runs; run++) {
      for (const [label, processes] of Object.entries(processCounts)) {
        for (const name of ["Watchline", "reference"] as const) {
          const reports = await hash(name, files, processes)
          const add = (key: string, value: number) => timed[name].set(key, [...(timed[name].get(key) ?? []), value])
          const perSecond = files.length / Math.max(...reports.map(({ seconds }) => seconds))
          add(`${label}ProcessPerSecond`, perSecond)
          add(`${label}ProcessCpuMs`, (sum(reports.map((r) => r.cpuSeconds)) * 1000) / files.length)
          add(`${label}ProcessPeakMb`, sum(reports.map((r) => r.peakMb)))
          say(
            `run ${run} of ${runs}: ${name}, ${label} process${processes > 1 ? "es" : ""}: ${perSecond.toFixed(1)} pictures/s`,
          )
        }
      }
    }
    const figures = (name: keyof typeof timed) =>
      Object.fromEntries([...timed[name]].map(([key, values]) => [key, figure(values)]))
    return compare(
      {
        name: "fingerprint",
        figures: figures("Watchline"),
        baseline: figures("reference"),
        goal: { oneProcessPerSecond: { atLeast: 2.5 } },
        checks: agreement.checks,
        notes: [
          `Baseline: pdqhash 0.2.8 with Pillow 13.0.0, at full size. ${files.length} of ${all.length} files are hashed by both; ${availableParallelism()} cores.`,
          "Watchline's times include SHA-256, SHA-1, MD5, provenance and watermark bits; one worker thread in each of its processes. Of animations both take the first frame alone.",
          ...agreement.notes,
        ],
      },
      ["twoProcessPerSecond", "oneProcessCpuMs", "twoProcessCpuMs"],
    )
  } finally {
    if (made) await rm(made, { recursive: true, force: true })
  }
}

/** Distances between the two hashes of every file that both could read. */
function agreementOf(ours: readonly Row[], theirs: readonly Row[]) {
  const pairs = ours.map((own, at) => ({ own, other: theirs[at]! }))
  const both = pairs.filter(({ own, other }) => own.pdq !== undefined && other.pdq !== undefined)
  const sure = both.filter(({ other }) => other.quality! >= matchQuality)
  const distances = sure.map(({ own, other }) => hammingDistance(own.pdq!, other.pdq!))
  const worst = Math.max(0, ...distances)
  const share = (most: number) => (100 * distances.filter((d) => d <= most).length) / Math.max(1, distances.length)
  const checks: Record<string, Check> = {
    worstDistance: { value: worst, goal: { atMost: 10 }, reached: worst <= 10 },
    percentWithin2: { value: share(2), goal: { atLeast: 95 }, reached: share(2) >= 95 },
  }
  const notes = [
    `Of ${sure.length} hashes of quality ${matchQuality} or more, ${distances.filter((d) => d === 0).length} are equal to the reference's; the farthest differs in ${worst} bits.`,
  ]
  const alone = (name: string, rows: typeof pairs) => {
    if (rows.length === 0) return
    const examples = rows.slice(0, 5).map(({ own, other }) => `${own.file} (${own.error ?? other.error})`)
    notes.push(`${rows.length} hashed by ${name} alone: ${examples.join(", ")}${rows.length > 5 ? " …" : ""}`)
  }
  alone(
    "Watchline",
    pairs.filter(({ own, other }) => own.pdq !== undefined && other.pdq === undefined),
  )
  alone(
    "the reference",
    pairs.filter(({ own, other }) => own.pdq === undefined && other.pdq !== undefined),
  )
  const far = sure.filter((_pair, at) => distances[at]! > 2).slice(0, 5)
  if (far.length > 0) notes.push(`More than 2 bits away: ${far.map(({ own }) => own.file).join(", ")}`)
  return { both: both.map(({ own }) => own.file), checks, notes }
}

async function filesOf(directory: string): Promise<string[]> {
  const files: string[] = []
  for await (const entry of glob("**/*", { cwd: directory, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name))
  }
  if (files.length === 0) throw new Error(`There are no files in ${directory}.`)
  return files.sort()
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
