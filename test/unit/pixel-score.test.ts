import assert from "node:assert/strict"
import { test } from "node:test"
import { calibrate, probabilityOf } from "../../classifiers/image/pixel/calibrate.ts"
import { openPixelScorer, precisionAt } from "../../classifiers/image/pixel/calibrated-scorer.ts"
import { fitPlatt } from "../../classifiers/image/pixel/fit-platt.ts"
import type { SeenPicture } from "../../classifiers/image/pixel/labelled-pictures.ts"
import {
  auc,
  averagePrecision,
  bootstrap,
  calibrationError,
  ratesAt,
  thresholdAt,
} from "../../classifiers/image/pixel/metrics.ts"
import { Finding } from "../../src/model/finding.ts"
import type { PixelEvidence, PixelScorer } from "../../src/ports/pixel-scorer.ts"
import { pixelFinding } from "../../src/stages/judge-image.ts"
import { aFingerprint, aSignal } from "../contract/records.ts"
import { tinyModel } from "../support/onnx-bytes.ts"
import { layModel, tinyManifest } from "../support/pixel-models.ts"
import { seededRandom } from "../support/seeded-random.ts"

const evidence = (logit: number, more: Partial<PixelEvidence> = {}): PixelEvidence => ({
  format: "jpeg",
  width: 400,
  height: 300,
  jpegQuality: 85,
  pixels: [{ model: "tiny@1", logit }],
  ...more,
})

test("a score has its model, calibration, level and the arithmetic of base rates", async (t) => {
  const scorer = openPixelScorer([await layModel(t)])
  assert.equal(scorer.version, "pixel:tiny@1/cal-test")
  const flagged = scorer.score(evidence(1))!
  assert.equal(flagged.level, "flag")
  assert.ok(Math.abs(flagged.score! - 1 / (1 + Math.exp(-4))) < 1e-12)
  assert.equal(flagged.calibration, "cal-test")
  // of 1,000 pictures 10 are generated, 5 of these are flagged, and 2 % of the other 990: what the threshold really did counts, not its promise
  assert.ok(Math.abs(flagged.precision!.atOnePercent - 5 / (5 + 19.8)) < 1e-12)
  assert.equal(scorer.score(evidence(0.3))!.level, "review")
  const none = scorer.score(evidence(-1))!
  assert.equal(none.level, "none")
  assert.equal(none.precision, undefined, "nothing was found, so nothing can be right")
})

test("what lies below the model's limits is not assessable, and says why", async (t) => {
  const scorer = openPixelScorer([await layModel(t)])
  assert.deepEqual(scorer.score(evidence(9, { width: 47 })), {
    model: "tiny@1",
    calibration: "cal-test",
    abstained: "side_too_small",
  })
  assert.equal(scorer.score(evidence(9, { jpegQuality: 39 }))!.abstained, "quality_too_low")
  assert.equal(
    scorer.score(evidence(9, { pixels: [{ model: "tiny@1", failed: "model_timeout" }] }))!.abstained,
    "model_timeout",
  )
  assert.equal(scorer.score(evidence(9, { pixels: [{ model: "other@1", logit: 9 }] }))!.abstained, "other_descriptor")
  assert.equal(scorer.score({ format: "jpeg", width: 400, height: 300 }), undefined, "no model looked")
})

test("a model without our calibration never speaks", async (t) => {
  const { calibration: _, ...bare } = tinyManifest(tinyModel())
  const scorer = openPixelScorer([await layModel(t, { manifest: bare })])
  assert.equal(scorer.score(evidence(9))!.abstained, "not_calibrated")
})

test("a stratum's own calibration counts where it fits", async (t) => {
  const { calibration, ...rest } = tinyManifest(tinyModel())
  const stratum = { when: { format: "jpeg", jpegQuality: [40, 70] }, a: 4, b: -3, n: 1 } as const
  const manifest = { ...rest, calibration: { ...calibration!, strata: [stratum] } }
  const scorer = openPixelScorer([await layModel(t, { manifest })])
  const at = (more: Partial<PixelEvidence>) => scorer.score(evidence(1, more))!.score!
  assert.ok(Math.abs(at({ jpegQuality: 69 }) - 1 / (1 + Math.exp(-1))) < 1e-12)
  assert.ok(Math.abs(at({ jpegQuality: 70 }) - 1 / (1 + Math.exp(-4))) < 1e-12)
  assert.ok(Math.abs(at({ format: "png", jpegQuality: undefined as never }) - 1 / (1 + Math.exp(-4))) < 1e-12)
})

test("two models that disagree are inconclusive; one that abstains leaves the word to the other", async (t) => {
  const second = { ...tinyManifest(tinyModel()), id: "second" }
  const scorer = openPixelScorer([await layModel(t), await layModel(t, { manifest: second })])
  const both = (first: number, other: number) =>
    scorer.score(
      evidence(0, {
        pixels: [
          { model: "tiny@1", logit: first },
          { model: "second@1", logit: other },
        ],
      }),
    )!
  assert.equal(both(2, -2).abstained, "inconclusive")
  assert.equal(both(-2, 2).abstained, "inconclusive")
  assert.equal(both(2, 0.3).level, "flag")
})

const scorer: PixelScorer = {
  version: "pixel:tiny@1/cal-test",
  score: () => ({
    model: "tiny@1",
    calibration: "cal-test",
    score: 0.97,
    interval: [0.9, 0.99],
    level: "flag",
    precision: { atOnePercent: 0.2, atTenPercent: 0.7 },
  }),
}

test("pixels speak only where provenance is silent, and never strongly", () => {
  assert.equal(pixelFinding(aFingerprint("a", { signals: [aSignal("c2pa", "strong")] }), scorer), undefined)
  assert.equal(pixelFinding(aFingerprint("a", { signals: [aSignal("c2pa", "conclusive")] }), scorer), undefined)
  const finding = pixelFinding(aFingerprint("a", { signals: [aSignal("tag", "weak")] }), scorer)!
  assert.equal(Finding.problem(finding), undefined)
  assert.equal(finding.score, 0.97, "the score stands alone: nothing is averaged with a signal")
  assert.deepEqual(
    finding.signals.map((s) => s.strength),
    ["moderate"],
  )
  assert.equal(finding.calibration, "cal-test")
  assert.ok(finding.reasons.some(({ name, weight }) => name.includes("1 in 100") && weight === 0.2))
})

test("an abstention and a low score are no findings", () => {
  const saying = (said: object): PixelScorer => ({ ...scorer, score: () => ({ model: "tiny@1", ...said }) })
  assert.equal(pixelFinding(aFingerprint("a"), saying({ abstained: "side_too_small" })), undefined)
  assert.equal(pixelFinding(aFingerprint("a"), saying({ score: 0.2, level: "none" })), undefined)
})

test("AUC, average precision and thresholds of a known ranking", () => {
  const rows = [
    [true, 4],
    [false, 3],
    [true, 2],
    [false, 1],
  ].map(([generated, score]) => ({ generated: generated as boolean, score: score as number }))
  assert.equal(auc(rows), 0.75)
  assert.equal(averagePrecision(rows), (1 + 2 / 3) / 2)
  const threshold = thresholdAt(0, rows)
  assert.ok(threshold > 3 && threshold < 3.000001)
  assert.deepEqual(ratesAt(threshold, rows), { tpr: 0.5, fpr: 0 })
  const tied = rows.map((r) => ({ ...r, score: 1 }))
  assert.equal(auc(tied), 0.5)
})

/** Logits of two normal classes, a unit apart on each side; sources of ten pictures. */
function gaussian(count: number, seed: number): SeenPicture[] {
  const random = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: count }, (_, n) => {
    const generated = n % 2 === 0
    return { generated, source: `s${n % 20}`, logit: normal() + (generated ? 1 : -1), evidence: evidence(0) }
  })
}

test("Platt's fit finds the true slope: two for normals two apart", () => {
  const { a, b } = fitPlatt(gaussian(4000, 3).map(({ generated, logit }) => ({ generated, score: logit })))
  assert.ok(Math.abs(a - 2) < 0.15 && Math.abs(b) < 0.15, `${a} ${b}`)
  const perfect = fitPlatt([
    { generated: true, score: 1 },
    { generated: false, score: -1 },
  ])
  assert.ok(Number.isFinite(perfect.a) && perfect.a > 0)
})

test("a calibration on pictures of many sources is right on pictures not seen", () => {
  const { calibration, thresholds } = calibrate(
    gaussian(2000, 7),
    { version: "c", fittedOn: "normals" },
    seededRandom(1),
  )
  const unseen = gaussian(4000, 8).map((p) => ({ generated: p.generated, score: probabilityOf(calibration, p) }))
  assert.ok(calibrationError(unseen) < 0.03)
  const { fpr } = ratesAt(thresholds.review.score, unseen)
  assert.ok(fpr > 0.025 && fpr < 0.08, `5 % became ${fpr}`)
  assert.ok(thresholds.flag.score > thresholds.review.score)
  assert.equal(calibration.strata.length, 1, "all are of one stratum")
  assert.ok(calibration.resamples!.length >= 30)
})

test("too few pictures make no calibration", () => {
  assert.throws(() => calibrate(gaussian(150, 1), { version: "c", fittedOn: "" }, seededRandom(1)), {
    code: "input_invalid",
  })
})

test("bootstrap intervals hold the figure", () => {
  const rows = gaussian(400, 5).map(({ generated, logit }) => ({ generated, score: logit }))
  const [low, high] = bootstrap(rows, auc, seededRandom(2))
  assert.ok(low < auc(rows) && auc(rows) < high && high - low < 0.1)
})

test("precision follows the base rate", () => {
  assert.equal(precisionAt(0.01, { tpr: 0.5, fpr: 0.01 }), 0.005 / (0.005 + 0.0099))
  assert.equal(precisionAt(0.1, { tpr: 0, fpr: 0 }), 0)
})
