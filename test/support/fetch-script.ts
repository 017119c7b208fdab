import { fileURLToPath } from "node:url"
import { openHttpFetcher } from "../../crawlers/fetch/http-fetcher.ts"
import { describeError } from "../../src/errors.ts"
import { testGate } from "./test-mandate.ts"

/** What the script is told, as JSON in its only argument. */
export interface FetchPlan {
  readonly socks: { readonly host: string; readonly port: number }
  readonly host: string
  readonly pages: readonly string[]
  readonly pictures: readonly string[]
  readonly imageBytes?: number
}

/** What it prints, as JSON. */
export interface FetchReport {
  /** One for each page, then one for each picture: "ok" or an error code. */
  readonly outcomes: readonly string[]
  /** Resident memory after the first page and at its peak. */
  readonly startMiB: number
  readonly peakMiB: number
}

/** This file: run by itself, it fetches what its plan says, one after another, in a process that does nothing else. */
export const fetchScript = fileURLToPath(import.meta.url)

async function run(plan: FetchPlan): Promise<FetchReport> {
  const fetcher = openHttpFetcher({
    forum: { id: "gnomes", url: `http://${plan.host}/` },
    gate: testGate([plan.host]),
    socks: plan.socks,
    circuits: 2,
    clock: Date.now,
    ...(plan.imageBytes ? { limits: { imageBytes: plan.imageBytes } } : {}),
  })
  const outcomes: string[] = []
  const note = (work: Promise<unknown>) =>
    work.then(
      () => outcomes.push("ok"),
      (error: unknown) => outcomes.push(describeError(error).code),
    )
  const signal = new AbortController().signal
  let startMiB = 0
  for (const path of plan.pages) {
    await note(fetcher.page(`http://${plan.host}${path}`, signal))
    startMiB ||= Math.round(process.memoryUsage.rss() / 1048576)
  }
  for (const path of plan.pictures) await note(fetcher.picture(`http://${plan.host}${path}`, signal))
  await fetcher.close()
  return { outcomes, startMiB, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) }
}

if (process.argv[1] === fetchScript) {
  process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2]!) as FetchPlan)))
}
