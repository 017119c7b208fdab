import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { type TestContext, test } from "node:test"
import { examineAttachment } from "../../classifiers/characters/examine-attachment.ts"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import { Finding } from "../../src/model/finding.ts"
import { attachmentFindings } from "../../src/stages/judge-attachment.ts"
import { anAttachment, aPost } from "../contract/records.ts"

const card = {
  spec: "chara_card_v3",
  data: { name: "Gustav the Gnome", description: "keeps the north bed", first_mes: "Good morning, fern." },
}

/** As the editor saves it: names stand among the widgets of loaders; a picture in base64 lies beside them. */
const drawn = {
  last_node_id: 3,
  version: 0.4,
  links: [],
  nodes: [
    { id: 1, type: "CheckpointLoaderSimple", widgets_values: ["sub\\Gnome-XL.safetensors"] },
    { id: 2, type: "LoraLoader", widgets_values: ["moss_v2.safetensors", 0.8, 1] },
    { id: 3, type: "Power Lora Loader", widgets_values: [{ on: true, lora: "fern.safetensors" }, { on: false, lora: "off.ckpt" }] },
    { id: 4, type: "VAELoader", widgets_values: ["gnome-vae.safetensors"] },
    { id: 5, type: "LoadImage", widgets_values: ["data:image/png;base64,iVBORw0KGgo="] },
  ],
} // biome-ignore format: one node a line

/** As it is sent to run. */
const ran = {
  1: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "Gnome-XL.safetensors" } },
  2: { class_type: "LoraLoader", inputs: { lora_name: "moss_v2.safetensors", model: ["1", 0] } },
  3: { class_type: "KSampler", inputs: { model: ["2", 0], seed: 7 } },
}

const examined = (content: string | Uint8Array) => examineAttachment(new Uint8Array(Buffer.from(content as string)))

test("a character card attached as JSON is known, its words are in memory only, and the file's bytes are overwritten", async () => {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(card)))
  const { card: inMemory, ...kept } = await examineAttachment(bytes)
  assert.equal(kept.form, "character-card")
  assert.equal(kept.sha256, createHash("sha256").update(JSON.stringify(card)).digest("hex"))
  assert.doesNotMatch(JSON.stringify(kept), /Gustav|fern|bed/)
  assert.match(new TextDecoder().decode(inMemory!.content), /Gustav the Gnome/)
  assert.ok(bytes.every((byte) => byte === 0))
})

test("a workflow, as saved or as run, names the models it asks for; switched-off ones, other parts and pictures inside are left out", async () => {
  for (const [json, loras] of [
    [drawn, ["moss_v2.safetensors", "fern.safetensors"]],
    [ran, ["moss_v2.safetensors"]],
  ] as const) {
    const { form, signals } = await examined(JSON.stringify(json))
    assert.equal(form, "workflow")
    assert.deepEqual(
      signals.map(({ model, loras = [] }) => [model, loras.map(({ name }) => name)]),
      [["Gnome-XL.safetensors", [...loras]]],
    )
    assert.doesNotMatch(JSON.stringify(signals), /base64|iVBOR/)
  }
})

test("anything else attached is known by its digests alone: settings, lists, broken JSON, deep JSON, a picture by that name", async () => {
  const others: readonly (string | Uint8Array)[] = [
    '{"name": "gnome", "version": "1.0.0", "dependencies": {}}',
    "[1, 2, 3]",
    '{"spec": "chara_card_v3", "data": ',
    `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
    Buffer.from([0x50, 0x4b, 5, 6, 255, 255]),
    Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
    "",
  ]
  for (const content of others) {
    const { form, signals, card: none } = await examined(content)
    assert.deepEqual([form, signals, none], ["other", [], undefined])
  }
})

test("an attachment is examined in the pool beside pictures, whose workers it shares", async (t: TestContext) => {
  const pool = openExaminerPool({ workers: 1 })
  t.after(() => pool.close())
  const { form, card: inMemory } = await pool.examineAttachment(new Uint8Array(Buffer.from(JSON.stringify(card))))
  assert.deepEqual([form, inMemory?.spec], ["character-card", "v3"])
})

test("a card becomes a finding about its post by the keyed digest of its name, a workflow the models that it names", async () => {
  const post = aPost("1")
  const name = "a".repeat(64)
  const trace = { spec: "v3" as const, name, text: "b".repeat(64) }
  const [handed] = attachmentFindings(anAttachment(post, "card", { form: "character-card", card: trace }))
  assert.deepEqual([handed!.kind, handed!.subject.id, handed!.about], ["character-card", post.id, `card:${name}`])
  const { signals } = await examined(JSON.stringify(ran))
  const models = attachmentFindings(anAttachment(post, "workflow", { form: "workflow", signals }))
  assert.deepEqual(
    models.map(({ kind, about, artefactKind }) => [kind, about, artefactKind]),
    [
      ["model-link", "checkpoint:gnome-xl", "checkpoint"],
      ["model-link", "lora:moss_v2", "lora"],
    ],
  )
  for (const finding of [handed!, ...models]) assert.equal(Finding.problem(finding), undefined)
  assert.deepEqual(attachmentFindings(anAttachment(post, "list")), [])
})
