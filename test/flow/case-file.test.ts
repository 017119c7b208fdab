import assert from "node:assert/strict"
import { generateKeyPairSync } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type TestContext, test } from "node:test"
import { openSqliteStores, type SqliteStores } from "../../src/adapters/sqlite/stores.ts"
import { newApproval, newDecision } from "../../src/delist/assessment.ts"
import { buildList } from "../../src/delist/build-list.ts"
import { signList, verifyList } from "../../src/delist/signed-list.ts"
import type { Membership } from "../../src/model/cluster.ts"
import type { Verdict } from "../../src/model/decision.ts"
import { type Fingerprint, fingerprintId } from "../../src/model/fingerprint.ts"
import { postRecordId } from "../../src/model/post.ts"
import { type Id, idOf, instant } from "../../src/model/record.ts"
import { sightingId } from "../../src/model/sighting.ts"
import { publicKeyText } from "../../src/model/signature.ts"
import type { Indexed } from "../../src/ports/findings.ts"
import { verifyChain } from "../../src/sealing/audit-chain.ts"
import { openTextVault } from "../../src/sealing/text-vault.ts"
import { monthReport } from "../../src/trends/month-report.ts"

const day = 86_400_000
const now = Date.parse("2026-11-23T12:00:00.000Z")
const onion = `http://${"gnome".repeat(11)}a.onion`
const mandate = idOf("mandate", "test")

async function openStores(t: TestContext, home?: string): Promise<{ home: string; stores: SqliteStores }> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), "watchline-case-")))
  if (home === undefined) t.after(() => rm(folder, { recursive: true }))
  const stores = openSqliteStores(folder, { clock: () => now, random: () => 0.5 })
  t.after(() => stores.close())
  return { home: folder, stores }
}

/** A picture posted once: its records, a cluster of its own. */
function picture(name: string, postedAt: string): { fingerprint: Id; records: Indexed[] } {
  const sha256 = idOf("bytes", name)
  const fingerprint = fingerprintId(sha256, "examiner@1")
  const [post, url] = [postRecordId("gnomes", "7", name), `${onion}/file.php?id=${name}`]
  const postUrl = `${onion}/viewtopic.php?p=${name}#p${name}`
  const seen: Fingerprint = {
    id: fingerprint,
    mandate,
    seenAt: postedAt,
    bytes: 9,
    sha256,
    sha1: sha256.slice(0, 40),
    md5: sha256.slice(0, 32),
    format: "png",
    signals: [],
    facts: [],
    examiner: "examiner@1",
  }
  const where = { mandate, forum: "gnomes", postedAt, seenAt: postedAt }
  return {
    fingerprint,
    records: [
      {
        kind: "post",
        record: {
          ...where,
          id: post,
          thread: "7",
          postId: name,
          url: postUrl,
          threadUrl: `${onion}/viewtopic.php?t=7`,
          version: idOf("v", name),
          links: [],
          images: [url],
        },
      },
      { kind: "fingerprint", record: seen },
      {
        kind: "sighting",
        record: { ...where, id: sightingId(post, url, fingerprint), post, postUrl, url, fingerprint, sha256 },
      },
      { kind: "membership", record: membership(fingerprint, fingerprint, 1) },
    ],
  }
}

function membership(fingerprint: Id, cluster: Id, revision: number): Membership {
  return {
    id: idOf("membership", fingerprint),
    fingerprint,
    cluster,
    distance: fingerprint === cluster ? 0 : 8,
    revision,
    mandate,
  }
}

/** Two people at work on the stores, one second after another. */
function desk({ decisions, findings, listVersions }: SqliteStores) {
  const key = generateKeyPairSync("ed25519")
  const terms = { issuer: "Garden Office", validityDays: 30, listDays: 7 }
  let seconds = 0
  const history = async () => ({ decisions: await decisions.decisions(), approvals: await decisions.approvals() })
  const currently = async (cluster: Id) => {
    const known = new Map<Id, Id | undefined>()
    for (const id of [cluster, ...(await decisions.decisions()).map((decision) => decision.cluster)])
      known.set(id, await findings.clusterOf(id))
    return (id: Id) => known.get(id)
  }
  const at = () => instant(now + 1000 * ++seconds)
  return {
    async decide(person: string, cluster: Id, verdict: Verdict) {
      await decisions.decide(
        newDecision(await history(), { cluster, person, verdict, minutes: 3, at: at() }, await currently(cluster)),
      )
    },
    async approve(person: string, cluster: Id) {
      await decisions.approve(
        newApproval(await history(), { cluster, person, approved: true, at: at() }, await currently(cluster)),
      )
    },
    async publish(time: number) {
      const built = await buildList({ decisions, findings, versions: listVersions }, terms, time)
      const signed = signList(built.list, key.privateKey)
      const { previous } = built
      assert.deepEqual(
        verifyList(signed, { key: publicKeyText(key.publicKey), now: time, ...(previous ? { previous } : {}) }),
        [],
      )
      await listVersions.publish(signed)
      return built
    },
  }
}

test("what two people agreed on is listed with late near-duplicates, and falls off when the cluster merges with a rejected one", async (t) => {
  const { stores } = await openStores(t)
  const [red, late, blue] = [
    picture("red", "2026-10-05T10:00:00.000Z"),
    picture("late", "2026-11-02T10:00:00.000Z"),
    picture("blue", "2026-11-03T10:00:00.000Z"),
  ]
  await stores.writer.put([...red.records, ...blue.records])
  const { decide, approve, publish } = desk(stores)
  await decide("anna", red.fingerprint, "confirmed")
  await decide("anna", blue.fingerprint, "rejected")
  assert.equal((await publish(now + day)).list.entries.length, 0)
  await assert.rejects(approve("Anna", red.fingerprint), { code: "second_person_required" })
  await approve("bert", red.fingerprint)
  const second = await publish(now + 2 * day)
  assert.deepEqual(second.list.entries.map((entry) => entry.url.slice(onion.length)).sort(), [
    "/file.php?id=red",
    "/viewtopic.php?p=red",
  ])

  await stores.writer.put([
    ...late.records,
    { kind: "membership", record: membership(late.fingerprint, red.fingerprint, 2) },
  ])
  const third = await publish(now + 3 * day)
  assert.deepEqual([third.difference.added.length, third.difference.kept.length], [2, 2])

  const october = await monthReport(stores, { month: "2026-10" })
  assert.deepEqual(october.confirmed, { posted: 1, unique: 1, clusters: 1 })
  assert.equal(october.analystHours, 0)
  const november = await monthReport(stores, { month: "2026-11" })
  assert.deepEqual(november.images, { posted: 2, unique: 2 })
  assert.deepEqual(november.assessed, { posted: 2, unique: 2, clusters: 2 })
  assert.deepEqual(november.confirmed, { posted: 1, unique: 1, clusters: 1 })
  assert.equal(november.analystHours, 0.1)
  assert.equal((await monthReport(stores, { month: "2026-11", forums: ["elsewhere"] })).analystHours, 0)

  await stores.writer.put([{ kind: "membership", record: membership(blue.fingerprint, red.fingerprint, 2) }])
  const fourth = await publish(now + 4 * day)
  assert.deepEqual([fourth.list.entries.length, fourth.difference.removed.length], [0, 4])
  assert.deepEqual((await monthReport(stores, {})).disputed, { posted: 3, unique: 3, clusters: 1 })
})

test("two publishers that build on the same version cannot both publish", async (t) => {
  const { stores } = await openStores(t)
  const { publish } = desk(stores)
  const results = await Promise.allSettled([publish(now + 1), publish(now + 1)])
  assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"])
})

const content = { title: "Mossy caps", author: "gardener", text: "How I glazed the red ones" }
const post = idOf("post", "1")

test("text sealed by one process opens in another, and each opening is in one unbroken chain", async (t) => {
  const { home, stores } = await openStores(t)
  const { stores: others } = await openStores(t, home)
  const vault = ({ bucketKeys, audit }: SqliteStores) =>
    openTextVault({ workspaceKey: new Uint8Array(32).fill(7), keys: bucketKeys, audit, clock: () => now })
  const [one, other] = [vault(stores), vault(others)]
  const [here, there] = [await one.seal(post, content, now, 90), await other.seal(post, content, now, 90)]
  const items = [here, there].map((sealed) => ({ recordId: post, sealed }))
  assert.deepEqual(await one.open(items, { actor: "anna", reason: "case 7" }), [content, content])
  assert.deepEqual(await other.open(items, { actor: "bert", reason: "case 8" }), [content, content])
  const whole = await verifyChain(stores.audit.events())
  assert.deepEqual([whole.ok, whole.ok && whole.count], [true, 2])

  const file = new DatabaseSync(join(home, "case.db"))
  file.exec(
    "DROP TRIGGER audit_event_stays; UPDATE audit_event SET json = replace(json, 'case 7', 'case 9') WHERE sequence = 1",
  )
  file.close()
  const broken = await verifyChain(stores.audit.events())
  assert.deepEqual([broken.ok, !broken.ok && broken.at], [false, 1])
})

test("after its time a bucket's key is in no file of the store, and its text opens nowhere", async (t) => {
  const { home, stores } = await openStores(t)
  let time = now
  const vault = openTextVault({
    workspaceKey: new Uint8Array(32).fill(7),
    keys: stores.bucketKeys,
    audit: stores.audit,
    clock: () => time,
  })
  const sealed = await vault.seal(post, content, now, 1)
  const wrapped = Buffer.from((await stores.bucketKeys.get(sealed.bucket))!)
  const holds = () => readdirSync(home).some((name) => readFileSync(join(home, name)).includes(wrapped))
  assert.equal(holds(), true)
  time = now + 3 * day
  assert.deepEqual(await vault.expire(time), [sealed.bucket])
  assert.equal(holds(), false)
  const [opened] = await vault.open([{ recordId: post, sealed }], { actor: "anna", reason: "case 7" })
  assert.equal((opened as { code?: string }).code, "text_key_destroyed")
  await assert.rejects(vault.seal(post, content, now, 1), { code: "text_key_destroyed" })
})
