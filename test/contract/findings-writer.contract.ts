import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { idOf } from "../../src/model/record.ts"
import type { Findings, FindingsWriter, Indexed } from "../../src/ports/findings.ts"
import { aFinding, aFingerprint, aMembership, anAttachment, aPost, aSighting, aVisit, day } from "./records.ts"

export interface FindingsBench {
  readonly writer: FindingsWriter
  readonly findings: Findings
}

const image = aFingerprint("gnome")
const post = aPost("1", { images: [] })
const asPost = (record: typeof post): Indexed => ({ kind: "post", record })

export function findingsWriterContract(open: (t: TestContext) => Promise<FindingsBench>): void {
  test("writing the same records again changes nothing", async (t) => {
    const { writer, findings } = await open(t)
    const sighting = aSighting(post, image)
    const batch: Indexed[] = [
      asPost(post),
      { kind: "fingerprint", record: image },
      { kind: "sighting", record: sighting },
      { kind: "membership", record: aMembership(image, image) },
      { kind: "finding", record: aFinding(image, "ai-image", { signals: [{ family: "a1111", strength: "strong" }] }) },
      { kind: "attachment", record: anAttachment(post, "gnome") },
      { kind: "visit", record: aVisit(post.threadUrl, day(20), { alarm: "no_posts" }) },
    ]
    const state = async () => ({
      tally: await findings.tally({}),
      posts: await Array.fromAsync(findings.posts({})),
      images: await Array.fromAsync(findings.images({})),
      findings: await Array.fromAsync(findings.findings({})),
      alarms: await findings.alarms({}),
      attachments: await Array.fromAsync(findings.attachments({})),
      found: await findings.search("a1111", 9),
    })
    assert.deepEqual(
      await writer.put(batch),
      batch.map(() => undefined),
    )
    const before = await state()
    assert.equal(before.tally.sightings, 1)
    assert.deepEqual(
      await writer.put([...batch, ...batch]),
      [...batch, ...batch].map(() => undefined),
    )
    assert.deepEqual(await state(), before)
  })

  test("the first time at which a record was seen stays", async (t) => {
    const { writer, findings } = await open(t)
    const finding = aFinding(post, "guide")
    await writer.put([asPost(post), { kind: "fingerprint", record: image }, { kind: "finding", record: finding }])
    await writer.put([
      asPost({ ...post, seenAt: day(25) }),
      { kind: "fingerprint", record: { ...image, seenAt: day(25) } },
      { kind: "finding", record: { ...finding, seenAt: day(25) } },
    ])
    assert.equal((await Array.fromAsync(findings.posts({})))[0]!.seenAt, day(20))
    assert.equal((await Array.fromAsync(findings.images({})))[0]!.fingerprint.seenAt, day(20))
    assert.equal((await Array.fromAsync(findings.findings({})))[0]!.seenAt, day(20))
  })

  test("an edited post shows the version that was seen last; an old version that comes late brings nothing back", async (t) => {
    const { writer, findings } = await open(t)
    const edited = { ...post, version: idOf("test-version", 2), links: ["http://hub.example/m"], seenAt: day(22) }
    const shown = async () => (await Array.fromAsync(findings.posts({}))).map((p) => [p.version, p.seenAt, p.links])
    await writer.put([asPost(post), asPost(edited), asPost(post)])
    assert.deepEqual(await shown(), [[edited.version, day(20), edited.links]])
    await writer.put([asPost({ ...post, seenAt: day(23) })])
    assert.deepEqual(await shown(), [[post.version, day(20), []]])
  })

  test("a membership replaces one of a lower revision and is ignored beside a higher one", async (t) => {
    const { writer, findings } = await open(t)
    const leader = aFingerprint("leader")
    await writer.put([{ kind: "membership", record: aMembership(image, leader, 2) }])
    await writer.put([{ kind: "membership", record: aMembership(image, image, 1) }])
    assert.equal(await findings.clusterOf(image.id), leader.id)
    await writer.put([{ kind: "membership", record: aMembership(image, image, 3) }])
    assert.equal(await findings.clusterOf(image.id), image.id)
  })

  test("one bad record spoils no other: the answer has one item per record, in order", async (t) => {
    const { writer, findings } = await open(t)
    const bad = asPost({ ...post, id: "no digest" })
    const answers = await writer.put([bad, asPost(post), bad])
    assert.deepEqual(
      answers.map((answer) => answer?.code),
      ["record_invalid", undefined, "record_invalid"],
    )
    assert.equal((await findings.tally({})).posts, 1)
    assert.deepEqual(await writer.put([]), [])
  })

  test("records may come in any order: a finding before its post, a sighting before its image", async (t) => {
    const { writer, findings } = await open(t)
    const records: Indexed[] = [
      { kind: "finding", record: aFinding(post, "model-link", { about: "civitai:model:1", platform: "civitai" }) },
      { kind: "finding", record: aFinding(image, "known-image", { about: "register" }) },
      { kind: "sighting", record: aSighting(post, image) },
      { kind: "membership", record: aMembership(image, image) },
      { kind: "fingerprint", record: image },
      asPost(post),
    ]
    for (const record of records) await writer.put([record])
    const tally = await findings.tally({})
    assert.deepEqual([tally.modelLinkPosts, tally.knownSightings, tally.images], [1, 1, 1])
    assert.equal((await findings.search("gnomes.example", 9)).length, 2)
  })
}
