import { glob, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Bench, compare, figure } from "./comparison.ts"
import { makeGeneratedPictures } from "./generated-pictures.ts"
import { runTogether } from "./paced-process.ts"

const parts = ["pixel", "examine", "decode", "two"] as const
const warm = 4
const repeats = 4
const timeoutMs = 600_000

interface Report {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMb: number
}

/**
 * JPEGs of 800 × 600 from file to descriptor on one core: decoding, digests, PDQ, provenance and the model, in turns with decoding alone and
 * with the examiner without a model; and with two networks in one worker. Pictures are counted by second of processor time, which other load on the machine disturbs less.
 */
export const pixelBench: Bench = async ({ runs, signal, say }) => {
  const folder = await mkdtemp(join(tmpdir(), "watchline-bench-"))
  try {
    say("painting pictures")
    await makeGeneratedPictures(folder, signal)
    const found = (await Array.fromAsync(glob("*-800.jpeg", { cwd: folder }))).sort()
    const files = Array.from({ length: repeats }, () => found.map((file) => join(folder, file))).flat()
    const reports: Record<(typeof parts)[number], Report[]> = { pixel: [], examine: [], decode: [], two: [] }
    for (let run = 0; run < runs; run++) {
      say(`run ${run + 1} of ${runs}`)
      for (const part of parts) {
        const args = [`${import.meta.dirname}/pixel-watchline.ts`, JSON.stringify({ files, part, warm })]
        const [report] = await runTogether<Report>([{ program: process.execPath, args }], { signal, timeoutMs })
        reports[part].push(report!)
      }
    }
    const rate = (part: (typeof parts)[number]) => figure(reports[part].map((r) => files.length / r.cpuSeconds))
    const peak = (part: (typeof parts)[number]) => figure(reports[part].map((r) => r.peakMb))
    const perSecond = rate("pixel").median
    const added = peak("pixel").median - peak("examine").median
    const addedByTwo = peak("two").median - peak("examine").median
    return compare({
      name: "pixel",
      figures: {
        "pictures a second of processor, decoding alone as baseline": rate("pixel"),
        "pictures a second of processor, examiner without a model as baseline": rate("pixel"),
        "peak memory of the process, MB; examiner without a model as baseline": peak("pixel"),
      },
      baseline: {
        "pictures a second of processor, decoding alone as baseline": rate("decode"),
        "pictures a second of processor, examiner without a model as baseline": rate("examine"),
        "peak memory of the process, MB; examiner without a model as baseline": peak("examine"),
      },
      goal: {},
      checks: {
        "pictures a second of one core": { value: perSecond, goal: { atLeast: 12 }, reached: perSecond >= 12 },
        "memory that the model adds to a worker, MB": { value: added, goal: { atMost: 300 }, reached: added <= 300 },
        "memory of the process with the model, MB": {
          value: peak("pixel").median,
          goal: { atMost: 300 },
          reached: peak("pixel").median <= 300,
        },
      },
      notes: [
        `${files.length} JPEGs of 800 × 600; one thread; ratio to decoding alone: ${(perSecond / rate("decode").median).toFixed(3)}.`,
        `Two networks in one worker: ${rate("two").median.toFixed(1)} pictures a second, ${Math.round(addedByTwo)} MB more than without.`,
      ],
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
