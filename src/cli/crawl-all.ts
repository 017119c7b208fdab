import { setTimeout as sleep } from "node:timers/promises"
import type { CrawlProgress, CrawlSummary } from "../../crawlers/crawl.ts"
import { WatchlineError } from "../errors.ts"
import type { System } from "../system.ts"
import type { Context } from "./context.ts"
import { serveStatus } from "./serve-status.ts"

export interface ForumResult extends CrawlSummary {
  readonly forum: string
}

const nothingYet = { pages: 0, posts: 0, pictures: 0, pageFailures: 0, pictureFailures: 0, alarms: 0 }

/**
 * Crawls several forums side by side, each with its own identity. The first error that stops one, the mandate's end for instance, is
 * thrown after the others have ended their pages.
 */
export async function crawlAll(
  system: System,
  context: Pick<Context, "output" | "signal">,
  options: { readonly forums: readonly string[]; readonly once: boolean },
): Promise<ForumResult[]> {
  const forums = await system.chooseForums(options.forums)
  if (forums.length === 0) {
    throw new WatchlineError("not_found", {
      message: "No forum is registered.",
      remedy: "Add one: `watchline forum add URL --mandate ID`.",
    })
  }
  await system.eventLog.lag("crawl", ["posts"]) // a log that is away is said before any forum is asked for a page
  const progress = new Map<string, CrawlProgress>()
  const bar = context.output.progress("crawl", 1)
  const status = await serveStatus(system, {
    needs: [
      {
        name: "Tor",
        check: async () => {
          const away = [...progress.values()].some(({ state }) => state === "waiting for Tor")
          if (away) throw new WatchlineError("tor_unreachable")
        },
      },
    ],
  })
  status.metrics.watchForums(
    forums.map(({ id }) => ({
      name: id,
      done: () => progress.get(id) ?? nothingYet,
      frontier: () => system.frontier.counts(id),
    })),
    () => system.examiner.load(),
  )
  const show = async () => {
    const all = [...progress.values()]
    const sum = (pick: (p: CrawlProgress) => number) => all.reduce((total, p) => total + pick(p), 0)
    const state = all.map((p) => p.state).find((s) => s !== "crawling") ?? ""
    bar.update(
      sum((p) => p.pages),
      `pages, ${sum((p) => p.posts)} posts, ${sum((p) => p.pictures)} pictures ${state}`,
    )
  }
  const halt = new AbortController()
  /** For the bar alone: what the store cannot say now it says later. */
  const planned = (async () => {
    for (;;) {
      await sleep(500, undefined, { signal: halt.signal })
      const counts = await Promise.all(forums.map((f) => system.frontier.counts(f.id))).catch(() => [])
      if (counts.length > 0) bar.total(counts.reduce((total, c) => total + c.visited + c.waiting + c.leased, 0))
    }
  })().catch(() => {})
  try {
    const settled = await Promise.allSettled(
      forums.map(async (forum): Promise<ForumResult> => {
        const summary = await system.crawl(forum, {
          once: options.once,
          signal: context.signal,
          onProgress: (p) => {
            progress.set(forum.id, { ...p })
            void show()
          },
        })
        return { forum: forum.id, ...summary }
      }),
    )
    const failed = settled.find((s) => s.status === "rejected")
    if (failed) throw failed.reason
    return settled.flatMap((s) => (s.status === "fulfilled" ? [s.value] : []))
  } finally {
    halt.abort()
    await planned
    bar.stop()
    await status.close()
  }
}
