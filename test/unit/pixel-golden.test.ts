import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { logitOf, openPixelScorer } from "../../classifiers/image/pixel/calibrated-scorer.ts"
import { defaultPixelModel } from "../../classifiers/image/pixel/default-model.ts"
import { squaresOf } from "../../classifiers/image/pixel/model-input.ts"
import { openPixelModel } from "../../classifiers/image/pixel/open-model.ts"
import { noiseOf } from "../../classifiers/image/pixel/parity-noise.ts"
import { readPixelHead } from "../../classifiers/image/pixel/read-manifest.ts"

// Written by classifiers/models/training/golden.py after a model is trained anew: Pillow and ONNX Runtime for Python, none of our code.
const golden = JSON.parse(readFileSync(new URL("../fixtures/pixel-golden.json", import.meta.url), "utf8")) as {
  model: string
  pictures: { width: number; height: number; logit: number }[]
}

/** The same picture as golden.py's. */
function picture(n: number, width: number, height: number) {
  const noise = noiseOf(n + 1, width * height * 3)
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++, at++)
        data[at] = (x * (n + 1) + y * (2 * c + 1) + ((x * y) >> 5) + (noise[at]! & (15 * (n % 3)))) & 255
  return { data, width, height, channels: 3 as const }
}

test("the model that comes along gives the scores that training gave, within a thousandth", async (t) => {
  const model = await openPixelModel(defaultPixelModel)
  t.after(() => model.close())
  const head = readPixelHead(defaultPixelModel)
  assert.equal(model.name, golden.model)
  assert.ok(golden.pictures.length >= 20)
  for (const [n, { width, height, logit }] of golden.pictures.entries()) {
    const reading = await model.read(picture(n, width, height))
    const ours = logitOf(head, reading)!
    assert.ok(Math.abs(ours - logit) <= 1e-3, `picture ${n}, ${width} × ${height}: ${ours}, not ${logit}`)
    assert.ok(reading.descriptor!.length <= 2732, "at most 2 KB are kept")
  }
})

test("the model that comes along speaks: it is calibrated, with thresholds, and abstains below its limits", () => {
  const { manifest } = readPixelHead(defaultPixelModel)
  assert.ok(manifest.calibration && manifest.thresholds)
  assert.ok(manifest.file.bytes <= 16 << 20)
  assert.ok(manifest.thresholds.flag.score > manifest.thresholds.review.score)
  const scorer = openPixelScorer([defaultPixelModel])
  const evidence = {
    format: "jpeg",
    width: 640,
    height: 480,
    jpegQuality: 80,
    pixels: [
      {
        model: golden.model,
        descriptorName: manifest.descriptor!.name,
        descriptor: Buffer.alloc(
          manifest.descriptor!.dims / (manifest.descriptor!.quantisation.type === "int4" ? 2 : 1),
        ).toString("base64"),
      },
    ],
  }
  const score = scorer.score(evidence)!
  assert.ok(score.interval![0] <= score.score! && score.score! <= score.interval![1])
  assert.equal(scorer.score({ ...evidence, height: 223 })!.abstained, "side_too_small")
  assert.equal(scorer.score({ ...evidence, jpegQuality: 39 })!.abstained, "quality_too_low")
})

test("a grey picture is seen as the same picture in colour, and one without its last channel too", () => {
  const grey = Buffer.from(noiseOf(9, 60 * 50))
  const size = {
    mode: "native-crops",
    crop: 32,
    count: 5,
    select: "centre-corners",
    pad: "mirror",
    whole: true,
  } as const
  const rgb = Buffer.from([...grey].flatMap((v) => [v, v, v]))
  const rgba = Buffer.from([...grey].flatMap((v) => [v, v, v, 7]))
  const wanted = squaresOf({ data: rgb, width: 60, height: 50, channels: 3 }, size)
  assert.deepEqual(squaresOf({ data: grey, width: 60, height: 50, channels: 1 }, size), wanted)
  assert.deepEqual(squaresOf({ data: rgba, width: 60, height: 50, channels: 4 }, size), wanted)
})

test("a picture smaller than the crop is mirrored outward at its edges", () => {
  const data = Buffer.from([10, 10, 10, 20, 20, 20, 30, 30, 30]) // three pixels in a row
  const size = {
    mode: "native-crops",
    crop: 8,
    count: 1,
    select: "centre-corners",
    pad: "mirror",
    whole: false,
  } as const
  const row = squaresOf({ data, width: 3, height: 1, channels: 3 }, size)
    .slice(0, 24)
    .filter((_, at) => at % 3 === 0)
  assert.deepEqual([...row], [10, 20, 30, 30, 20, 10, 10, 20])
})
