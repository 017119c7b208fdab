import { randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Client } from "@elastic/elasticsearch"
import { writesOf } from "../../src/adapters/elastic/record-writes.ts"
import { type ElasticStores, openElasticStores } from "../../src/adapters/elastic/stores.ts"
import { openSqliteStores } from "../../src/adapters/sqlite/stores.ts"
import { silentLog } from "../../src/log.ts"
import { runStage } from "../../src/pipeline/run-stage.ts"
import type { EventLog, Message, Topic } from "../../src/ports/event-log.ts"
import type { Indexed } from "../../src/ports/findings.ts"
import { noTracing } from "../../src/ports/tracing.ts"
import { storeStage } from "../../src/stages/store.ts"
import { gardenRecords } from "../support/garden-records.ts"
import { type BenchOptions, type Figure, figure } from "./comparison.ts"

const batch = 200

interface Result {
  readonly figures: Record<string, Figure>
  readonly baseline: Record<string, Figure>
  readonly notes: readonly string[]
}

/** The store stage, from event log to index, in turns with the client's bulk request used directly on the same records and mappings. */
export async function elasticRates(options: BenchOptions & { url: string; records: number }): Promise<Result> {
  const { url, runs, say, signal } = options
  const records = indexedOnce(gardenRecords(Math.ceil(options.records / 5)))
  const rates = { ours: [] as number[], raw: [] as number[] }
  let bytes = new Map<string, number>()
  // The first run warms the server up and counts for nothing.
  for (let run = 0; run <= runs; run++) {
    signal.throwIfAborted()
    for (const isRaw of run % 2 === 0 ? [true, false] : [false, true]) {
      const prefix = `bench-${randomUUID().slice(0, 8)}`
      const stores = openElasticStores({ nodes: [url], prefix, clock: Date.now, random: Math.random })
      await stores.forums.list() // makes the indices
      const perSecond = isRaw ? await indexRaw(url, prefix, records) : await store(stores, records, signal)
      if (run > 0) rates[isRaw ? "raw" : "ours"].push(perSecond)
      say(`run ${run} of ${runs}: ${isRaw ? "raw bulk" : "store stage"} ${perSecond.toFixed(0)} records/s`)
      if (!isRaw && run === runs) bytes = await bytesOfDocument(url, stores)
      await dropAll(url, stores)
      await stores.close()
    }
  }
  return {
    figures: { storedPerSecond: figure(rates.ours) },
    baseline: { storedPerSecond: figure(rates.raw) },
    notes: [
      `storedPerSecond: ${records.length} records in batches of ${batch}, from the embedded event log through the store stage, three batches at once; its baseline is the client's bulk request alone, with the same documents, one request after the other.`,
      `Bytes on disk for each document: ${[...bytes].map(([kind, each]) => `${kind} ${each}`).join(", ")}.`,
    ],
  }
}

/** Each document once: a post that is seen again costs the stage requests that the bulk request knows nothing of. */
function indexedOnce(records: readonly Indexed[]): Indexed[] {
  const seen = new Set<string>()
  return records.filter(({ kind, record }) => {
    const document = `${kind} ${record.id}`
    const isNew = kind !== "visit" && !seen.has(document)
    seen.add(document)
    return isNew
  })
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

async function store(stores: ElasticStores, records: readonly Indexed[], signal: AbortSignal): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "watchline-bench-"))
  const embedded = openSqliteStores(directory, { clock: Date.now, random: Math.random })
  try {
    await fill(embedded.eventLog, records)
    const began = performance.now()
    await runStage(storeStage({ writer: stores.writer, gate: async () => {} }), {
      eventLog: embedded.eventLog,
      log: silentLog,
      tracing: noTracing,
      clock: Date.now,
      random: Math.random,
      batch,
      attempts: 3,
      signal,
      once: true,
    })
    return (records.length / (performance.now() - began)) * 1000
  } finally {
    await embedded.close()
    await rm(directory, { recursive: true })
  }
}

async function fill(eventLog: EventLog, records: readonly Indexed[]): Promise<void> {
  const messages = records.map(
    ({ kind, record }): Message => ({
      topic: topics[kind],
      key: record.id,
      kind,
      version: 1,
      id: record.id,
      value: record,
    }),
  )
  for (let from = 0; from < messages.length; from += 5000) await eventLog.append(messages.slice(from, from + 5000))
}

/** The same documents and actions as the stage's, made beforehand; one request after the other. */
async function indexRaw(url: string, prefix: string, records: readonly Indexed[]): Promise<number> {
  const client = new Client({ node: url })
  const names = { prefix, write: (kind: string) => `${prefix}-${kind}-write` }
  const writes = records.flatMap((indexed) => writesOf(indexed, names))
  const operations = writes.map(({ index, id, how, version, document }) => [
    { [how]: { _index: index, _id: id, ...(version === undefined ? {} : { version, version_type: "external" }) } },
    document!,
  ])
  const began = performance.now()
  for (let from = 0; from < operations.length; from += batch) {
    const { items } = await client.bulk({ operations: operations.slice(from, from + batch).flat() })
    const failed = items.find((item) => {
      const { status } = Object.values(item)[0]!
      return status >= 300 && status !== 409
    })
    if (failed) throw new Error(`raw bulk: ${JSON.stringify(failed)}`)
  }
  const seconds = (performance.now() - began) / 1000
  await client.close()
  return records.length / seconds
}

/** By kind of record, when all segments are merged. */
async function bytesOfDocument(url: string, stores: ElasticStores): Promise<Map<string, number>> {
  const client = new Client({ node: url, requestTimeout: 120_000 })
  const index = (await stores.indices.state()).map((state) => state.index)
  await client.indices.forcemerge({ index, max_num_segments: 1 })
  await client.indices.flush({ index, force: true })
  await client.close()
  const filled = (await stores.indices.state()).filter((state) => state.documents >= 100)
  return new Map(filled.map(({ kind, bytes, documents }) => [kind, Math.round(bytes / documents)]))
}

async function dropAll(url: string, stores: ElasticStores): Promise<void> {
  const client = new Client({ node: url })
  const index = (await stores.indices.state()).map((state) => state.index)
  await client.indices.delete({ index })
  await client.close()
}
