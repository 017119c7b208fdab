import assert from "node:assert/strict"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { Kafka, logLevel, Partitioners } from "kafkajs"
import { asFailure } from "../../src/pipeline/stage.ts"
import type { EventLog, Message } from "../../src/ports/event-log.ts"
import { startKafka } from "../../src/services/kafka-server.ts"
import { ended, repeated, startCalmRun, startKafkaWork, stopped } from "../support/kafka-work.ts"
import { startTcpProxy } from "../support/tcp-proxy.ts"
import { runCommand } from "../support/workspace-command.ts"

test("whatever fails between worker and Kafka, the findings are those of an undisturbed run", {
  timeout: 600_000,
}, async (t) => {
  const proxy = await startTcpProxy()
  t.after(() => proxy.close())
  const [calm, kafka] = await Promise.all([
    startCalmRun(t, 8),
    startKafka({ env: process.env, say: (text) => t.diagnostic(text), owned: true, proxyPort: proxy.port }),
  ])
  t.after(() => kafka.stop())
  proxy.target = Number(kafka.brokers.proxied.split(":")[1])
  const broker = kafka.brokers.plain
  const half = Math.ceil(calm.messages.length / 2)
  assert.ok(calm.found.posts.length > 50 && calm.found.images.length > 20, "there is something to lose")

  await t.test("nothing fails: the same findings, and nothing is processed twice", async (t) => {
    const work = await startKafkaWork(t, calm, broker, "undisturbed", 20)
    await work.log.append(calm.messages)
    const worker = work.start()
    await work.drained()
    assert.equal(await stopped(worker), 0)
    assert.deepEqual(await work.found(), calm.found)
    assert.equal(repeated(work.acknowledged()), 0)
  })

  await t.test("a worker is killed between sink and commit", async (t) => {
    const work = await startKafkaWork(t, calm, broker, "killed-worker")
    await work.log.append(calm.messages)
    for (const killAtPut of [1, 3, 2]) assert.equal(await ended(work.start({ killAtPut })), "SIGKILL")
    const worker = work.start()
    await work.drained()
    assert.equal(await stopped(worker), 0)
    assert.deepEqual(await work.found(), calm.found)
    const again = repeated(work.deliveries())
    t.diagnostic(`${again} of ${work.deliveries().length} deliveries repeated`)
    assert.ok(again >= 3, "each kill left at least one record in the sink that came again")
  })

  await t.test("the broker is killed and started again under load", async (t) => {
    const work = await startKafkaWork(t, calm, broker, "killed-broker")
    await work.log.append(calm.messages.slice(0, half))
    const worker = work.start({ sinkMs: 100 })
    await work.heldInMidBatch(worker)
    const appending = appendPatiently(work.log, calm.messages.slice(half))
    await kafka.kill()
    worker.kill("SIGCONT")
    await sleep(1000)
    await kafka.restart()
    await appending
    await work.drained()
    assert.equal(await stopped(worker), 0)
    assert.deepEqual(await work.found(), calm.found)
    t.diagnostic(`${repeated(work.deliveries())} of ${work.deliveries().length} deliveries repeated`)
  })

  await t.test(
    "workers join and leave in mid-batch: partitions move, nothing is lost, nothing is processed twice",
    async (t) => {
      const work = await startKafkaWork(t, calm, broker, "rebalanced", 20)
      await work.log.append(calm.messages.slice(0, half))
      const first = work.start({ sinkMs: 150 })
      await work.delivered(60)
      const second = work.start({ sinkMs: 150 })
      const third = work.start({ sinkMs: 150 })
      // the same records again and again, until each has had its share: what they are is an upsert
      for (let round = 0; work.sharers() < 3; round++, await sleep(1000)) {
        assert.ok(round < 60, "the third worker should have its share by now")
        await work.log.append(calm.messages.slice(0, 60))
      }
      await work.log.append(calm.messages.slice(half))
      assert.equal(await stopped(third), 0)
      assert.equal(await stopped(first), 0)
      await work.drained()
      assert.equal(await stopped(second), 0)
      assert.deepEqual(await work.found(), calm.found)
      assert.equal(repeated(work.acknowledged()), 0, "messages in hand are finished before partitions move")
    },
  )

  await t.test("a worker stands still in mid-batch until its partitions are another's, then goes on", async (t) => {
    const work = await startKafkaWork(t, calm, broker, "stalled")
    await work.log.append(calm.messages)
    const stalled = work.start({ sinkMs: 150 })
    await work.heldInMidBatch(stalled)
    const other = work.start()
    await sleep(6000) // three leases
    stalled.kill("SIGCONT")
    await work.drained()
    assert.equal(await stopped(stalled), 0)
    assert.equal(await stopped(other), 0)
    assert.deepEqual(await work.found(), calm.found)
    const again = repeated(work.deliveries())
    t.diagnostic(`${again} of ${work.deliveries().length} deliveries repeated`)
    assert.ok(again > 0, "what the stalled worker had in hand came again")
  })

  await t.test(
    "a record is poison: it is set aside with its reason, the others do not wait, and a replay is refused again",
    async (t) => {
      const work = await startKafkaWork(t, calm, broker, "poisoned")
      const [post] = calm.messages.filter(({ kind }) => kind === "post")
      const poison: Message[] = [
        { ...post!, version: 99, id: "newer-version" },
        { ...post!, id: "no-post", value: { gnome: true } },
      ]
      await work.log.append([...poison, ...calm.messages])
      await appendRaw(broker, "poisoned.posts", "these bytes are no message of ours")
      const worker = work.start()
      await work.drained()
      assert.equal(await stopped(worker), 0)
      assert.deepEqual(await work.found(), calm.found)

      const place = { home: work.home, env: work.env }
      const list = await runCommand(place, "dead", "list", "--json")
      const { letters } = JSON.parse(list.stdout) as {
        letters: { stage: string; id: string; code: string; reason: string }[]
      }
      const reasons = (stage: string) => letters.filter((l) => l.stage === stage).map((l) => `${l.code} ${l.reason}`)
      for (const stage of ["judge", "store"]) {
        assert.equal(reasons(stage).length, 3, `${stage}: ${reasons(stage)}`)
        assert.ok(reasons(stage).some((reason) => /^record_invalid post@99 stands where/.test(reason)))
        assert.ok(reasons(stage).some((reason) => /^record_invalid.* unreadable/.test(reason)))
      }
      const shown = JSON.parse((await runCommand(place, "dead", "show", "newer", "--json")).stdout)
      assert.equal(shown.version, 99)
      const replayed = JSON.parse((await runCommand(place, "dead", "replay", "store", "--json")).stdout)
      assert.deepEqual(replayed.replayed, { store: 3 })
      assert.equal((await runCommand(place, "work", "store", "--once")).exit, 0)
      const after = JSON.parse((await runCommand(place, "dead", "list", "store", "--json")).stdout)
      assert.equal(after.letters.length, 3)
    },
  )

  await t.test("the network between worker and Kafka is slow, then cut, then there again", async (t) => {
    const work = await startKafkaWork(t, calm, broker, "cut")
    await work.log.append(calm.messages)
    proxy.delayMs = 20
    const worker = work.start({ sinkMs: 50, broker: `127.0.0.1:${proxy.port}` })
    await work.delivered(60)
    proxy.cut()
    await sleep(5000)
    proxy.heal()
    proxy.delayMs = 0
    await work.drained()
    assert.equal(await stopped(worker), 0)
    assert.deepEqual(await work.found(), calm.found)
    const again = repeated(work.deliveries())
    t.diagnostic(`${again} of ${work.deliveries().length} deliveries repeated`)
    assert.ok(again > 0, "what was in hand when the network was cut came again")
  })
})

/** As the crawler does it: the same call again until the log has answered. */
async function appendPatiently(log: EventLog, messages: readonly Message[]): Promise<void> {
  for (const end = Date.now() + 40_000; ; await sleep(200)) {
    try {
      return await log.append(messages)
    } catch (error) {
      if (Date.now() > end || asFailure(error).next !== "later") throw error
    }
  }
}

/** What some other program might write into the topic. */
async function appendRaw(broker: string, topic: string, value: string): Promise<void> {
  const producer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  await producer.send({ topic, messages: [{ key: "gnome", value }] })
  await producer.disconnect()
}
