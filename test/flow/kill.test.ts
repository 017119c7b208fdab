import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, cpSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { everythingFound } from "../support/everything-found.ts"
import {
  type LocalForum,
  onion,
  prepareWorkspace,
  quickSettings,
  startLocalForum,
  withSystem,
} from "../support/local-forum.ts"
import { seededRandom } from "../support/seeded-random.ts"

const program = join(import.meta.dirname, "../support/killed-process.ts")

/** Moments of a crawl: after a page is leased, between fetch and log, between log and frontier, after the frontier. */
const crawlMoments = [
  "lease:after",
  "fetched:after",
  "append:before",
  "append:after",
  "visited:before",
  "visited:after",
]
/** Moments of the consumers: around the sink, between sink and acknowledge, between a state and what follows from it. */
const workMoments = [
  "put:before",
  "put:after",
  "save:before",
  "save:after",
  "append:after",
  "published:after",
  "acknowledge:before",
  "acknowledge:after",
]

/** @returns how the process ended: the signal that killed it, or its exit code */
async function runProcess(
  home: string,
  forum: LocalForum,
  args: readonly string[],
  killAfterMs?: number,
): Promise<string | number> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, home, ...args], {
    env: { PATH: process.env.PATH, ...quickSettings(forum.socks), WATCHLINE_WORK_BATCH: "40" },
    stdio: ["ignore", "ignore", "inherit"],
  })
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs)
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null]
  clearTimeout(timer)
  return signal ?? code ?? -1
}

test("60 kills of crawl and consumers lose nothing, double nothing, and repeat deliveries underneath", {
  timeout: 600_000,
}, async (t) => {
  const forum = await startLocalForum(t, 14)

  // All runs start from copies of one workspace: what is keyed with its key must be the same too.
  const prepared = join(forum.directory, "prepared")
  await prepareWorkspace(prepared, forum)
  const calm = join(forum.directory, "calm")
  const copyTo = (home: string) => {
    cpSync(prepared, home, { recursive: true })
    chmodSync(join(home, "keys"), 0o700) // modes of folders are not copied
  }
  copyTo(calm)
  assert.equal(await runProcess(calm, forum, ["crawl"]), 0)
  assert.equal(await runProcess(calm, forum, ["work"]), 0)
  const expected = await withSystem(calm, forum, everythingFound)
  assert.equal(expected.posts.length, forum.plan.posts.length)
  assert.equal(expected.tally.sightings, forum.plan.images.length)

  const random = seededRandom(2026)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  let kills = 0
  const kill = async (home: string, command: "crawl" | "work", moments: readonly string[]) => {
    const byClock = random() < 0.15
    const ended = byClock
      ? await runProcess(home, forum, [command], 500 + random() * 1500)
      : await runProcess(home, forum, [command, pick(moments), String(1 + Math.floor(random() * 3))])
    if (ended === "SIGKILL") kills += 1
    else assert.equal(ended, 0, `${command} ends well or is killed`)
    return ended
  }
  // How many kills one crawl survives before it is complete depends on the machine: where they are too few, another crawl takes the rest.
  for (let round = 1; kills < 62; round++) {
    assert.ok(round <= 4, `only ${kills} kills: the runs were over too early to prove anything`)
    const killed = join(forum.directory, `killed-${round}`)
    copyTo(killed)
    let finished = 0
    // in turns, so that consumers meet every state of the log
    for (let turn = 0; kills < 62 && finished < 2; turn++) {
      const crawling = turn % 2 === 0
      const ended = await kill(killed, crawling ? "crawl" : "work", crawling ? crawlMoments : workMoments)
      finished = ended === 0 ? finished + 1 : 0
    }
    t.diagnostic(`${kills} kills`)
    await sleep(1100) // the last dead process's leases
    assert.equal(await runProcess(killed, forum, ["crawl"]), 0)
    assert.equal(await runProcess(killed, forum, ["work"]), 0)

    assert.deepEqual(await withSystem(killed, forum, everythingFound), expected)
    await withSystem(killed, forum, async ({ eventLog, frontier }) => {
      const delivered = await eventLog.read("posts", 1_000_000)
      const repeated = delivered.length - new Set(delivered.map((d) => d.id)).size
      t.diagnostic(`${delivered.length} posts delivered for ${forum.plan.posts.length}: ${repeated} repeated`)
      if (round === 1) assert.ok(repeated > 0, "without a repeated delivery this run proves nothing")
      const counts = await frontier.counts("gnomes")
      assert.equal(counts.failed, 0)
    })
  }
  assert.ok(forum.socks.connections.every((c) => c.host === onion))
})
