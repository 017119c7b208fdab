import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { textReader } from "../../classifiers/text-reader.ts"
import { openSqliteStores } from "../../src/adapters/sqlite/stores.ts"
import type { Signal } from "../../src/model/fingerprint.ts"
import type { Post } from "../../src/model/post.ts"
import type { Findings, Indexed } from "../../src/ports/findings.ts"
import { postFindings } from "../../src/stages/judge-post.ts"
import { artefacts, artefactTrend } from "../../src/trends/artefact-graph.ts"
import { aFingerprint, aPost, aSighting, day } from "../contract/records.ts"

interface Written {
  readonly text: string
  readonly post: Post
  /** Traces of pictures in the post. */
  readonly pictures?: readonly (readonly Signal[])[]
}

const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
const infotext = (model: string, modelHash: string, lora?: string): Signal => ({
  family: "automatic1111",
  strength: "strong",
  model,
  modelHash,
  ...(lora ? { loras: [{ name: lora, hash: "a5f58eb1c3aa" }] } : {}),
})

/** What the stages make of these posts, in an index of its own. */
async function indexOf(t: TestContext, written: readonly Written[]): Promise<Findings> {
  const folder = await mkdtemp(join(tmpdir(), "watchline-graph-"))
  t.after(() => rm(folder, { recursive: true }))
  const stores = openSqliteStores(folder, { clock: () => Date.parse(day(20)), random: () => 0.5 })
  t.after(() => stores.close())
  const { findings, writer } = stores
  const records = written.flatMap(({ text, post, pictures = [] }): Indexed[] => [
    { kind: "post", record: post },
    ...postFindings(post, text, textReader).map((record) => ({ kind: "finding", record }) as const),
    ...pictures.flatMap((signals, place): Indexed[] => {
      const image = aFingerprint(`${post.id} ${place}`, { signals: [...signals] })
      const membership = {
        id: image.id,
        fingerprint: image.id,
        cluster: image.id,
        distance: 0,
        revision: 1,
        mandate: image.mandate,
      }
      return [
        { kind: "fingerprint", record: image },
        { kind: "sighting", record: aSighting(post, image) },
        { kind: "membership", record: membership },
      ]
    }),
  ])
  for (const answer of await writer.put(records)) assert.equal(answer, undefined)
  return findings
}

test("a download address, its page, and a picture with the version's id are one artefact", async (t) => {
  const findings = await indexOf(t, [
    { text: "https://civitai.com/models/12?modelVersionId=34", post: aPost("1") },
    {
      text: "https://civitai.com/api/download/models/34",
      post: aPost("2", { postedAt: day(9), author: "pseudonym-b", thread: "t2" }),
    },
    {
      text: "look",
      post: aPost("3", { postedAt: day(12) }),
      pictures: [
        [
          {
            family: "comfyui",
            strength: "strong",
            model: "gnomeMix_v2",
            modelHubId: "civitai:version:34",
            baseModel: "sdxl",
          },
        ],
      ],
    },
  ])
  const [only, ...more] = await artefacts(findings, {})
  assert.deepEqual(more, [])
  assert.equal(only!.id, "civitai:model:12@34")
  assert.deepEqual(only!.aliases, ["civitai:version:34", "checkpoint:gnomemix_v2"])
  assert.equal(only!.versionOf, "civitai:model:12")
  assert.deepEqual([only!.kind, only!.baseModel], ["checkpoint", "sdxl"])
  assert.deepEqual([only!.posts, only!.threads, only!.forums, only!.authors], [2, 2, 1, 2])
  assert.deepEqual([only!.imageCount, only!.sightings], [1, 1])
  assert.deepEqual(only!.images[0]!.by, ["hub", "name"])
  assert.deepEqual([only!.firstSeen, only!.lastSeen], [day(1), day(12)])
})

test("a file, the tag that prompts call it by and the pictures with its hash are one artefact, whoever hid it", async (t) => {
  const findings = await indexOf(t, [
    { text: "grab gnome_moss_v3[.]safetensors", post: aPost("1") },
    { text: "a gnome <lora:gnome_moss_v3:0.8>", post: aPost("2") },
    { text: "AutoV3: A5F58EB1C3AA", post: aPost("3") },
    {
      text: "mine",
      post: aPost("4"),
      pictures: [[infotext("clay_mix", "7460a6fa11", "gnome_moss_v3")], [infotext("clay_mix", "7460a6fa11")]],
    },
  ])
  const all = await artefacts(findings, {})
  const lora = all.find(({ id }) => id === "autov3:a5f58eb1c3aa")!
  assert.deepEqual(lora.aliases, ["file:gnome_moss_v3.safetensors", "lora:gnome_moss_v3"])
  assert.deepEqual([lora.kind, lora.posts, lora.disguised, lora.imageCount], ["lora", 3, 1, 1])
  assert.deepEqual(lora.images[0]!.by, ["hash", "name"])
  const checkpoint = all.find(({ id }) => id === "autov2:7460a6fa11")!
  assert.deepEqual([checkpoint.aliases, checkpoint.posts, checkpoint.imageCount], [["checkpoint:clay_mix"], 0, 2])
  assert.equal(all.length, 2)
})

test("a SHA-256 and its first ten digits are one; eight digits and plain words join nothing", async (t) => {
  const findings = await indexOf(t, [
    { text: `checkpoint sha256: ${sha256}`, post: aPost("1") },
    { text: `Model hash: ${sha256.slice(0, 10)}`, post: aPost("2") },
    { text: "Model hash: 7460a6fa, Model: gnome", post: aPost("3") },
    { text: "Model hash: 7460a6fa, Model: fern", post: aPost("4") },
    { text: "<lora:gnome:1>", post: aPost("5") },
  ])
  const all = await artefacts(findings, {})
  assert.deepEqual(
    all.map(({ id, posts }) => [id, posts]),
    [
      ["autov1:7460a6fa", 2],
      ["lora:gnome", 1],
      [`sha256:${sha256}`, 2],
    ],
  )
})

test("the trend of an artefact counts posts that name it and pictures that show it, by any of its ids", async (t) => {
  const findings = await indexOf(t, [
    { text: "gnome_moss_v3.safetensors and again <lora:gnome_moss_v3:1>", post: aPost("1", { postedAt: day(1) }) },
    {
      text: "see",
      post: aPost("2", { postedAt: day(9) }),
      pictures: [[infotext("clay_mix", "7460a6fa11", "gnome_moss_v3")]],
    },
  ])
  for (const id of ["lora:gnome_moss_v3", "file:gnome_moss_v3.safetensors", "autov3:a5f58eb1c3aa"]) {
    assert.deepEqual(await artefactTrend(findings, id, "week", {}), [
      { bucket: "2026-04-27", group: "named", count: 1 },
      { bucket: "2026-05-04", group: "shown", count: 1 },
    ])
  }
  assert.equal(await artefactTrend(findings, "lora:unknown", "week", {}), undefined)
  assert.equal((await artefactTrend(findings, "lora:gnome_moss_v3", "month", { from: day(5) }))!.length, 1)
})

test("the evidence of a hidden reference is in its finding, with the place of each disguise and no word of the text", () => {
  const post = aPost("1")
  const [finding] = postFindings(post, "see hxxps://civitai[.]com/models/12", textReader)
  assert.deepEqual(finding!.reasons, [
    { name: "disguise:hxxp", weight: 1, span: [4, 8] },
    { name: "disguise:bracket", weight: 1, span: [19, 22] },
  ])
})
