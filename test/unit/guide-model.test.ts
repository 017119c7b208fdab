import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { guideFeatures, speaksFor } from "../../classifiers/guides/guide-features.ts"
import model from "../../classifiers/guides/guide-model.json" with { type: "json" }
import { guideScore } from "../../classifiers/guides/guide-score.ts"
import { scanText } from "../../classifiers/guides/scan-text.ts"
import { fitLogistic, fitPlatt, logit, probability } from "../../classifiers/guides/training/logistic.ts"
import { auc, calibrationError, precisionAtRecall } from "../../classifiers/guides/training/measures.ts"

const training = join(import.meta.dirname, "../../classifiers/guides/training")

test("every weight of the shipped model belongs to a feature and speaks the way its name says", () => {
  const features = Object.keys(guideFeatures(scanText("")))
  for (const [name, weight] of Object.entries(model.weights)) {
    assert.ok(features.includes(name), name)
    assert.equal(weight > 0, speaksFor.has(name), name)
  }
})

test("features lie between 0 and 1, whatever the text", () => {
  for (const text of ["", "? ! ?", "set ".repeat(5000), "1. open\n2. load\n".repeat(900), "a: b\n".repeat(4000)]) {
    for (const [name, value] of Object.entries(guideFeatures(scanText(text))))
      assert.ok(value >= 0 && value <= 1, `${name} ${value}`)
  }
})

test("of the posts in 28 languages that it was trained on, the model knows nearly all again", () => {
  const posts = readFileSync(join(training, "posts.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { language: string; label: string; text: string })
  const wrong = posts.filter(({ label, text }) => guideScore(text).score >= 0.5 !== (label === "guide"))
  assert.ok(new Set(posts.map(({ language }) => language)).size >= 28)
  assert.ok(wrong.length <= posts.length * 0.04, JSON.stringify(wrong.map(({ language, text }) => [language, text])))
})

test("the manifest names commit, blob and label of every file, each blob once", () => {
  type Entry = { commit: string; blob: string; label: string }
  const { files } = JSON.parse(readFileSync(join(training, "manifest.json"), "utf8")) as { files: Entry[] }
  for (const { commit, blob, label } of files) {
    assert.match(commit, /^[0-9a-f]{40}$/)
    assert.match(blob, /^[0-9a-f]{40}$/)
    assert.match(label, /^(?:guide|other)$/)
  }
  assert.equal(new Set(files.map(({ blob }) => blob)).size, files.length)
})

test("logistic regression finds the weights that made its data, and Platt's scaling the scale", () => {
  const rows = Array.from({ length: 4000 }, (_, n) => [(n % 10) / 10, (n % 7) / 7])
  const chance = (n: number) => (Math.imul(n + 1, 2_654_435_761) >>> 0) / 2 ** 32
  const positive = rows.map(([a, b], n) => chance(n) < probability(-1 + 3 * a! - 2 * b!))
  const even = rows.map(() => 1)
  const fitted = fitLogistic(rows, positive, even, 1e-6)
  assert.ok(Math.abs(fitted.base + 1) < 0.3, String(fitted.base))
  assert.ok(Math.abs(fitted.weights[0]! - 3) < 0.4 && Math.abs(fitted.weights[1]! + 2) < 0.4, String(fitted.weights))
  const stretched = rows.map((row) => 5 * logit(fitted, row))
  const { slope, offset } = fitPlatt(stretched, positive, even)
  assert.ok(Math.abs(slope - 0.2) < 0.02 && Math.abs(offset) < 0.1)
})

test("the measures of a small example are those that can be counted by hand", () => {
  const scored = [0.9, 0.8, 0.7, 0.6, 0.2].map((score, n) => ({ score, positive: n !== 1 && n !== 4, source: "a" }))
  assert.equal(auc(scored), 4 / 6)
  assert.equal(precisionAtRecall(scored, 0.3), 1)
  assert.equal(precisionAtRecall(scored, 1), 3 / 4)
  assert.ok(Math.abs(calibrationError(scored) - (0.1 + 0.8 + 0.3 + 0.4 + 0.2) / 5) < 1e-9)
})
