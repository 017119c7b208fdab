import Type from "typebox"
import { Compile } from "typebox/compile"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import { describeError } from "../../src/errors.ts"
import { examinationShape } from "../../src/model/fingerprint.ts"
import { seededRandom } from "../support/seeded-random.ts"
import { hostileFiles } from "./hostile-files.ts"
import { mutated } from "./mutations.ts"
import { seedFiles } from "./seed-files.ts"

export interface FuzzPlan {
  readonly files: number
  readonly seed: number
  /** Number of the first file, to have one again that failed. */
  readonly from?: number
  /** What one file may take. */
  readonly limitMs?: number
  readonly signal?: AbortSignal
  readonly onFile?: (done: number) => void
}

export interface FuzzReport {
  readonly files: number
  readonly seconds: number
  /** Each with the number, the name and what happened: the same seed and number give the same file. */
  readonly failures: readonly string[]
  readonly slowest: { readonly ms: number; readonly file: string }
  /** Most resident memory of the process beyond what it had before its worker started, in MiB: the worker, and some of the making. */
  readonly peakMb: number
  /** Files by what became of them: "hashed", or the code of the error. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly signals: number
  /** Files that cost the verifier its worker; they lose that fact alone. */
  readonly verifier: Readonly<Record<string, number>>
}

const limitMb = 512
/** One, so that the process is the worker and this. */
const workers = 1
const validator = Compile(Type.Object(examinationShape, { additionalProperties: false }))

/**
 * Examines files that were made to do harm, then mutations of good ones, in the very pool that a crawl uses, verification included. Fails
 * for a worker that dies or takes over two seconds or 512 MiB, and a file that gets neither a hash nor an error code.
 */
export async function runFuzz({
  files,
  seed,
  from = 0,
  limitMs = 2000,
  signal,
  onFile,
}: FuzzPlan): Promise<FuzzReport> {
  const seeds = await seedFiles()
  const hostile = Object.entries(hostileFiles)
  const before = process.memoryUsage.rss()
  const pool = openExaminerPool({ workers })
  const failures: string[] = []
  const outcomes: Record<string, number> = {}
  const verifier: Record<string, number> = {}
  let slowest = { ms: 0, file: "" }
  let peak = 0
  let signals = 0
  let done = 0
  const started = performance.now()

  const fileOf = (number: number): { name: string; bytes: Buffer } => {
    const harmful = hostile[number]
    if (harmful) return { name: harmful[0], bytes: harmful[1]() }
    const random = seededRandom((seed * 1_000_003 + number) >>> 0)
    const pick = () => {
      // Structures without a picture test the walkers, whole pictures the decoders too.
      const from = random() < 0.4 ? seeds.whole : seeds.structures
      return from[Math.floor(random() * from.length)]!
    }
    const { bytes, how } = mutated(pick(), pick(), random)
    return { name: how, bytes }
  }
  const fails = (number: number, name: string, what: string) => failures.push(`${number} (${name}): ${what}`)

  const examineOne = async (number: number): Promise<void> => {
    const { name, bytes } = fileOf(number)
    const began = performance.now()
    try {
      const { card, ...result } = await pool.examine(new Uint8Array(bytes))
      card?.content.fill(0)
      if (!validator.Check(result)) fails(number, name, `no valid record: ${validator.Errors(result)[0]?.instancePath}`)
      if (!result.pdq && !result.error) fails(number, name, "neither a hash nor an error code")
      const outcome = result.error ?? "hashed"
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      signals += result.signals.length
      for (const reason of result.c2pa?.reasons ?? []) {
        if (/^verifier\.(?:crashed|timeout)/.test(reason)) verifier[reason] = (verifier[reason] ?? 0) + 1
      }
    } catch (error) {
      fails(number, name, describeError(error).code)
    }
    const ms = performance.now() - began
    if (ms > slowest.ms) slowest = { ms, file: `${number} (${name})` }
    if (ms > limitMs) fails(number, name, `${Math.round(ms)} ms`)
    const mb = (process.memoryUsage.rss() - before) / 2 ** 20
    if (mb > limitMb && peak <= limitMb) fails(number, name, `${Math.round(mb)} MiB`)
    peak = Math.max(peak, mb)
    onFile?.(++done)
  }
  try {
    // The time of one file must not be that of loading the worker.
    await pool.examine(new Uint8Array(seeds.whole[0]!))
    const numbers = Array.from({ length: files }, (_, index) => from + index).values()
    const lane = async () => {
      for (const number of numbers) {
        signal?.throwIfAborted()
        await examineOne(number)
      }
    }
    await Promise.all(Array.from({ length: workers }, lane))
  } finally {
    await pool.close()
  }
  return {
    files,
    seconds: (performance.now() - started) / 1000,
    failures,
    slowest,
    peakMb: peak,
    outcomes,
    signals,
    verifier,
  }
}
