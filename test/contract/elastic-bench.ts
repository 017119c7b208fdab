import { randomBytes } from "node:crypto"
import { after, before, type TestContext } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { type ElasticStoresOptions, openElasticStores } from "../../src/adapters/elastic/stores.ts"
import { type ElasticsearchServer, startElasticsearch } from "../../src/services/elasticsearch-server.ts"
import { startWorker, type WorkerTask } from "./worker-process.ts"

type Options = Partial<ElasticStoresOptions>

/**
 * One real server for a test file, started before its first test and ended after its last. The indices are made once and emptied before each
 * test, since making them takes seconds.
 */
export function elasticServer() {
  let server: ElasticsearchServer | undefined
  const prefix = `gnomes-${randomBytes(4).toString("hex")}`
  before(async () => {
    server = await startElasticsearch({ env: process.env, say: () => {}, owned: true })
  })
  after(() => server?.stop())

  let ahead = 0
  const clock = () => Date.now() + ahead
  const url = () => server!.url
  const open = (options: Partial<ElasticStoresOptions> = {}) =>
    openElasticStores({ nodes: [url()], prefix, clock, random: () => 0.5, ...options })

  return {
    prefix,
    url,
    open,
    server: () => server!,
    /** A request as any program could make it. */
    rest: (method: string, path: string, body?: unknown) => rest(url(), method, path, body),
    /** Stores without a document; closed after the test. */
    async bench(t: TestContext, options: Options = {}) {
      const closing: { close(): Promise<void> }[] = []
      const opened = (more: Options = {}) => {
        const stores = open({ ...options, ...more })
        closing.push(stores)
        return stores
      }
      ahead = 0
      t.after(async () => {
        for (const stores of closing) await stores.close()
      })
      const stores = opened()
      // makes the indices; a connection that a proxy closed while it was idle is tried again
      await stores.forums.list().catch(() => stores.forums.list())
      await empty(url(), prefix)
      return {
        stores,
        open: opened,
        pass(ms: number) {
          ahead += ms
        },
        start: (task: WorkerTask, name: string, count: number) =>
          startWorker(t, new URL("elastic-opener.ts", import.meta.url).href, `${url()}#${prefix}`, task, name, count),
      }
    },
  }
}

async function rest(url: string, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const isLines = typeof body === "string"
  const response = await fetch(url + path, {
    method,
    ...(body === undefined
      ? {}
      : {
          body: isLines ? body : JSON.stringify(body),
          headers: { "content-type": isLines ? "application/x-ndjson" : "application/json" },
        }),
  })
  const answer = (await response.json()) as Record<string, unknown>
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

/** Kinds whose documents carry versions of ours. */
const versioned = /-(memberships|clusters|picture-failures)-v/
/** After this the server forgets the version of a deleted document, which it would hold against a lower one: its clock has coarse ticks. */
const forgetMs = 250

/** Deletes documents, not indices, so that the next test starts anew. */
async function empty(url: string, prefix: string): Promise<void> {
  await rest(url, "PUT", `/${prefix}-*/_settings`, { index: { gc_deletes: "0s" } })
  for (;;) {
    await rest(url, "POST", `/${prefix}-*/_refresh`)
    const found = (await rest(url, "POST", `/${prefix}-*/_search`, { size: 10_000, _source: false })) as unknown as {
      hits: { hits: { _index: string; _id: string; _routing?: string }[] }
    }
    if (found.hits.hits.length === 0) return
    const lines = found.hits.hits.map(({ _index, _id, _routing }) =>
      JSON.stringify({ delete: { _index, _id, ...(_routing === undefined ? {} : { routing: _routing }) } }),
    )
    await rest(url, "POST", "/_bulk", `${lines.join("\n")}\n`)
    if (found.hits.hits.some(({ _index }) => versioned.test(_index))) await sleep(forgetMs)
  }
}
