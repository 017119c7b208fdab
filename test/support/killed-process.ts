// One crawl or work run in a process of its own that kills itself (SIGKILL) at a chosen moment:
//   node killed-process.ts HOME crawl|work POINT COUNT
// POINT names a call of a port and whether the kill comes before or after it, e.g. "append:after"; COUNT says at which call. "none" never kills.
import type { SqliteStores } from "../../src/adapters/sqlite/stores.ts"
import { crawlAll } from "../../src/cli/crawl-all.ts"
import { openOutput } from "../../src/cli/output.ts"
import { workStages } from "../../src/cli/work-stages.ts"
import type { Subscription } from "../../src/ports/event-log.ts"
import { openSystem } from "../../src/system.ts"

const [home, command, point = "none", count = "1"] = process.argv.slice(2)
const [killAt, killWhen] = point.split(":")
let left = Number(count)

/** Kills this process when the chosen moment has come. */
function moment(name: string, when: "before" | "after"): void {
  if (name !== killAt || when !== killWhen) return
  left -= 1
  if (left === 0) process.kill(process.pid, "SIGKILL")
}

function deadly<Args extends unknown[], Result>(name: string, call: (...args: Args) => Promise<Result>) {
  return async (...args: Args): Promise<Result> => {
    moment(name, "before")
    const result = await call(...args)
    moment(name, "after")
    return result
  }
}

function wrapStores(stores: SqliteStores): SqliteStores {
  const { eventLog, frontier, writer, clusters } = stores
  const watched = (subscription: Subscription): Subscription => ({
    next: (max) => subscription.next(max),
    acknowledge: deadly("acknowledge", (receipts) => subscription.acknowledge(receipts)),
    renew: () => subscription.renew(),
    close: () => subscription.close(),
  })
  return {
    ...stores,
    eventLog: {
      append: deadly("append", (messages) => eventLog.append(messages)),
      subscribe: async (group, topics) => watched(await eventLog.subscribe(group, topics)),
      lag: (group, topics) => eventLog.lag(group, topics),
      read: (topic, limit, group) => eventLog.read(topic, limit, group),
      close: () => eventLog.close(),
    },
    frontier: {
      add: (forum, links) => frontier.add(forum, links),
      lease: deadly("lease", (worker, now, options) => frontier.lease(worker, now, options)),
      renew: (worker, now) => frontier.renew(worker, now),
      visited: deadly("visited", (lease, result, now) => frontier.visited(lease, result, now)),
      failed: (lease, error, now) => frontier.failed(lease, error, now),
      release: (lease) => frontier.release(lease),
      shownBefore: (forum, url, content) => frontier.shownBefore(forum, url, content),
      room: (forum) => frontier.room(forum),
      examined: deadly("fetched", (forum, urls) => frontier.examined(forum, urls)),
      nextDue: (forums, which) => frontier.nextDue(forums, which),
      counts: (forum) => frontier.counts(forum),
      close: () => frontier.close(),
    },
    writer: { put: deadly("put", (records) => writer.put(records)) },
    clusters: {
      points: () => clusters.points(),
      memberships: () => clusters.memberships(),
      save: deadly("save", (points, changed) => clusters.save(points, changed)),
      unpublished: () => clusters.unpublished(),
      published: deadly("published", (memberships) => clusters.published(memberships)),
    },
  }
}

const system = await openSystem(home!, { env: process.env, wrapStores })
const context = { output: openOutput("json"), signal: new AbortController().signal }
if (command === "crawl") await crawlAll(system, context, { forums: [], once: true })
else await workStages(system, context, { stages: [], once: true })
await system.close()
