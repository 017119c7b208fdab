import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { examine } from "../../classifiers/image/examine.ts"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import { openPixelModel, openPixelModels } from "../../classifiers/image/pixel/open-model.ts"
import { readPixelModel } from "../../classifiers/image/pixel/read-manifest.ts"
import presets from "../../classifiers/models/presets.json" with { type: "json" }
import { describeError } from "../../src/errors.ts"
import { manifestProblem, type PixelModelManifest } from "../../src/model/pixel-model.ts"
import { blackPng, png } from "../support/image-bytes.ts"
import { type TinyModel, tinyModel } from "../support/onnx-bytes.ts"
import { layModel, sha256, tinyManifest } from "../support/pixel-models.ts"

/** What the loader says of a model that is wrong in one way; a refusal must have a remedy. */
async function refusal(t: TestContext, lay: Parameters<typeof layModel>[1]): Promise<string> {
  const file = await layModel(t, lay)
  const error = await openPixelModel(file).then(
    () => assert.fail("the model was opened"),
    (reason: unknown) => describeError(reason),
  )
  assert.equal(error.code, "model_refused")
  assert.ok(error.remedy, "it says what to do")
  return error.message
}

const withModel = (wrong: TinyModel, more: Partial<PixelModelManifest> = {}) => {
  const onnx = tinyModel(wrong)
  return { manifest: tinyManifest(onnx, more), files: { "tiny.onnx": onnx } }
}

test("a right model opens and answers: the mean of a white picture is two standard deviations", async (t) => {
  const model = await openPixelModel(await layModel(t))
  t.after(() => model.close())
  const data = Buffer.alloc(64 * 64 * 3, 255)
  const reading = await model.read({ data, width: 64, height: 64, channels: 3 })
  assert.equal(reading.model, "tiny@1")
  assert.ok(Math.abs(reading.logit! - 2) < 1e-5)
})

for (const [name, preset] of Object.entries(presets)) {
  test(`the preset ${name} makes a manifest right`, () => {
    assert.equal(manifestProblem({ ...tinyManifest(tinyModel()), ...preset }), undefined)
  })
}

test("a file with another SHA-256 is refused", async (t) => {
  const onnx = tinyModel()
  const manifest = tinyManifest(onnx)
  const other = { ...manifest, file: { ...manifest.file, sha256: sha256("another") } }
  assert.match(await refusal(t, { manifest: other }), /SHA-256/)
})

test("a file of another length is refused before it is read", async (t) => {
  assert.match(await refusal(t, { files: { "tiny.onnx": new Uint8Array(7) } }), /7 bytes/)
})

test("a model with weights in another file is refused", async (t) => {
  assert.match(await refusal(t, withModel({ externalData: true })), /another file/)
})

test("a model with operators of its own is refused", async (t) => {
  assert.match(await refusal(t, withModel({ domain: "com.example" })), /com\.example/)
})

test("a model with another input name is refused", async (t) => {
  assert.match(await refusal(t, withModel({ input: "pictures" })), /pictures, not x/)
})

test("a model whose input is no batch of pictures is refused", async (t) => {
  assert.match(await refusal(t, withModel({ rank: 3 })), /3 dimensions/)
})

test("a model without the promised output is refused", async (t) => {
  assert.match(await refusal(t, withModel({ output: "y" })), /no output logit/)
})

test("a model of another opset is refused", async (t) => {
  assert.match(await refusal(t, withModel({ opset: 12 })), /opset is 12/)
})

test("a model that answers otherwise than its parity vector says is refused, by more than a thousandth", async (t) => {
  const { parity } = tinyManifest(tinyModel())
  const off = (by: number) => withModel({}, { parity: { ...parity, logit: parity.logit + by } })
  assert.match(await refusal(t, off(0.0011)), /parity/)
  const model = await openPixelModel(await layModel(t, off(0.0009)))
  await model.close()
})

test("a model above its own limit of bytes is refused", async (t) => {
  const limits = { maxModelBytes: 10, timeoutMs: 1000, memoryMb: 300 }
  assert.match(await refusal(t, withModel({}, { limits })), /limit of 10/)
})

test("what is no ONNX model, no manifest, or not there is refused", async (t) => {
  const noise = new Uint8Array(100).fill(0xff)
  assert.match(await refusal(t, { manifest: tinyManifest(noise), files: { "tiny.onnx": noise } }), /no ONNX/)
  assert.match(await refusal(t, { manifest: "{" }), /no JSON/)
  assert.match(await refusal(t, { manifest: { ...tinyManifest(tinyModel()), extra: 1 } }), /no manifest/)
  const gone = { ...tinyManifest(tinyModel()) }
  assert.match(await refusal(t, { manifest: { ...gone, file: { ...gone.file, path: "gone.onnx" } } }), /can't be read/)
})

test("a manifest can't name a file outside its folder", async (t) => {
  const manifest = tinyManifest(tinyModel())
  assert.match(
    await refusal(t, { manifest: { ...manifest, file: { ...manifest.file, path: "../tiny.onnx" } } }),
    /path/,
  )
})

test("a head for another trunk is refused", async (t) => {
  const head = JSON.stringify({ descriptor: "other@1", weights: Buffer.alloc(8).toString("base64"), bias: 0 })
  const descriptor = {
    name: "tiny@1",
    dims: 2,
    quantisation: { type: "int8", scale: 24 },
    head: { path: "head.json", sha256: sha256(head), bytes: head.length },
  } as const
  const output = { name: "logit", kind: "descriptor", positive: 0, aggregate: "in-graph" } as const
  assert.match(
    await refusal(t, { manifest: tinyManifest(tinyModel(), { descriptor, output }), files: { "head.json": head } }),
    /not of tiny@1/,
  )
})

test("a pool refuses a bad model when it is opened, not picture by picture", async (t) => {
  const onnx = tinyModel({ domain: "com.example" })
  const file = await layModel(t, { manifest: tinyManifest(onnx), files: { "tiny.onnx": onnx } })
  assert.throws(() => openExaminerPool({ models: [file] }), { code: "model_refused" })
})

test("a model that fails in a worker is said to have failed; the picture's fingerprint is whole", async (t) => {
  const manifest = tinyManifest(tinyModel(), { parity: { seed: 5, logit: 99 } })
  const file = await layModel(t, { manifest })
  readPixelModel(file)
  const models = await openPixelModels([file])
  const result = await examine(new Uint8Array(blackPng(64, 64)), undefined, undefined, models)
  assert.equal(result.pdq?.length, 64)
  assert.deepEqual(result.pixels, [{ model: "tiny@1", failed: "model_failed" }])
})

test("a model that takes too long is said to have done so", async (t) => {
  const limits = { maxModelBytes: 1_000_000, timeoutMs: 1, memoryMb: 300 }
  const model = await openPixelModel(await layModel(t, { manifest: tinyManifest(tinyModel(), { limits }) }))
  t.after(() => model.close())
  const side = 3000 // scaling it down alone takes longer than the millisecond that it has
  const reading = await model.read({ data: Buffer.alloc(side * side * 3), width: side, height: side, channels: 3 })
  assert.equal(reading.failed, "model_timeout")
})

test("an examiner's workers look at pixels, and keep no more than the answer", async (t) => {
  const pool = openExaminerPool({ workers: 1, models: [await layModel(t)] })
  t.after(() => pool.close())
  const bytes = png({ width: 64, height: 64, pixel: () => [255, 255, 255] })
  const { pixels } = await pool.examine(new Uint8Array(bytes))
  assert.deepEqual(
    pixels?.map(({ model }) => model),
    ["tiny@1"],
  )
  assert.ok(Math.abs(pixels![0]!.logit! - 2) < 1e-5)
})
