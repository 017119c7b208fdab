import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { openTextReader } from "../../classifiers/text-reader.ts"
import { openSqliteStores } from "../../src/adapters/sqlite/stores.ts"
import { newApproval, newDecision } from "../../src/delist/assessment.ts"
import { Finding } from "../../src/model/finding.ts"
import type { Post } from "../../src/model/post.ts"
import { instant } from "../../src/model/record.ts"
import type { Indexed } from "../../src/ports/findings.ts"
import { encode } from "../../src/ports/message-codec.ts"
import { guideClusterStage } from "../../src/stages/cluster.ts"
import { postFindings } from "../../src/stages/judge-post.ts"
import { monthReport } from "../../src/trends/month-report.ts"
import { aPost, day } from "../contract/records.ts"

const moss = `How to make moss that looks like moss
1. Open ComfyUI and load the default workflow.
2. Choose an SDXL checkpoint for landscapes and put the moss LoRA behind it with a weight of 0.7.
3. Write "dry stone wall, moss, morning light" into the prompt, nothing else.
4. Set 28 steps, CFG 6 and the sampler DPM++ 2M Karras, then queue a batch of four.
5. Send the best one to img2img with a denoise of 0.35 and upscale it twice.`
const pond = `Ein Teich in vier Durchgängen
1. Öffne Forge und stelle 1024x768 und 20 Schritte ein.
2. Erzeuge zuerst nur das Ufer, ohne Wasser, und wähle das beste Bild.
3. Übermale die Mulde und schreibe "stilles Wasser" in den Prompt, Denoise 0,8.
4. Senke den Denoise auf 0,3 und gehe noch einmal über den Rand, mit größerem Padding.`

/** Posts in the order of their dates: two texts, copies of the first in three forums. */
const posts: readonly [Post, string][] = [
  [aPost("1", { postedAt: day(1) }), moss],
  [aPost("2", { postedAt: day(2) }), pond],
  [aPost("3", { postedAt: day(3) }), "Which LoRA did you use for the moss? Mine looks like plastic, thanks!"],
  [
    aPost("4", { postedAt: day(4), forum: "beds.example" }),
    `Reposting this:\n\n${moss.replaceAll(/^\d\. /gm, "- ").replace("28 steps", "30 steps")}`,
  ],
  [
    aPost("5", { postedAt: day(9), forum: "pots.example" }),
    `${moss.replaceAll("\n", "\n\n").replace("morning", "evening")}\nHave fun!`,
  ],
]

/** What a workspace knows after the posts have come in this order. */
async function collected(t: TestContext, order: readonly (readonly [Post, string])[]) {
  const folder = await mkdtemp(join(tmpdir(), "watchline-guides-"))
  const stores = openSqliteStores(folder, { clock: () => Date.parse(day(20)), random: () => 0.5 })
  t.after(async () => {
    await stores.close()
    await rm(folder, { recursive: true })
  })
  const reader = openTextReader({ sketchKey: new Uint8Array(32).fill(5) })
  const stage = guideClusterStage({ clusters: stores.guideClusters, eventLog: stores.eventLog })
  for (const [post, text] of order) {
    const found = postFindings(post, text, reader)
    for (const finding of found) assert.equal(Finding.problem(finding), undefined)
    await stage.process(
      found.map((finding) => ({
        ...encode("findings", finding.subject.id, Finding, finding),
        receipt: finding.id,
        headers: {},
      })),
    )
    const records: Indexed[] = [
      { kind: "post", record: post },
      ...found.map((record) => ({ kind: "finding" as const, record })),
    ]
    await stores.writer.put(records)
  }
  const memberships = await Array.fromAsync(stores.guideClusters.memberships())
  await stores.writer.put(memberships.map((record) => ({ kind: "membership", record })))
  return stores
}

const rowsOf = async (stores: Awaited<ReturnType<typeof collected>>) => Array.fromAsync(stores.findings.guides({}))

test("copies of a guide are one text in three forums, whatever their order of arrival", async (t) => {
  const first = await rowsOf(await collected(t, posts))
  const last = await rowsOf(await collected(t, posts.toReversed()))
  assert.deepEqual(first, last)
  assert.deepEqual(
    first.map(({ posts, forums, languages }) => ({ posts, forums, languages })).sort((a, b) => b.posts - a.posts),
    [
      { posts: 3, forums: 3, languages: ["en"] },
      { posts: 1, forums: 1, languages: ["de"] },
    ],
  )
})

test("the sketch that rests in a finding shows no word of the text", async (t) => {
  const stores = await collected(t, posts)
  for await (const finding of stores.findings.findings({}, "guide")) {
    assert.match(finding.sketch!, /^[0-9a-f]{64}$/)
    assert.doesNotMatch(JSON.stringify(finding), /moss|Teich|wall|Ufer/i)
  }
})

test("two people decide on a guide once; the decision covers its copies, the late ones too, and the report counts it", async (t) => {
  const stores = await collected(t, posts)
  const { id } = (await rowsOf(stores)).find(({ posts }) => posts === 3)!
  const history = { decisions: [], approvals: [] }
  const decision = newDecision(
    history,
    { cluster: id, person: "kim", verdict: "confirmed", minutes: 3, at: instant(Date.parse(day(20))) },
    (cluster) => cluster,
  )
  await stores.decisions.decide(decision)
  const answer = { cluster: id, person: "lee", approved: true, at: instant(Date.parse(day(20)) + 1000) }
  await stores.decisions.approve(newApproval({ decisions: [decision], approvals: [] }, answer, (cluster) => cluster))
  const { guides, guideTexts, analystHours } = await monthReport(stores, { month: "2026-05" })
  assert.equal(guides, 4)
  assert.deepEqual(guideTexts, {
    ...{ texts: 2, reposted: 1, inSeveralForums: 1, mostForums: 3, forumsReached: 4, assessed: 1, confirmed: 1 },
  })
  assert.equal(analystHours, 0.05)
})
