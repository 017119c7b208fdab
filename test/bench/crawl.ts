import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { serveForum } from "../../src/demo/forum-server.ts"
import { startTorNetwork } from "../../src/demo/tor-network.ts"
import lean from "../../src/lean-process.json" with { type: "json" }
import { type Bench, compare, figure } from "./comparison.ts"
import { type ContenderReport, runContender } from "./contender.ts"
import { type LargeForum, makeLargeForum } from "./large-forum.ts"
import { installPeers } from "./peer-packages.ts"

/** The demo forum so many times: 800 pictures, 1800 posts. */
const copies = 2
const timeoutMs = 300_000

/** Politeness off; a forum on the same machine is nobody's burden. */
const watchlineSettings = {
  WATCHLINE_CRAWL_DELAY_MS: "0",
  WATCHLINE_CRAWL_PAGES: "16",
  WATCHLINE_CRAWL_PICTURES: "32",
  WATCHLINE_CRAWL_PICTURE_CIRCUITS: "16",
}
/** Its best of 4/16, 8/8, 16/16 and 16/32 circuits and pages at once; pictures of a page all at once. */
const crawleeSettings = { circuits: 16, pages: 16 }

/**
 * Crawls one forum through one private Tor network, in turns with Crawlee's CheerioCrawler: parse posts, hash pictures. Watchline also
 * computes PDQ, digests and provenance, seals text and stores durably; Crawlee hashes SHA-256 in its page handler. A run whose posts or
 * pictures differ from the forum's is an error.
 *
 * Two forms of Crawlee run. The baseline is the crawler as its documentation sets it up: results kept on disk, a connection for each
 * request. Beside it stands what tuning makes of it at the price of losing everything in a crash: results in memory, connections kept open.
 */
export const crawlBench: Bench = async ({ directory, runs, signal, say }) => {
  const peers = installPeers(say)
  const work = directory ?? (await mkdtemp(join(tmpdir(), "watchline-bench-")))
  say("making the forum and its pictures")
  const forum = await makeLargeForum(copies, () => signal.throwIfAborted())
  const server = await serveForum(forum.plan, forum.pictures)
  const stops: (() => Promise<unknown>)[] = [() => server.close()]
  try {
    say("starting a private Tor network on loopback")
    const network = await startTorNetwork({
      directory: join(work, "tor"),
      onions: [{ name: "forum", targetPort: server.port }],
      signal,
    })
    stops.unshift(() => network.stop())
    const url = `http://${network.onions.get("forum")}/`
    const { socks } = network
    const truth = contentsOf(forum)

    const watchline = async (run: number) => {
      const home = join(work, `workspace-${run}`)
      try {
        return await runContender({
          program: join(import.meta.dirname, "crawl-watchline.ts"),
          task: { url, socks, home, settings: watchlineSettings },
          // As `watchline crawl` runs.
          flags: ["--disable-warning=ExperimentalWarning", ...lean.flags],
          env: lean.env,
          signal,
          timeoutMs,
        })
      } finally {
        await rm(home, { recursive: true, force: true })
      }
    }
    const crawlee = (storage: string | undefined) =>
      runContender({
        program: join(peers, "crawlee.mjs"),
        task: { url, socks, ...crawleeSettings, ...(storage ? { storage } : { keepAlive: true }) },
        flags: [],
        env: {},
        signal,
        timeoutMs,
      })
    const documented = async (run: number) => {
      const storage = join(work, `crawlee-${run}`)
      return crawlee(storage).finally(() => rm(storage, { recursive: true, force: true }))
    }

    const ours: ContenderReport[] = []
    const theirs: ContenderReport[] = []
    const tuned: ContenderReport[] = []
    for (let run = 1; run <= runs; run++) {
      for (const [name, reports, start] of [
        ["Watchline", ours, watchline],
        ["Crawlee", theirs, documented],
        ["Crawlee, tuned", tuned, () => crawlee(undefined)],
      ] as const) {
        const report = await start(run)
        check(name, report, forum, truth)
        reports.push(report)
        say(
          `run ${run} of ${runs}: ${name} ${report.seconds.toFixed(1)} s, ${(report.pictures / report.seconds).toFixed(1)} pictures/s, ${report.peakMb.toFixed(0)} MiB`,
        )
      }
    }
    const [own, other] = [figuresOf(ours), figuresOf(tuned)]
    const against = (name: "picturesPerSecond" | "peakMb") => (own[name].median / other[name].median).toFixed(2)
    return compare({
      name: "crawl",
      figures: own,
      baseline: figuresOf(theirs),
      goal: { picturesPerSecond: { atLeast: 1.5 }, peakMb: { atMost: 0.5 } },
      notes: [
        `Baseline: Crawlee's CheerioCrawler, ${crawleeSettings.pages} pages at once over ${crawleeSettings.circuits} circuits, results on disk.`,
        `Crawlee tuned (connections kept open, results in memory alone): ${other.picturesPerSecond.median.toFixed(1)} pictures/s, ${other.peakMb.median.toFixed(0)} MiB; Watchline has ${against("picturesPerSecond")} times its throughput at ${against("peakMb")} of its memory.`,
        `${forum.plan.posts.length} posts and ${forum.plan.images.length} pictures, all found by both in each of ${runs} runs; ${availableParallelism()} cores, which Tor's eight processes and the forum share.`,
      ],
    })
  } finally {
    for (const stop of stops) await stop()
    if (directory === undefined) await rm(work, { recursive: true, force: true })
  }
}

function figuresOf(reports: readonly ContenderReport[]) {
  const perSecond = (count: (report: ContenderReport) => number) => figure(reports.map((r) => count(r) / r.seconds))
  return {
    picturesPerSecond: perSecond((r) => r.pictures),
    pagesPerSecond: perSecond((r) => r.pages),
    postsPerSecond: perSecond((r) => r.posts),
    seconds: figure(reports.map((r) => r.seconds)),
    cpuSeconds: figure(reports.map((r) => r.cpuSeconds)),
    mainThreadCpuSeconds: figure(reports.map((r) => r.mainThreadCpuSeconds)),
    peakMb: figure(reports.map((r) => r.peakMb)),
  }
}

function check(name: string, report: ContenderReport, { plan }: LargeForum, truth: string): void {
  if (report.posts === plan.posts.length && report.contents === truth) return
  throw new Error(
    `${name} found ${report.posts} posts and ${report.pictures} pictures; the forum holds ${plan.posts.length} and ${plan.images.length}${report.posts === plan.posts.length ? ", with other contents" : ""}.`,
  )
}

/** As the contenders compute it: every post with the digests of its own pictures. */
function contentsOf({ plan, pictures }: LargeForum): string {
  const digests = new Map(
    plan.images.map((image) => [image.id, createHash("sha256").update(pictures.get(image.name)!).digest("hex")]),
  )
  const lines = plan.posts.map((post) => `${post.id} ${post.images.map((id) => digests.get(id)).sort()}`)
  return createHash("sha256")
    .update([...new Set(lines)].sort().join("\n"))
    .digest("hex")
}
