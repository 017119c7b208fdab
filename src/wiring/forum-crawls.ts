import { randomUUID } from "node:crypto"
import type { CrawlProgress, CrawlSummary } from "../../crawlers/crawl.ts"
import type { Fetcher } from "../../crawlers/fetch/fetcher.ts"
import type { PageInput } from "../../crawlers/forums/forum-engine.ts"
import type { MandateGate } from "../../crawlers/mandate.ts"
import { createPoliteness } from "../../crawlers/politeness.ts"
import type { Config } from "../config.ts"
import type { Log } from "../log.ts"
import type { Forum } from "../model/forum.ts"
import type { Clock } from "../model/record.ts"
import type { EventLog } from "../ports/event-log.ts"
import type { Frontier } from "../ports/frontier.ts"
import type { ImageExaminer } from "../ports/image-examiner.ts"
import type { TextVault } from "../ports/text-vault.ts"
import type { Tracing } from "../ports/tracing.ts"
import { crawling, engines, fetching } from "./crawler-modules.ts"
import type { MandateBook } from "./mandate-book.ts"
import { type TorConnection, type TorEndpoint, torAway } from "./tor-connection.ts"

export interface DetectedForum {
  readonly engine: string
  readonly markers: readonly string[]
  readonly kind: string
  readonly posts: number
  readonly links: number
}

/** What goes out to forums. */
export interface ForumCrawls {
  /** Crawls one forum under its mandate; see `crawlForum` for how it ends. */
  crawl(
    forum: Forum,
    options: { once: boolean; signal: AbortSignal; onProgress?: (progress: CrawlProgress) => void },
  ): Promise<CrawlSummary>
  /** Fetches one page and says which software it shows. @param mandate found by the address's host if left out */
  detectForum(url: string, mandate: string | undefined, signal: AbortSignal): Promise<DetectedForum>
}

export function openForumCrawls(parts: {
  readonly config: Config
  readonly mandates: MandateBook
  readonly tor: TorConnection
  readonly frontier: Frontier
  readonly eventLog: EventLog
  readonly vault: TextVault
  readonly examiner: () => ImageExaminer
  readonly tracing: Tracing
  readonly log: Log
  readonly clock: Clock
  readonly random: () => number
}): ForumCrawls {
  const { config, mandates, tor, vault, clock, random } = parts

  async function fetcherFor(forum: Pick<Forum, "id" | "url">, gate: MandateGate, socks: TorEndpoint): Promise<Fetcher> {
    const { openHttpFetcher } = await fetching()
    const timeoutMs = config.crawl.timeoutSeconds * 1000
    return openHttpFetcher({
      forum,
      gate,
      socks,
      circuits: config.crawl.pictureCircuits,
      clock,
      limits: {
        pageBytes: config.crawl.pageMaxBytes,
        imageBytes: config.crawl.pictureMaxBytes,
        pageMs: timeoutMs,
        imageMs: timeoutMs,
      },
    })
  }

  async function engineFor(name: string) {
    const { engineDetector, engineByName } = await engines()
    return name === "auto" ? engineDetector() : () => engineByName(name)
  }

  return {
    async crawl(forum, { once, signal, onProgress }) {
      const gate = await mandates.gate(forum.mandate)
      gate.allowUrl(forum.url)
      await vault.expire(clock())
      const crawlThrough = async (socks: TorEndpoint) => {
        const fetcher = await fetcherFor(forum, gate, socks)
        try {
          const { crawlForum } = await crawling()
          return await crawlForum({
            forum,
            gate,
            retentionDays: gate.mandate.retentionDays,
            fetcher,
            politeness: createPoliteness(config.crawl, clock, random),
            examiner: parts.examiner(),
            vault,
            eventLog: parts.eventLog,
            frontier: parts.frontier,
            engineFor: await engineFor(forum.engine),
            clock,
            tracing: parts.tracing,
            revisitMs: config.crawl.revisitMinutes * 60_000,
            worker: `${process.pid}-${randomUUID()}`,
            log: parts.log,
            pages: config.crawl.pages,
            once,
            signal,
            leaseMs: config.crawl.leaseSeconds * 1000,
            torAnswers: () => tor.answers(socks),
            torPatienceMs: config.tor.patienceSeconds * 1000,
            ...(onProgress ? { onProgress } : {}),
          })
        } finally {
          await fetcher.close()
        }
      }
      for (;;) {
        const socks = await tor.endpoint(signal)
        if (!(await tor.answers(socks))) throw torAway(socks)
        try {
          return await crawlThrough(socks)
        } catch (error) {
          // the workspace's own tor died: start another, whose port is a new one, and go on
          if (!tor.ownEnded() || signal.aborted) throw error
        }
      }
    },

    async detectForum(url, mandate, signal) {
      const gate = await (mandate === undefined ? mandates.gateOfHost(url) : mandates.gate(mandate))
      gate.allowUrl(url)
      const fetcher = await fetcherFor({ id: `detect-${new URL(url).hostname}`, url }, gate, await tor.endpoint(signal))
      try {
        const page = await fetcher.page(url, signal)
        const input: PageInput = { url: page.url, html: page.html, timeZone: "UTC", now: clock() }
        const { engine, markers } = (await engines()).detectEngine(input)
        const { kind, posts, links } = engine.parse(input)
        return { engine: engine.name, markers, kind, posts: posts.length, links: links.length }
      } finally {
        await fetcher.close()
      }
    },
  }
}
