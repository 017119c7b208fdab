import assert from "node:assert/strict"
import { join } from "node:path"
import { suite, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import type { Frontier } from "../../src/ports/frontier.ts"
import type { System } from "../../src/system.ts"
import { elasticServer } from "../contract/elastic-bench.ts"
import { everythingFound } from "../support/everything-found.ts"
import {
  type LocalForum,
  onion,
  prepareWorkspace,
  quickSettings,
  startLocalForum,
  withSystem,
} from "../support/local-forum.ts"
import { type Ended, type Running, startCommand } from "../support/workspace-command.ts"

// Whole crawls with frontier, index and case file in a real Elasticsearch.

const { url, server, prefix } = elasticServer()

function settings(forum: LocalForum, name: string): Record<string, string> {
  return {
    ...quickSettings(forum.socks),
    WATCHLINE_ENGINES_INDEX: "elastic",
    WATCHLINE_ELASTIC_NODES: url(),
    WATCHLINE_ELASTIC_PREFIX: `${prefix}-${name}`,
    WATCHLINE_CRAWL_LEASE_SECONDS: "3",
  }
}

suite("crawls over Elasticsearch", { concurrency: false }, () => {
  test("crawl and workers ride out an Elasticsearch that is killed: every post and picture once", async (t) => {
    const forum = await startLocalForum(t, 4)
    const home = join(forum.directory, "gnomes")
    const env = settings(forum, "killed")
    await prepareWorkspace(home, forum, undefined, env)
    const crawl = startCommand({ home, env }, "crawl", "--once", "--json")
    await reached(forum, 6, crawl)
    await server().kill()
    await server().restart()
    assert.equal((await crawl.ended).exit, 0, crawl.stderr())
    const work = await startCommand({ home, env }, "work", "--once", "--json").ended
    assert.equal(work.exit, 0, work.stderr)
    await withSystem(home, forum, (system) => allFoundOnce(system, forum), env)
  })

  test("of several crawl processes one holds the forum; when it is killed another takes over", async (t) => {
    const forum = await startLocalForum(t, 4)
    const home = join(forum.directory, "gnomes")
    const env = {
      ...settings(forum, "shared"),
      WATCHLINE_CRAWL_DELAY_MS: "200",
      WATCHLINE_CRAWL_JITTER: "0",
      WATCHLINE_CRAWL_PAGES: "1",
    }
    await prepareWorkspace(home, forum, undefined, env)
    const crawls = [1, 2, 3].map(() => startCommand({ home, env }, "crawl", "--json"))
    t.after(() => {
      for (const crawl of crawls) crawl.process.kill("SIGKILL")
    })
    const watched = <Result>(ask: (frontier: Frontier) => Promise<Result>) =>
      withSystem(home, forum, ({ frontier }) => ask(frontier), env)
    await reached(forum, 4, ...crawls)
    for (let look = 0; look < 4; look++) {
      const { leased } = await watched((frontier) => frontier.counts("gnomes"))
      assert.ok(leased <= 1, "one page at a time, whoever fetches it")
    }
    for (const crawl of crawls.slice(0, 2)) crawl.process.kill("SIGKILL")
    const before = forum.server.requests().total
    while ((await watched((frontier) => frontier.nextDue(["gnomes"], "unfinished"))) !== undefined) await sleep(500)
    assert.ok(forum.server.requests().total > before, "the third process should have gone on")
    crawls[2]!.process.kill("SIGTERM")
    await crawls[2]!.ended
    const work = await startCommand({ home, env }, "work", "--once", "--json").ended
    assert.equal(work.exit, 0, work.stderr)
    await withSystem(home, forum, (system) => allFoundOnce(system, forum), env)
    assert.ok(forum.socks.connections.every((connection) => connection.host === onion))
  })
})

/** Resolves when the forum was asked so often; a crawl that ends before has failed. */
async function reached(forum: LocalForum, requests: number, ...crawls: readonly Running[]): Promise<void> {
  let early: Ended | undefined
  for (const crawl of crawls) void crawl.ended.then((ended) => (early ??= ended))
  while (forum.server.requests().total < requests) {
    assert.equal(early, undefined, `a crawl ended: ${early?.stderr}`)
    await sleep(10)
  }
}

async function allFoundOnce(system: System, forum: LocalForum): Promise<void> {
  const { posts, tally } = await everythingFound(system)
  assert.equal(posts.length, forum.plan.posts.length)
  assert.equal(tally.sightings, forum.plan.images.length)
}
