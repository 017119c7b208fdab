import assert from "node:assert/strict"
import { appendFile, readFile } from "node:fs/promises"
import { join } from "node:path"
import { suite, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { inspect } from "node:util"
import { openElasticStores } from "../../src/adapters/elastic/stores.ts"
import type { WatchlineError } from "../../src/errors.ts"
import { verifyChain } from "../../src/sealing/audit-chain.ts"
import { startElasticsearch } from "../../src/services/elasticsearch-server.ts"
import { elasticServer } from "../contract/elastic-bench.ts"
import { aPost, day } from "../contract/records.ts"
import { startElasticProxy } from "../support/elastic-proxy.ts"
import { gardenRecords } from "../support/garden-records.ts"
import { selfSignedCertificate } from "../support/self-signed-certificate.ts"

const { bench, rest, url, prefix } = elasticServer()
const garden = gardenRecords(120)

suite("operating Elasticsearch", { concurrency: false }, () => {
  test("indices are moved while the work goes on: it waits, and nothing is lost or doubled", async (t) => {
    const { stores, open } = await bench(t)
    const operator = open({ shards: 3 }).indices
    await stores.writer.put(garden.slice(0, 300))
    const moving = (async () => {
      for (const kind of ["findings", "posts", "memberships"]) await operator.migrate(kind)
    })()
    let waited = 0
    for (let place = 300; place < garden.length; ) {
      try {
        await stores.writer.put(garden.slice(place - 20, place + 10)) // what an interrupted batch repeats
        place += 10
      } catch (error) {
        assert.equal((error as WatchlineError).code, "engine_unavailable")
        waited += 1
        await sleep(20)
      }
    }
    await moving
    const tally = await stores.findings.tally({})
    const { stores: plain } = await bench(t)
    await plain.writer.put(garden)
    assert.deepEqual(tally, await plain.findings.tally({}))
    const shards = (await operator.state()).filter((state) => state.kind === "findings").map((state) => state.shards)
    assert.deepEqual(shards, [3])
    t.diagnostic(`writes that had to wait: ${waited}`)
  })

  test("a moved membership still loses against a newer revision, and a moved decision keeps its place", async (t) => {
    const { stores } = await bench(t)
    await stores.writer.put(garden)
    const events = []
    for (let count = 0; count < 20; count++)
      events.push(await stores.audit.append({ actor: "ann", action: "gnome.count", count, at: day(1) }))
    for (const kind of ["memberships", "case-file", "known-hashes"]) await stores.indices.migrate(kind)
    const before = await stores.findings.tally({})
    await stores.writer.put(garden.toReversed())
    assert.deepEqual(await stores.findings.tally({}), before)
    assert.deepEqual(await Array.fromAsync(stores.audit.events()), events)
    await assert.rejects(stores.indices.migrate("gnomes"), { code: "input_invalid" })
  })

  test("a lost index is never made anew in passing", async (t) => {
    const own = { nodes: [url()], prefix: `${prefix}-lost`, clock: Date.now, random: () => 0.5 }
    const stores = openElasticStores(own)
    t.after(() => stores.close())
    await stores.writer.put(garden.slice(0, 50))
    const { index } = (await stores.indices.state()).find((state) => state.kind === "sightings")!
    await rest("DELETE", `/${index}`)
    const lost = { code: "store_damaged" }
    await assert.rejects(stores.writer.put(garden.slice(50, 100)), lost)
    await assert.rejects(stores.findings.tally({}), lost)
    await stores.indices.install()
    await stores.writer.put(garden.slice(0, 100))
    assert.ok((await stores.findings.tally({})).sightings > 0)
  })

  test("an audit event whose answer was lost is in the chain once", async (t) => {
    const proxy = await startElasticProxy(t, url, /case-file-write/)
    const { stores } = await bench(t, { nodes: [proxy.url] })
    await stores.audit.append({ actor: "ann", action: "gnome.count", count: 0, at: day(1) })
    for (let count = 1; count < 10; count++) {
      proxy.mode = "mute"
      const appending = stores.audit.append({ actor: "ann", action: "gnome.count", count, at: day(1) })
      while (proxy.disturbed < count) await sleep(1)
      proxy.mode = "pass"
      await appending
    }
    const counts = (await Array.fromAsync(stores.audit.events())).map((event) => event.count)
    assert.deepEqual(counts, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.equal((await verifyChain(stores.audit.events())).ok, true)
  })

  test("an undated post that is seen again in another month is one post, where only a visit has a month", async (t) => {
    const { stores } = await bench(t)
    const { postedAt: _, ...undated } = aPost("1", { seenAt: day(1) })
    const later = { ...undated, seenAt: "2026-07-01T12:00:00.000Z" }
    await stores.writer.put([undated, later].map((record) => ({ kind: "post", record })))
    assert.deepEqual(await stores.findings.trend("posts", "month", "none", {}), [
      { bucket: "2026-05", group: "", count: 1 },
    ])
  })

  test("over TLS, with an account of few rights; without trust, right or password it says what to do", async (t) => {
    const certificate = selfSignedCertificate("localhost")
    const people = { user: "gnome", password: "hat-and-beard" }
    const security = { ...certificate, ...people }
    const server = await startElasticsearch({
      env: process.env,
      say: (text) => t.diagnostic(text),
      owned: true,
      security,
    })
    t.after(() => server.stop())
    await addWorker(server.directory)
    const worker = { user: "worker", password: people.password }
    const connect = (more: object) => {
      const address = { nodes: [server.url], prefix: "watchline", ca: certificate.cert, ...worker }
      const stores = openElasticStores({ ...address, clock: Date.now, random: () => 0.5, ...more })
      t.after(() => stores.close())
      return stores
    }
    const stores = connect({})
    await waitForAccount(() => stores.writer.put(garden))
    await stores.bucketKeys.getOrCreate("r1-2026-05-01", () => new Uint8Array(60))
    await stores.bucketKeys.destroy("r1-2026-05-01")
    await stores.indices.migrate("findings")
    assert.equal((await stores.findings.tally({})).sightings, 120)
    const told = (setting: RegExp) => (error: WatchlineError) =>
      error.code === "config_invalid" && setting.test(error.remedy ?? "") && !inspect(error).includes(people.password)
    const refused = (more: object) => connect(more).findings.tally({})
    await assert.rejects(refused({ password: "wrong" }), told(/elastic\.apiKey/))
    await assert.rejects(refused({ user: undefined, apiKey: "d3Jvbmc6a2V5" }), told(/elastic\.apiKey/))
    await assert.rejects(refused({ ca: undefined }), told(/elastic\.caFile/))
    await assert.rejects(refused({ prefix: "other" }), told(/rights/))
  })
})

/**
 * An account with the rights that infra/elastic/rights.json gives to a key, and no others. By file, since the server's test build lacks what it
 * needs to keep API keys; it reads these files again every few seconds.
 */
async function addWorker(directory: string): Promise<void> {
  const at = (name: string) => join(directory, "config", name)
  const rights = await readFile(new URL("../../infra/elastic/rights.json", import.meta.url), "utf8")
  const hash = (await readFile(at("users"), "utf8")).trim().split(":").slice(1).join(":")
  await appendFile(at("roles.yml"), `watchline: ${JSON.stringify(JSON.parse(rights))}\n`)
  await appendFile(at("users_roles"), "watchline:worker\n")
  await appendFile(at("users"), `worker:${hash}\n`)
}

async function waitForAccount(act: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    try {
      await act()
      return
    } catch (error) {
      if ((error as WatchlineError).code !== "config_invalid") throw error
      await sleep(500)
    }
  }
  assert.fail("Elasticsearch should have read its accounts")
}
