import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestContext } from "node:test"
import { noiseOf } from "../../classifiers/image/pixel/parity-noise.ts"
import type { PixelModelManifest } from "../../src/model/pixel-model.ts"
import { tinyModel } from "./onnx-bytes.ts"

/** The tiny model's answer to noise: the mean of what goes in. */
const seed = 5
const side = 32
const parityLogit =
  noiseOf(seed, side * side * 3).reduce((sum, v) => sum + (v / 255 - 0.5) / 0.25, 0) / (side * side * 3)

/** Manifest of the tiny model of onnx-bytes.ts, as an organisation would bring one: NCHW floats, one whole picture. */
export function tinyManifest(onnx: Uint8Array, more: Partial<PixelModelManifest> = {}): PixelModelManifest {
  return {
    id: "tiny",
    version: "1",
    task: "ai-image",
    file: { path: "tiny.onnx", sha256: sha256(onnx), bytes: onnx.length, opset: 13, externalData: false },
    license: { spdx: "CC0-1.0", use: "tests" },
    input: {
      name: "x",
      layout: "nchw",
      dtype: "float32",
      color: "rgb",
      range: 1,
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
      size: { mode: "resize", crop: side, count: 1, select: "centre-corners", pad: "mirror", whole: true },
      exifOrientation: "ignored",
      alpha: "dropped",
      icc: "ignored",
      maxPixels: 10_000_000,
    },
    output: { name: "logit", kind: "logit", positive: 0, aggregate: "mean" },
    parity: { seed, logit: parityLogit },
    calibration: {
      version: "cal-test",
      method: "platt",
      a: 4,
      b: 0,
      fittedOn: "brightness",
      n: 1,
      prior: 0.5,
      strata: [],
    },
    thresholds: {
      review: { fpr: 0.05, score: 0.7, tpr: 0.8 },
      flag: { fpr: 0.01, score: 0.9, tpr: 0.5, fprUnseen: 0.02 },
    },
    applicability: { abstainBelow: { minSide: 48, jpegQuality: 40 } },
    evaluation: { card: "none" },
    limits: { maxModelBytes: 1_000_000, timeoutMs: 5_000, memoryMb: 300 },
    ...more,
  }
}

export const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex")

/** Lays a manifest and files beside it into a folder of the test; the tiny model and a right manifest if left out. */
export async function layModel(
  t: TestContext,
  { manifest, files }: { manifest?: unknown; files?: Readonly<Record<string, Uint8Array | string>> } = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "watchline-model-"))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const onnx = tinyModel()
  for (const [name, content] of Object.entries({ "tiny.onnx": onnx, ...files }))
    await writeFile(join(folder, name), content)
  const file = join(folder, "tiny.json")
  await writeFile(file, typeof manifest === "string" ? manifest : JSON.stringify(manifest ?? tinyManifest(onnx)))
  return file
}
