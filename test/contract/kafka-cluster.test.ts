import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { suite, type TestContext, test } from "node:test"
import { Kafka, logLevel } from "kafkajs"
import type { KafkaConnection } from "../../src/adapters/kafka/connection.ts"
import { KafkaEventLog } from "../../src/adapters/kafka/event-log.ts"
import { silentLog } from "../../src/log.ts"
import { createWorkspace } from "../../src/system.ts"
import { kafkaBroker, localConnection } from "../support/kafka-broker.ts"
import { selfSignedCertificate } from "../support/self-signed-certificate.ts"
import { runCommand } from "../support/workspace-command.ts"
import { aMessage } from "./records.ts"

const security = { ...selfSignedCertificate("localhost"), user: "gnome", password: "hat-and-beard" }

suite("a Kafka cluster as operators run it", () => {
  const broker = kafkaBroker(() => ({ security }))

  function openLog(t: TestContext, connection: Partial<KafkaConnection> = {}) {
    const prefix = `${randomUUID()}.`
    const log = new KafkaEventLog({
      connection: { ...localConnection(broker().brokers.plain), timeoutSeconds: 5, ...connection },
      topics: { prefix, partitions: 3, replication: 1, keepDays: 7 },
      leaseMs: 6000,
      log: silentLog,
    })
    t.after(() => log.close())
    return { log, prefix }
  }

  function caFile(t: TestContext, certificate = security.cert): string {
    const directory = mkdtempSync(join(tmpdir(), "watchline-ca-"))
    t.after(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, "ca.pem"), certificate)
    return join(directory, "ca.pem")
  }

  async function works(log: KafkaEventLog): Promise<void> {
    await log.append([aMessage(1)])
    assert.equal((await log.read("posts", 5)).length, 1)
  }

  test("over TLS, the broker's certificate checked", async (t) => {
    const { log } = openLog(t, { brokers: broker().brokers.tls, tls: "on", caFile: caFile(t) })
    await works(log)
  })

  test("over TLS, a certificate that nobody vouches for is refused", async (t) => {
    const other = caFile(t, selfSignedCertificate("localhost").cert)
    const { log } = openLog(t, { brokers: broker().brokers.tls, tls: "on", caFile: other })
    await assert.rejects(log.append([aMessage(1)]), { code: "engine_unavailable", message: /self-signed|certificate/ })
  })

  for (const sasl of ["scram-sha-512", "plain"] as const) {
    test(`over TLS with a password (${sasl})`, async (t) => {
      const { user, password } = security
      const { log } = openLog(t, { brokers: broker().brokers.sasl, tls: "on", caFile: caFile(t), sasl, user, password })
      await works(log)
    })
  }

  test("a wrong password is said as such, with what to check", async (t) => {
    const wrong = { sasl: "scram-sha-512", user: security.user, password: "red" } as const
    const { log } = openLog(t, { brokers: broker().brokers.sasl, tls: "on", caFile: caFile(t), ...wrong })
    await assert.rejects(log.append([aMessage(1)]), { code: "engine_unavailable", remedy: /kafka\.password/ })
  })

  test("a command that needs a cluster which is not there ends with 4 and says what to check; doctor names it", async (t) => {
    const home = mkdtempSync(join(tmpdir(), "watchline-away-"))
    t.after(() => rmSync(home, { recursive: true }))
    await createWorkspace(home, "Gnome Office")
    const kafka = (brokers: string) => ({
      home,
      env: { WATCHLINE_ENGINES_LOG: "kafka", WATCHLINE_KAFKA_BROKERS: brokers },
    })
    const [away, unwell, well] = await Promise.all([
      runCommand(kafka("127.0.0.1:1"), "work", "--once"),
      runCommand(kafka("127.0.0.1:1"), "doctor", "--json"),
      runCommand(kafka(broker().brokers.plain), "doctor", "--json"),
    ])
    for (const { exit, stderr } of [away, unwell]) {
      assert.equal(exit, 4, stderr)
      assert.match(stderr, /ECONNREFUSED[\s\S]*kafka\.brokers/)
    }
    const { checks } = JSON.parse(well.stdout) as { checks: { name: string; ok: boolean; detail: string }[] }
    const engines = checks.find(({ name }) => name === "engines")
    assert.ok(engines?.ok && engines.detail.includes("Kafka: 1 broker"), engines?.detail)
  })

  test("topics are made as they are declared: breadth, retention, compaction, the largest message", async (t) => {
    const { log, prefix } = openLog(t)
    await log.append([aMessage(1), aMessage(2, { topic: "memberships" }), aMessage(3, { topic: "store.dead" })])
    const admin = new Kafka({ brokers: [broker().brokers.plain], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    t.after(() => admin.disconnect())
    const settings = async (topic: string) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: `${prefix}${topic}` }],
      })
      const { topics } = await admin.fetchTopicMetadata({ topics: [`${prefix}${topic}`] })
      const of = (name: string) => resources[0]!.configEntries.find((entry) => entry.configName === name)!.configValue
      return [topics[0]!.partitions.length, of("cleanup.policy"), of("retention.ms"), of("max.message.bytes")]
    }
    const largest = String(4 * 1024 * 1024 + 64 * 1024)
    assert.deepEqual(await settings("posts"), [3, "delete", String(7 * 86_400_000), largest])
    assert.deepEqual(await settings("memberships"), [3, "compact", "-1", largest])
    assert.deepEqual(await settings("store.dead"), [1, "delete", "-1", largest])
    assert.deepEqual(await log.inspect(["store.dead"]), { brokers: 1, topics: 3, differences: [] })
  })

  test("a topic that somebody made otherwise is named with what differs", async (t) => {
    const { log, prefix } = openLog(t)
    const admin = new Kafka({ brokers: [broker().brokers.plain], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    t.after(() => admin.disconnect())
    await admin.createTopics({ topics: [{ topic: `${prefix}posts`, numPartitions: 1, replicationFactor: 1 }] })
    const { differences } = await log.inspect([])
    assert.match(differences.join("\n"), /posts has 1 partitions, 3 are planned/)
    assert.match(differences.join("\n"), /posts has max\.message\.bytes=1048588, 4259840 is planned/)
  })
})
