import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { instant } from "../../src/model/record.ts"
import type { Findings, Indexed, Scope } from "../../src/ports/findings.ts"
import type { FindingsBench } from "./findings-writer.contract.ts"
import {
  aFinding,
  aFingerprint,
  aMembership,
  anAttachment,
  aPost,
  aSighting,
  aSignal,
  aVisit,
  day,
  mandate,
} from "./records.ts"

// A garden of four posts in two forums: an image with a strong trace, its re-encoded repost, a weak one, a known one.
const made = aFingerprint("made", { signals: [aSignal("a1111", "strong", "gnome-webui"), aSignal("iptc", "weak")] })
const repost = aFingerprint("repost")
const weak = aFingerprint("weak", { signals: [aSignal("software", "weak", "gnome-editor")] })
const known = aFingerprint("known", { error: "image_truncated" })
const { postedAt: _, ...undated } = aPost("4", { forum: "beds.example", thread: "t9", seenAt: day(12) })
const posts = [
  aPost("1", { postedAt: day(1), images: ["http://gnomes.example/lost.png"] }),
  aPost("2", { postedAt: day(4), author: "pseudonym-b" }),
  aPost("3", { postedAt: day(11), thread: "t2" }),
  undated,
] as const
const at = (post: number, image: typeof made) => aSighting(posts[post]!, image)
const sightings = [at(0, made), at(1, made), at(1, repost), at(2, weak), at(3, known)]
const link = (post: number, about: string) =>
  aFinding(posts[post]!, "model-link", { about, platform: "civitai", artefactKind: "lora" })
const all: Indexed[] = [
  ...posts.map((record) => ({ kind: "post" as const, record })),
  ...[made, repost, weak, known].map((record) => ({ kind: "fingerprint" as const, record })),
  ...sightings.map((record) => ({ kind: "sighting" as const, record })),
  { kind: "membership", record: aMembership(made, made) },
  { kind: "membership", record: aMembership(repost, made) },
  { kind: "membership", record: aMembership(weak, weak) },
  { kind: "membership", record: aMembership(known, known) },
  { kind: "finding", record: aFinding(made, "ai-image", { signals: made.signals }) },
  { kind: "finding", record: aFinding(weak, "ai-image", { signals: weak.signals }) },
  { kind: "finding", record: aFinding(known, "known-image", { about: "gnome register" }) },
  { kind: "finding", record: link(0, "urn:air:sdxl:lora:civitai:11@22") },
  { kind: "finding", record: link(3, "urn:air:sdxl:lora:civitai:11@22") },
  { kind: "finding", record: link(3, "urn:air:flux1:lora:civitai:33@44") },
  { kind: "finding", record: aFinding(posts[2], "guide", { score: 0.8 }) },
  { kind: "finding", record: aFinding(posts[1], "guide", { abstained: "too_short" }) },
  {
    kind: "visit",
    record: aVisit("http://gnomes.example/viewtopic.php?t=t7", day(20), {
      alarm: "no_posts",
      imageFailures: [
        { post: posts[0].id, url: "http://gnomes.example/lost.png", error: "http_refused" },
        { post: posts[0].id, url: sightings[0]!.url, error: "fetch_timeout" },
      ],
    }),
  },
]

export function findingsContract(open: (t: TestContext) => Promise<FindingsBench>): void {
  async function garden(t: TestContext): Promise<Findings> {
    const { writer, findings } = await open(t)
    assert.deepEqual(
      await writer.put(all),
      all.map(() => undefined),
    )
    return findings
  }
  const ids = async (rows: AsyncIterable<{ id: string }>) => (await Array.fromAsync(rows)).map((row) => row.id)

  test("an empty index answers every question", async (t) => {
    const { findings } = await open(t)
    const tally = await findings.tally({})
    assert.deepEqual([tally.posts, tally.sightings, tally.signals, tally.imageErrors], [0, 0, [], []])
    assert.deepEqual(await findings.trend("posts", "month", "none", {}), [])
    assert.deepEqual(await findings.search("gnome", 5), [])
    assert.deepEqual(await Array.fromAsync(findings.clusters({})), [])
  })

  test("the tally counts posts, pictures as posted and by content, traces of their own and by cluster", async (t) => {
    const findings = await garden(t)
    const { signals, generators, imageErrors, ...counts } = await findings.tally({})
    assert.deepEqual(counts, {
      posts: 4,
      threads: 3,
      authors: 2,
      sightings: 5,
      images: 4,
      clusters: 3,
      knownSightings: 1,
      knownImages: 1,
      aiSightings: 2,
      aiImages: 1,
      aiByClusterSightings: 1,
      modelLinkPosts: 2,
      modelArtefacts: 2,
      characterPosts: 0,
      guidePosts: 1,
    })
    assert.deepEqual(signals, [
      { family: "a1111", strength: "strong", sightings: 2, images: 1 },
      { family: "iptc", strength: "weak", sightings: 2, images: 1 },
      { family: "software", strength: "weak", sightings: 1, images: 1 },
    ])
    assert.deepEqual(generators, [
      { generator: "gnome-webui", sightings: 2 },
      { generator: "gnome-editor", sightings: 1 },
    ])
    assert.deepEqual(imageErrors, [
      { error: "http_refused", images: 1 },
      { error: "image_truncated", images: 1 },
    ])
  })

  test("a scope restricts by time of posting, else of seeing, and by forum; its end is left out", async (t) => {
    const findings = await garden(t)
    const posts = async (scope: Scope) => (await findings.tally(scope)).posts
    assert.equal(await posts({ from: day(4), until: day(12) }), 2)
    assert.equal(await posts({ from: day(12) }), 1)
    assert.equal(await posts({ until: day(1) }), 0)
    assert.equal(await posts({ forums: ["beds.example"] }), 1)
    assert.equal(await posts({ forums: ["beds.example"], until: day(12) }), 0)
    const beds = { forums: ["beds.example"] }
    assert.deepEqual(await ids(findings.clusters(beds)), [known.id])
    assert.equal((await Array.fromAsync(findings.findings(beds))).length, 3)
    assert.equal((await Array.fromAsync(findings.images(beds))).length, 1)
    assert.deepEqual(
      (await Array.fromAsync(findings.artefacts({ until: day(2) }))).map((row) => row.posts),
      [1],
    )
  })

  test("trends count by month, week from Monday, and day, split or not", async (t) => {
    const findings = await garden(t)
    assert.deepEqual(await findings.trend("posts", "month", "forum", {}), [
      { bucket: "2026-05", group: "beds.example", count: 1 },
      { bucket: "2026-05", group: "gnomes.example", count: 3 },
    ])
    // 1 May 2026 is a Friday.
    assert.deepEqual(await findings.trend("sightings", "week", "none", {}), [
      { bucket: "2026-04-27", group: "", count: 1 },
      { bucket: "2026-05-04", group: "", count: 2 },
      { bucket: "2026-05-11", group: "", count: 2 },
    ])
    assert.deepEqual(await findings.trend("ai-image", "day", "generator", {}), [
      { bucket: "2026-05-01", group: "gnome-webui", count: 1 },
      { bucket: "2026-05-04", group: "gnome-webui", count: 1 },
    ])
    assert.deepEqual(await findings.trend("images", "month", "family", {}), [
      { bucket: "2026-05", group: "a1111", count: 1 },
      { bucket: "2026-05", group: "iptc", count: 1 },
      { bucket: "2026-05", group: "software", count: 1 },
    ])
    assert.deepEqual(await findings.trend("model-link", "month", "artefact", { from: day(5) }), [
      { bucket: "2026-05", group: "urn:air:flux1:lora:civitai:33@44", count: 1 },
      { bucket: "2026-05", group: "urn:air:sdxl:lora:civitai:11@22", count: 1 },
    ])
    assert.deepEqual(await findings.trend("known-image", "month", "none", {}), [
      { bucket: "2026-05", group: "", count: 1 },
    ])
    assert.deepEqual(await findings.trend("guide", "day", "none", {}), [{ bucket: "2026-05-11", group: "", count: 1 }])
    await assert.rejects(findings.trend("posts", "month", "generator", {}), { code: "input_invalid" })
  })

  test("search finds by kind, generator, artefact, platform, forum and host; all words must fit, the last may be cut", async (t) => {
    const findings = await garden(t)
    const found = async (text: string) => (await findings.search(text, 9)).length
    assert.equal(await found("guide"), 2)
    assert.equal(await found("gnome-webui"), 1)
    assert.equal(await found("urn:air:sdxl:lora:civitai:11@22"), 2)
    assert.equal(await found("civitai beds.example"), 2)
    assert.equal(await found("civit"), 3)
    assert.equal(await found("civitai fountain"), 0)
    assert.equal(await found('" OR NOT ('), 0)
    assert.equal((await findings.search("civitai", 2)).length, 2)
    assert.equal((await findings.search("gnome-webui", 1))[0]!.url, posts[0].url)
    await assert.rejects(findings.search(" -- ", 5), { code: "input_invalid" })
  })

  test("posts come by forum, thread and time, with the content of their pictures where it is known", async (t) => {
    const findings = await garden(t)
    const rows = await Array.fromAsync(findings.posts({}))
    assert.deepEqual(
      rows.map((row) => row.postId),
      ["4", "1", "2", "3"],
    )
    assert.deepEqual(rows[1]!.pictures, [{ url: "http://gnomes.example/lost.png" }])
    const { pictures, ...post } = rows[2]!
    assert.deepEqual(post, posts[1])
  })

  test("a cluster row says who belongs to it, how often it was seen and its strongest trace", async (t) => {
    const findings = await garden(t)
    const rows = await Array.fromAsync(findings.clusters({}))
    assert.deepEqual(
      rows.map((row) => row.id),
      [made.id, weak.id, known.id].sort(),
    )
    assert.deepEqual(
      rows.find((row) => row.id === made.id),
      {
        id: made.id,
        members: [made.id, repost.id].sort(),
        sightings: 3,
        known: false,
        strength: "strong",
        generators: ["gnome-webui"],
        firstSeen: day(1),
      },
    )
    assert.equal(rows.find((row) => row.id === known.id)!.known, true)
    const images = await Array.fromAsync(findings.images({}))
    assert.deepEqual(
      images.map((row) => row.fingerprint.id),
      [made.id, repost.id, weak.id, known.id].sort(),
    )
    const { cluster, sightings, known: isKnown } = images.find((row) => row.fingerprint.id === repost.id)!
    assert.deepEqual([cluster, sightings, isKnown], [made.id, 1, false])
  })

  test("an artefact row says where a model was named", async (t) => {
    const findings = await garden(t)
    const rows = await Array.fromAsync(findings.artefacts({}))
    assert.equal(rows.length, 2)
    assert.deepEqual(rows[1], {
      id: "urn:air:sdxl:lora:civitai:11@22",
      kind: "lora",
      platform: "civitai",
      posts: 2,
      threads: 2,
      forums: 2,
      authors: 1,
      firstSeen: day(1),
      lastSeen: day(12),
    })
  })

  test("a cluster is found by the first digits of its name if they are no other's", async (t) => {
    const findings = await garden(t)
    assert.equal(await findings.findCluster(made.id.slice(0, 12).toUpperCase()), made.id)
    await assert.rejects(findings.findCluster("0123456789abcdef"), { code: "not_found" })
    await assert.rejects(findings.findCluster("gnome"), { code: "input_invalid" })
    await assert.rejects(findings.findCluster(""), { code: "input_invalid" })
  })

  test("the sightings of clusters are those of all their members", async (t) => {
    const findings = await garden(t)
    const expected = sightings.slice(0, 3).map((sighting) => sighting.id)
    assert.deepEqual(await ids(findings.sightingsOf([made.id], {})), expected.sort())
    assert.equal((await ids(findings.sightingsOf([made.id, known.id], { from: day(4) }))).length, 3)
    assert.deepEqual(await ids(findings.sightingsOf([], {})), [])
  })

  test("a guide is one text, wherever it was posted: its copies are one row, and no cluster of images", async (t) => {
    const { writer, findings } = await open(t)
    const copies = [
      aPost("1", { postedAt: day(1) }),
      aPost("2", { postedAt: day(3), thread: "t2" }),
      aPost("3", { postedAt: day(9), forum: "beds.example", author: "pseudonym-b" }),
    ]
    const alone = aPost("4", { postedAt: day(5) })
    const cluster = copies[0]!.id
    const records: Indexed[] = [...copies, alone].map((record) => ({ kind: "post", record }))
    for (const [n, post] of copies.entries()) {
      records.push({ kind: "finding", record: aFinding(post, "guide", { score: 0.7 + n / 10, language: "en" }) })
      const membership = { id: post.id, fingerprint: post.id, cluster, distance: n, revision: 1, mandate: post.mandate }
      records.push({ kind: "membership", record: membership })
    }
    records.push({ kind: "finding", record: aFinding(alone, "guide", { score: 0.6 }) })
    await writer.put(records)
    const together = {
      posts: 3,
      threads: 3,
      forums: 2,
      authors: 2,
      languages: ["en"],
      firstSeen: day(1),
      lastSeen: day(9),
    }
    const rows = await Array.fromAsync(findings.guides({}))
    assert.deepEqual(
      rows.map(({ score, ...row }) => ({ ...row, score: Math.round(score * 10) })),
      [
        { id: cluster, ...together, score: 9 },
        {
          id: alone.id,
          ...{ posts: 1, threads: 1, forums: 1, authors: 1, languages: [], firstSeen: day(5), lastSeen: day(5) },
          score: 6,
        },
      ].sort((a, b) => (a.id < b.id ? -1 : 1)),
    )
    const early = await Array.fromAsync(findings.guides({ until: day(4) }))
    assert.deepEqual(
      early.map(({ id, posts, forums }) => [id, posts, forums]),
      [[cluster, 2, 1]],
    )
    assert.deepEqual(await Array.fromAsync(findings.clusters({})), [])
    assert.equal((await findings.tally({})).clusters, 0)
    assert.equal(await findings.clusterOf(copies[2]!.id), cluster)
    assert.equal(await findings.findCluster(cluster.slice(0, 12)), cluster)
  })

  test("how a guide spreads is a trend: forums count when it reaches them, once each, and add up to where it stands", async (t) => {
    const { writer, findings } = await open(t)
    const march = (number: number) => instant(Date.UTC(2026, 2, number, 12))
    const [first, again, elsewhere, late] = [
      aPost("1", { postedAt: march(2) }),
      aPost("2", { postedAt: day(3) }),
      aPost("3", { postedAt: day(4), forum: "beds.example" }),
      aPost("4", { postedAt: day(12), forum: "pots.example" }),
    ]
    const other = aPost("5", { postedAt: day(5), forum: "beds.example" })
    const cluster = elsewhere.id
    await writer.put([
      ...[first, again, elsewhere, late, other].flatMap((post): Indexed[] => [
        { kind: "post", record: post },
        { kind: "finding", record: aFinding(post, "guide", { score: 0.8 }) },
      ]),
      ...[first, again, elsewhere, late].map((post): Indexed => {
        const membership = { id: post.id, fingerprint: post.id, cluster, distance: 3, revision: 1, mandate }
        return { kind: "membership", record: membership }
      }),
      { kind: "finding", record: aFinding(again, "guide", { score: 0.9, producer: "another@1" }) },
    ])
    assert.deepEqual(await findings.trend("guide-spread", "month", "none", {}), [
      { bucket: "2026-03", group: "", count: 1 },
      { bucket: "2026-05", group: "", count: 3 },
    ])
    assert.deepEqual(
      await findings.trend("guide-spread", "week", "guide", { from: day(1) }),
      [
        { bucket: "2026-05-04", group: cluster, count: 1 },
        { bucket: "2026-05-04", group: other.id, count: 1 },
        { bucket: "2026-05-11", group: cluster, count: 1 },
      ].sort((a, b) => (a.bucket + a.group < b.bucket + b.group ? -1 : 1)),
    )
    assert.deepEqual(await findings.trend("guide-spread", "month", "forum", { until: day(5) }), [
      { bucket: "2026-03", group: "gnomes.example", count: 1 },
      { bucket: "2026-05", group: "beds.example", count: 1 },
    ])
    assert.deepEqual(await findings.trend("guide-spread", "day", "none", { forums: ["pots.example"] }), [
      { bucket: "2026-05-12", group: "", count: 1 },
    ])
    assert.deepEqual(
      await findings.trend("guide", "month", "guide", { from: day(1) }),
      [
        { bucket: "2026-05", group: cluster, count: 3 },
        { bucket: "2026-05", group: other.id, count: 1 },
      ].sort((a, b) => (a.group < b.group ? -1 : 1)),
    )
    const reached = Map.groupBy(await findings.trend("guide-spread", "day", "guide", {}), ({ group }) => group)
    for await (const { id, forums } of findings.guides({})) {
      assert.equal(
        reached.get(id)!.reduce((sum, { count }) => sum + count, 0),
        forums,
      )
    }
    await assert.rejects(findings.trend("guide-spread", "month", "generator", {}), { code: "input_invalid" })
  })

  test("attachments come by id, of a scope by when their post was posted and where, each once", async (t) => {
    const { writer, findings } = await open(t)
    const [one, other] = [anAttachment(posts[0], "card"), anAttachment(undated, "workflow", { form: "workflow" })]
    const records: Indexed[] = [one, other].map((record) => ({ kind: "attachment", record }))
    await writer.put(records)
    await writer.put([{ kind: "attachment", record: { ...one, seenAt: day(25) } }, ...records])
    const found = async (scope: Scope) => Array.fromAsync(findings.attachments(scope))
    assert.deepEqual(
      await found({}),
      [one, other].sort((a, b) => (a.id < b.id ? -1 : 1)),
    )
    assert.deepEqual(await found({ until: day(12) }), [one])
    assert.deepEqual(await found({ forums: ["beds.example"] }), [other])
  })

  test("posts that hand over a character are a trend, whether it is in a picture or in a file", async (t) => {
    const { writer, findings } = await open(t)
    const card = (subject: Parameters<typeof aFinding>[0], about: string): Indexed => ({
      kind: "finding",
      record: aFinding(subject, "character-card", { about }),
    })
    const records: Indexed[] = [...posts.map((record) => ({ kind: "post" as const, record }))]
    for (const record of sightings) records.push({ kind: "sighting", record })
    // a picture in two posts, one of which has the same character as a file too, and another character alone
    await writer.put([...records, card(made, "card:a"), card(posts[1], "card:a"), card(undated, "card:b")])
    assert.deepEqual(await findings.trend("character-card", "month", "none", {}), [
      { bucket: "2026-05", group: "", count: 3 },
    ])
    assert.deepEqual(await findings.trend("character-card", "day", "artefact", { from: day(2) }), [
      { bucket: "2026-05-04", group: "card:a", count: 1 },
      { bucket: "2026-05-12", group: "card:b", count: 1 },
    ])
    assert.deepEqual(await findings.trend("character-card", "month", "forum", {}), [
      { bucket: "2026-05", group: "beds.example", count: 1 },
      { bucket: "2026-05", group: "gnomes.example", count: 2 },
    ])
  })

  test("alarms are never silent", async (t) => {
    const findings = await garden(t)
    assert.deepEqual(await findings.alarms({}), [
      { forum: "gnomes.example", url: "http://gnomes.example/viewtopic.php?t=t7", at: day(20), alarm: "no_posts" },
    ])
    assert.deepEqual(await findings.alarms({ until: day(20) }), [])
  })

  test("a scan of many pages comes in order, each record once, although somebody writes", async (t) => {
    const { writer, findings } = await open(t)
    const many = (from: number, to: number): Indexed[] =>
      Array.from({ length: to - from }, (_, n) => ({
        kind: "finding",
        record: aFinding(aPost(String(from + n)), "guide"),
      }))
    await writer.put(many(0, 1200))
    const seen: string[] = []
    for await (const finding of findings.findings({})) {
      seen.push(finding.id)
      if (seen.length === 600) await writer.put(many(1200, 1300))
    }
    assert.deepEqual(seen, [...new Set(seen)].sort())
    assert.ok(seen.length >= 1200)
  })
}
