import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { crc32 } from "node:zlib"
import { examineWeights } from "../../classifiers/weights/examine-weights.ts"

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

function safetensors(header: unknown, body: Uint8Array, spelled = JSON.stringify(header)): Buffer {
  const json = Buffer.from(spelled)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, body])
}

function gguf(pairs: Readonly<Record<string, string | number>>): Buffer {
  const string = (text: string) => {
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)))
    return Buffer.concat([length, Buffer.from(text)])
  }
  const word = (value: number) => Buffer.from(new Uint32Array([value]).buffer)
  const count = (value: number) => Buffer.concat([word(value), word(0)])
  const values = Object.entries(pairs).map(([key, value]) =>
    typeof value === "string"
      ? Buffer.concat([string(key), word(8), string(value)])
      : Buffer.concat([string(key), word(4), word(value)]),
  )
  return Buffer.concat([Buffer.from("GGUF"), word(3), count(291), count(values.length), ...values])
}

async function examined(t: TestContext, name: string, bytes: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), "watchline-weights-"))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, name)
  await writeFile(file, bytes)
  return examineWeights(file)
}

test("a safetensors file is known by its digests, its body's digest, and what its header says of model and training", async (t) => {
  const body = Buffer.alloc(1_200_000, 7)
  const header = {
    __metadata__: {
      ss_network_module: "networks.lora",
      ss_output_name: "gnome_moss_v3",
      ss_base_model_version: "sdxl_base_v1-0",
      ss_sd_model_name: "/home/wren/models/gnomeMix.safetensors",
      ss_new_sd_model_hash: "ab".repeat(32),
      ss_session_id: "1234567",
      ss_num_train_images: "240",
      ss_training_started_at: "1767225600.5",
      ss_tag_frequency: '{"secret folder": {"secret caption": 3}}',
      ss_dataset_dirs: '{"secret folder": {}}',
      "modelspec.thumbnail": "data:image/png;base64,secret",
    },
    "lora_unet_mid.lora_down.weight": { dtype: "F16", shape: [4, 4], data_offsets: [0, 32] },
  }
  const bytes = safetensors(header, body)
  const row = await examined(t, "Gnome_Moss.safetensors", bytes)
  assert.deepEqual(row!.header, {
    format: "safetensors",
    tensors: 1,
    kind: "lora",
    name: "gnome_moss_v3",
    baseModel: "sdxl_base_v1-0",
    baseModelName: "gnomeMix.safetensors",
    baseModelHash: "ab".repeat(32),
    trainingSession: "1234567",
    trainingImages: 240,
    trainedFrom: "2026-01-01T00:00:00.500Z",
  })
  assert.deepEqual(row!.artefacts, [
    `sha256:${digest(bytes)}`,
    `autov2:${digest(bytes).slice(0, 10)}`,
    `autov3:${digest(body).slice(0, 12)}`,
    `autov1:${digest(bytes.subarray(0x100000, 0x110000)).slice(0, 8)}`,
    `crc32:${crc32(bytes).toString(16).padStart(8, "0")}`,
    "file:gnome_moss.safetensors",
  ])
  assert.equal(row!.sha256, digest(bytes))
  assert.ok(!JSON.stringify(row).includes("secret"))
})

test("a GGUF file is known by the name and architecture in its header", async (t) => {
  const row = await examined(
    t,
    "gnome.gguf",
    gguf({ "general.architecture": "llama", "general.file_type": 15, "general.name": "Gnome 7B" }),
  )
  assert.deepEqual(row!.header, { format: "gguf", tensors: 291, name: "Gnome 7B", baseModel: "llama" })
})

test("a header that is broken, cut or far too long leaves the digests and says so; other files are not weights", async (t) => {
  for (const bytes of [safetensors({}, Buffer.alloc(9), '{"a": '), gguf({ "general.name": "x" }).subarray(0, 20)]) {
    const row = await examined(t, "odd.safetensors", bytes)
    assert.deepEqual([row!.error, row!.sha256], ["weights_header_unreadable", digest(bytes)])
  }
  const long = safetensors({}, Buffer.alloc(0), `{"__metadata__":{"ss_output_name":"${"x".repeat(17 << 20)}"}}`)
  assert.equal((await examined(t, "long.safetensors", long))!.error, "weights_header_unreadable")
  const overrun = Buffer.concat([Buffer.from([255, 255, 255, 255, 255, 255, 255, 127]), Buffer.from("{}")])
  for (const bytes of [overrun, Buffer.from("a gnome"), Buffer.alloc(0)])
    assert.equal(await examined(t, "none.bin", bytes), undefined)
})

test("a PyTorch archive is told by its first entry and only digested", async (t) => {
  const head = Buffer.alloc(30)
  head.write("PK\x03\x04", "latin1")
  const bytes = Buffer.concat([head, Buffer.from("archive/data.pkl"), Buffer.alloc(64)])
  const row = await examined(t, "gnome.pt", bytes)
  assert.deepEqual([row!.format, row!.header, row!.error], ["pytorch", undefined, undefined])
})
