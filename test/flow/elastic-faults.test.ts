import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { suite, type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import type { BulkTally } from "../../src/adapters/elastic/bulk.ts"
import type { ElasticStores, ElasticStoresOptions } from "../../src/adapters/elastic/stores.ts"
import { openSqliteStores } from "../../src/adapters/sqlite/stores.ts"
import { describeError, type WatchlineError } from "../../src/errors.ts"
import { silentLog } from "../../src/log.ts"
import { deadLetters } from "../../src/pipeline/dead-letters.ts"
import { runStage } from "../../src/pipeline/run-stage.ts"
import type { EventLog, Message, Topic } from "../../src/ports/event-log.ts"
import type { Findings, FindingsWriter, Indexed } from "../../src/ports/findings.ts"
import { noTracing } from "../../src/ports/tracing.ts"
import { storeStage } from "../../src/stages/store.ts"
import { elasticServer } from "../contract/elastic-bench.ts"
import { aPost } from "../contract/records.ts"
import { type ElasticProxy, type ProxyMode, startElasticProxy } from "../support/elastic-proxy.ts"
import { gardenRecords } from "../support/garden-records.ts"

// The store stage over a real Elasticsearch that fails in the middle of its work. Afterwards everything that an analyst can see equals what
// an undisturbed run leaves: nothing is lost, nothing counted twice. Each test also shows that records were really written again.

const { bench, rest, url, server, prefix } = elasticServer()
const garden = gardenRecords(500)

async function everythingSeen(findings: Findings): Promise<unknown> {
  return {
    tally: await findings.tally({}),
    posts: await Array.fromAsync(findings.posts({})),
    images: await Array.fromAsync(findings.images({})),
    findings: await Array.fromAsync(findings.findings({})),
    clusters: await Array.fromAsync(findings.clusters({})),
    artefacts: await Array.fromAsync(findings.artefacts({})),
    trend: await findings.trend("sightings", "week", "forum", {}),
  }
}

let undisturbed: Promise<unknown> | undefined
/** What the embedded stores answer, which nothing disturbed: the same for every test. */
function expected(t: TestContext): Promise<unknown> {
  undisturbed ??= (async () => {
    const { stores } = await embedded(t)
    await stores.writer.put(garden)
    return everythingSeen(stores.findings)
  })()
  return undisturbed
}

async function embedded(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "watchline-faults-"))
  const stores = openSqliteStores(directory, { clock: Date.now, random: () => 0.5 })
  t.after(async () => {
    await stores.close()
    await rm(directory, { recursive: true })
  })
  return { stores }
}

const topics: Readonly<Record<Indexed["kind"], Topic>> = {
  post: "posts",
  fingerprint: "fingerprints",
  sighting: "sightings",
  membership: "memberships",
  finding: "findings",
  attachment: "posts",
  visit: "visits",
}
/** In the order in which the pipeline keeps them: by thread, or by what they are about. */
const message = ({ kind, record }: Indexed): Message => {
  const key = "thread" in record ? `${record.forum}/${record.thread}` : record.id
  return { topic: topics[kind], key, kind, version: 1, id: record.id, value: record }
}

interface Run {
  readonly stores: ElasticStores
  readonly eventLog: EventLog
  /** How often a record was offered to the writer again. */
  repeated(): number
  /** What Elasticsearch said in all. */
  readonly said: { written: number; kept: number; throttled: number; failed: number }
  /** Codes of the errors that the writer met. */
  readonly errors: Set<string>
  /** Drains the log. */
  work(): Promise<{ done: number; dead: number }>
  /** Resolves when so many documents were written. */
  written(count: number): Promise<void>
}

async function prepare(
  t: TestContext,
  records: readonly Indexed[],
  options: Partial<ElasticStoresOptions> = {},
): Promise<Run> {
  const said = { written: 0, kept: 0, throttled: 0, failed: 0 }
  const onBulk = (tally: BulkTally) => {
    for (const key of ["written", "kept", "throttled", "failed"] as const) said[key] += tally[key]
  }
  // What was found is asked for past the proxy, and with as much time as it takes.
  const { stores: undisturbedStores, open } = await bench(t)
  const stores = open({ onBulk, ...options })
  const { eventLog } = (await embedded(t)).stores
  await eventLog.append(records.map(message))
  const errors = new Set<string>()
  const offered = new Map<string, number>()
  const writer: FindingsWriter = {
    async put(batch) {
      for (const { record } of batch)
        offered.set(JSON.stringify(record), (offered.get(JSON.stringify(record)) ?? 0) + 1)
      try {
        return await stores.writer.put(batch)
      } catch (error) {
        errors.add(describeError(error).code)
        throw error
      }
    },
  }
  return {
    stores: undisturbedStores,
    eventLog,
    said,
    errors,
    repeated: () => [...offered.values()].filter((times) => times > 1).length,
    work: () =>
      runStage(storeStage({ writer, gate: async () => {} }), {
        eventLog,
        log: silentLog,
        clock: Date.now,
        random: () => 0,
        batch: 100,
        attempts: 3,
        signal: AbortSignal.any([t.signal, AbortSignal.timeout(120_000)]),
        tracing: noTracing,
        once: true,
      }),
    async written(count) {
      while (said.written < count) await sleep(5)
    },
  }
}

/** Runs the stage behind a proxy that misbehaves for a while in mid-work. */
async function disturbedRun(
  t: TestContext,
  mode: ProxyMode,
  more: Partial<ElasticStoresOptions> = {},
): Promise<Run & { proxy: ElasticProxy }> {
  const proxy = await startElasticProxy(t, url)
  const run = await prepare(t, garden, { nodes: [proxy.url], ...more })
  const working = run.work()
  await run.written(600)
  proxy.mode = mode
  // some requests are of a single document: those alone would prove little
  while (proxy.disturbed < 3 || (mode === "half" && run.said.throttled < 50)) await sleep(5)
  proxy.mode = "pass"
  const { done, dead } = await working
  assert.deepEqual([done, dead], [garden.length, 0])
  assert.deepEqual(await everythingSeen(run.stores.findings), await expected(t))
  return { ...run, proxy }
}

suite("Elasticsearch fails in mid-work", { concurrency: false }, () => {
  test("Elasticsearch killed under load: nothing is lost, nothing twice", async (t) => {
    const run = await prepare(t, garden)
    const working = run.work()
    await run.written(600)
    await server().kill()
    await server().restart()
    assert.deepEqual((await working).done, garden.length)
    assert.ok(run.errors.has("engine_unavailable"), "the stage should have met the dead server")
    assert.ok(run.repeated() > 0, "batches in flight should have been written again")
    assert.deepEqual(await everythingSeen(run.stores.findings), await expected(t))
  })

  test("a connection cut after the write and before the answer: what is written again is there already", async (t) => {
    const run = await disturbedRun(t, "mute")
    assert.ok(run.repeated() >= 20, "whole batches should have been written again")
    assert.ok(run.said.kept >= 20, "Elasticsearch should have had them already")
  })

  test("a connection cut before the write, and one on which nothing comes back, are waited out", async (t) => {
    assert.ok((await disturbedRun(t, "cut")).repeated() >= 20)
    assert.ok((await disturbedRun(t, "silent", { requestTimeoutMs: 2000 })).repeated() >= 20)
  })

  test("an answer that is slow is waited for and repeats nothing", async (t) => {
    const run = await disturbedRun(t, "slow")
    assert.deepEqual([run.repeated(), run.errors.size], [0, 0])
  })

  test("a server that is too busy for every second write gets those again, and only those", async (t) => {
    const run = await disturbedRun(t, "half")
    assert.ok(run.said.throttled >= 50, "writes should have been throttled")
    assert.equal(run.errors.size, 0, "that is the writer's own business")
  })

  test("a server that is too busy for whole requests is waited for", async (t) => {
    const run = await disturbedRun(t, "refuse")
    assert.deepEqual([...run.errors], ["engine_unavailable"])
    assert.ok(run.repeated() >= 20)
  })

  test("an index that a full disk made read-only takes the rest once it is lifted, whatever the others took meanwhile", async (t) => {
    const run = await prepare(t, garden)
    const working = run.work()
    await run.written(600)
    const block = (on: boolean | null) =>
      rest("PUT", `/${prefix}-sightings/_settings`, { index: { blocks: { read_only_allow_delete: on } } })
    await block(true)
    while (run.errors.size === 0) await sleep(20)
    await sleep(1000)
    await block(null)
    assert.deepEqual((await working).done, garden.length)
    assert.deepEqual([...run.errors], ["disk_full"])
    assert.ok(run.repeated() > 0 && run.said.kept > 0, "what the other indices took should have been written again")
    assert.deepEqual(await everythingSeen(run.stores.findings), await expected(t))
  })

  test("a record that the mapping refuses becomes a dead letter with its reason, and spoils no other", async (t) => {
    const tooLong = aPost("long", { thread: "t".repeat(40_000) })
    const records: Indexed[] = garden.slice(0, 100).toSpliced(50, 0, { kind: "post", record: tooLong })
    const run = await prepare(t, records)
    const { done, dead } = await run.work()
    assert.deepEqual([done, dead], [100, 1])
    const [letter] = await deadLetters(run.eventLog, "store", 10)
    assert.equal(letter!.headers.code, "record_invalid")
    assert.match(letter!.headers.reason!, /^post [0-9a-f]{64}: document_parsing_exception at thread$/)
    const posts = new Set(
      garden
        .slice(0, 100)
        .filter(({ kind }) => kind === "post")
        .map(({ record }) => record.id),
    )
    assert.equal((await run.stores.findings.tally({})).posts, posts.size)
  })

  test("an Elasticsearch that is not there says so, with what to do", async (t) => {
    const away = await prepare(t, [])
    const nobody: Partial<ElasticStoresOptions> = { nodes: ["http://127.0.0.1:9"] }
    await assert.rejects(bench(t, nobody), (error: WatchlineError) => {
      return error.code === "engine_unavailable" && /elastic\.nodes/.test(error.remedy ?? "")
    })
    await away.stores.close()
  })
})
