// Watchline's own part in `bench crawl`, in a process of its own so that its memory is its alone.
// argv: one JSON object {url, socks: {host, port}, home, settings}. Answers with one JSON line.
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import type { Post } from "../../src/model/post.ts"
import { instant } from "../../src/model/record.ts"
import type { Sighting } from "../../src/model/sighting.ts"
import { createWorkspace, openSystem } from "../../src/system.ts"

const { url, socks, home, settings } = JSON.parse(process.argv[2]!) as {
  url: string
  socks: { host: string; port: number }
  home: string
  settings: Record<string, string>
}
await createWorkspace(home, "Bench")
const system = await openSystem(home, { env: { ...settings, WATCHLINE_TOR_SOCKS: `${socks.host}:${socks.port}` } })
const now = system.clock()
const { id: mandate } = await system.signMandate(
  {
    issuingBody: "Bench",
    legalBasis: "measurement on this machine",
    reference: "BENCH-1",
    hosts: [new URL(url).hostname],
    collect: ["posts", "text", "fingerprints"],
    retentionDays: 90,
    start: instant(now - 60_000),
    expiry: instant(now + 86_400_000),
    robots: "ignore",
  },
  "bench",
)
const forum = await system.addForum({ url, mandate, engine: "auto", id: "bench", timeZone: "UTC", person: "bench" })

const began = performance.now()
const [before, mainBefore] = [process.cpuUsage(), process.threadCpuUsage()]
const summary = await system.crawl(forum, { once: true, signal: new AbortController().signal })
const seconds = (performance.now() - began) / 1000
const [used, mainUsed] = [process.cpuUsage(before), process.threadCpuUsage(mainBefore)]
const peak = /VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))

const posts = (await system.eventLog.read("posts", 1_000_000)).map(({ value }) => value as Post)
const sightings = (await system.eventLog.read("sightings", 1_000_000)).map(({ value }) => value as Sighting)
const pictures = Map.groupBy(sightings, ({ post }) => post)
await system.close()
process.stdout.write(
  `${JSON.stringify({
    seconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    mainThreadCpuSeconds: (mainUsed.user + mainUsed.system) / 1e6,
    peakMb: Number(peak?.[1] ?? process.resourceUsage().maxRSS) / 1024,
    pages: summary.pages,
    pictures: new Set(sightings.map(({ url: picture }) => picture)).size,
    failed: summary.pageFailures,
    posts: posts.length,
    contents: digest(
      posts.map(({ id, postId }) => `${postId} ${(pictures.get(id) ?? []).map(({ sha256 }) => sha256).sort()}`),
    ),
  })}\n`,
)

/** Of every post with its pictures, whatever their order. */
function digest(lines: readonly string[]): string {
  return createHash("sha256")
    .update([...new Set(lines)].sort().join("\n"))
    .digest("hex")
}
