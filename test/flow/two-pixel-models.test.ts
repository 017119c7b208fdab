import assert from "node:assert/strict"
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type TestContext, test } from "node:test"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import { openPixelScorer } from "../../classifiers/image/pixel/calibrated-scorer.ts"
import { defaultPixelModel } from "../../classifiers/image/pixel/default-model.ts"
import { readPixelHead } from "../../classifiers/image/pixel/read-manifest.ts"
import type { PixelModelManifest } from "../../src/model/pixel-model.ts"
import { png } from "../support/image-bytes.ts"
import { sha256 } from "../support/pixel-models.ts"
import { seededRandom } from "../support/seeded-random.ts"
import { runCommand } from "../support/workspace-command.ts"

const { version } = readPixelHead(defaultPixelModel).manifest

/** The network that comes along under another name: with its own head, or with one that says the opposite. */
async function secondNetwork(t: TestContext, id: string, says: 1 | -1): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "watchline-network-"))
  t.after(() => rm(folder, { recursive: true }))
  const { manifest, head } = readPixelHead(defaultPixelModel)
  await copyFile(join(dirname(defaultPixelModel), manifest.file.path), join(folder, manifest.file.path))
  const weights = new Float32Array(new Uint8Array(Buffer.from(head!.weights, "base64")).buffer)
  const text = JSON.stringify({
    descriptor: manifest.descriptor!.name,
    weights: Buffer.from(weights.map((weight) => says * weight).buffer).toString("base64"),
    bias: says * head!.bias,
  })
  await writeFile(join(folder, "head.json"), text)
  const second: PixelModelManifest = {
    ...manifest,
    id,
    calibration: { version: "plain", method: "platt", a: 1, b: 0, fittedOn: "nothing", n: 1, prior: 0.5, strata: [] },
    thresholds: { review: { fpr: 0.05, score: 0.6, tpr: 0.8 }, flag: { fpr: 0.01, score: 0.8, tpr: 0.5 } },
    parity: { ...manifest.parity, logit: says * manifest.parity.logit },
    descriptor: { ...manifest.descriptor!, head: { path: "head.json", sha256: sha256(text), bytes: text.length } },
  }
  const file = join(folder, `${id}.json`)
  await writeFile(file, JSON.stringify(second))
  return file
}

/** Noise on a slope: nothing that a generator would have made, and far from the middle of the scores. */
function noisy(seed: number): Buffer {
  const random = seededRandom(seed)
  return png({
    width: 320,
    height: 260,
    pixel: (x, y) => [x / 2 + random() * 90, y / 2 + random() * 90, random() * 120],
  })
}

test("two networks look in one worker; where they say the opposite the answer is inconclusive, where they agree it is the first one's", async (t) => {
  const [first, same, opposite] = [
    await secondNetwork(t, "first", 1),
    await secondNetwork(t, "same", 1),
    await secondNetwork(t, "opposite", -1),
  ]
  const look = async (models: string[], seed: number) => {
    const pool = openExaminerPool({ workers: 1, models })
    try {
      return await pool.examine(new Uint8Array(noisy(seed)))
    } finally {
      await pool.close()
    }
  }
  const alone = await look([first], 1)
  const score = openPixelScorer([first]).score(alone)!
  assert.ok(score.score! < 0.4 || score.score! > 0.8, `${score.score} is too near to the middle for this test`)

  const agreeing = await look([first, same], 1)
  assert.deepEqual(
    agreeing.pixels!.map(({ model, failed }) => [model, failed]),
    [
      [`first@${version}`, undefined],
      [`same@${version}`, undefined],
    ],
  )
  assert.deepEqual(openPixelScorer([first, same]).score(agreeing), score)

  const opposed = await look([first, opposite], 1)
  assert.equal(
    opposed.pixels![0]!.descriptor,
    alone.pixels![0]!.descriptor,
    "a second network changes nothing for the first",
  )
  assert.deepEqual(openPixelScorer([first, opposite]).score(opposed), {
    model: `first@${version}+opposite@${version}`,
    abstained: "inconclusive",
  })
})

test("examine says so of both networks' answers", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "watchline-two-"))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, "slope.png")
  await writeFile(file, noisy(2))
  const models = [await secondNetwork(t, "first", 1), await secondNetwork(t, "opposite", -1)]
  const env = { WATCHLINE_EXAMINE_PIXEL_MODELS: models.join(","), WATCHLINE_EXAMINE_WORKERS: "1" }
  const { exit, stdout, stderr } = await runCommand({ home: join(folder, "home"), env }, "examine", file, "--jsonl")
  assert.equal(exit, 0, stderr)
  assert.equal(JSON.parse(stdout).pixel.abstained, "inconclusive")
  assert.equal(JSON.parse(stdout).pixel.score, undefined)
})
