import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { guideFeatures, speaksFor } from "../guide-features.ts"
import { scanText } from "../scan-text.ts"
import { fitBag, keywordScore } from "./baselines.ts"
import { type Fitted, fitLogistic, fitPlatt, logit, probability } from "./logistic.ts"
import { auc, calibrationError, interval, precisionAtRecall, type Scored } from "./measures.ts"
import { readTexts, type Text } from "./read-texts.ts"

/**
 * Trains, calibrates and evaluates the guide model, beside two baselines on the same splits, and with `--write` puts model and figures where
 * the reader takes them from.
 *
 *   node classifiers/guides/training/train.ts --clones DIR [--write]
 *
 * Five folds by source. A held-out text was seen neither by the weights nor by the calibration that score it: of the other four folds,
 * three train and the fourth calibrates, each in turn, and the scores are averaged.
 */
const folds = 5
const penalty = 1
const here = import.meta.dirname
const clones = process.argv[process.argv.indexOf("--clones") + 1]!

const texts = readTexts(here, clones)
const counted = texts.map((text) => guideFeatures(scanText(text.text)))
const names = Object.keys(counted[0]!)
const rows = counted.map((features) => names.map((name) => features[name]!))
const positive = texts.map(({ label }) => label === "guide")
const foldOf = assignFolds(texts)
const importance = importances(texts)

type Model = Fitted & { readonly slope: number; readonly offset: number }
const places = texts.map((_, place) => place)
const inFolds = (...wanted: number[]) => places.filter((place) => wanted.includes(foldOf[place]!))
const pick = <Item>(items: readonly Item[], chosen: readonly number[]) => chosen.map((place) => items[place]!)

/** Fits, and fits again without the features that would speak the wrong way, until none does. */
function fitNamed(train: readonly number[]): Fitted {
  let used = names.map(() => true)
  for (;;) {
    const masked = pick(rows, train).map((row) => row.map((value, j) => (used[j] ? value : 0)))
    const fitted = fitLogistic(masked, pick(positive, train), pick(importance, train), penalty)
    const right = fitted.weights.map((weight, j) => used[j]! && weight > 0 === speaksFor.has(names[j]!))
    if (right.every((is, j) => is || !used[j]))
      return { base: fitted.base, weights: fitted.weights.map((w, j) => (used[j] ? w : 0)) }
    used = right
  }
}

function fit(train: readonly number[], calibrate: readonly number[]): Model {
  const fitted = fitNamed(train)
  const logits = calibrate.map((place) => logit(fitted, rows[place]!))
  return { ...fitted, ...fitPlatt(logits, pick(positive, calibrate), pick(importance, calibrate)) }
}

const heldOut = new Map<string, number[]>(
  ["model", "bag of words", "keywords"].map((name) => [name, Array(texts.length).fill(0)]),
)
const rawLogits: number[] = Array(texts.length).fill(0)
for (let fold = 0; fold < folds; fold++) {
  const others = [0, 1, 2, 3, 4].filter((other) => other !== fold)
  const test = inFolds(fold)
  const all = fitNamed(inFolds(...others))
  for (const place of test) rawLogits[place] = logit(all, rows[place]!)
  for (const calibration of others) {
    const model = fit(inFolds(...others.filter((other) => other !== calibration)), inFolds(calibration))
    for (const place of test) {
      const score = probability(model.slope * logit(model, rows[place]!) + model.offset)
      heldOut.get("model")![place]! += score / others.length
    }
  }
  const train = inFolds(...others)
  const bagScore = fitBag(
    pick(texts, train).map(({ text }) => text),
    pick(positive, train),
    pick(importance, train),
  )
  for (const place of test) {
    heldOut.get("bag of words")![place] = bagScore(texts[place]!.text)
    heldOut.get("keywords")![place] = keywordScore(texts[place]!.text)
  }
}

const views: Readonly<Record<string, (text: Text) => boolean>> = {
  "pages, threads and posts": ({ unit }) => unit !== "opening",
  "pages and threads": ({ unit }) => unit === "whole" || unit === "passage",
  "posts and first 1,500 letters of pages": ({ unit }) => unit === "opening" || unit === "post",
  "own posts, by language": ({ kind }) => kind === "own post",
}
const table: Record<string, unknown>[] = []
for (const [view, belongs] of Object.entries(views)) {
  for (const [name, scores] of heldOut) {
    const chosen = places.filter((place) => belongs(texts[place]!))
    const scored = chosen.map(
      (place): Scored => ({ score: scores[place]!, positive: positive[place]!, source: texts[place]!.source }),
    )
    const random = seeded(7)
    const cell = (measure: (scored: readonly Scored[]) => number) => {
      const [low, high] = interval(scored, measure, random)
      return `${measure(scored).toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`
    }
    table.push({
      texts: view,
      n: scored.length,
      guides: scored.filter((one) => one.positive).length,
      scored: name,
      AUC: cell(auc),
      "precision at recall 0.85": cell((some) => precisionAtRecall(some, 0.85)),
      ECE: cell(calibrationError),
    })
  }
}
const kinds = Map.groupBy(places, (place) => `${texts[place]!.label}: ${texts[place]!.kind}, ${texts[place]!.unit}`)
const byKind = [...kinds].sort().map(([kind, of]) => {
  const scores = of.map((place) => heldOut.get("model")![place]!)
  return {
    kind,
    n: of.length,
    "called a guide": `${Math.round((100 * scores.filter((score) => score >= 0.5).length) / of.length)} %`,
  }
})
const figures = `${markdown(table)}\n\n${markdown(byKind)}`
process.stdout.write(`${figures}\n`)

// The shipped model: all sources; its calibration comes from the held-out logits, so from texts that each model had not seen.
const shipped = fitNamed(places)
const { slope, offset } = fitPlatt(rawLogits, positive, importance)
const model = {
  version: "guide-model@2",
  calibration: `platt@2, ${new Set(texts.map(({ source }) => source)).size} sources held out in turn`,
  base: round(slope * shipped.base + offset),
  weights: Object.fromEntries(
    names.flatMap((name, place) =>
      shipped.weights[place] === 0 ? [] : [[name, round(slope * shipped.weights[place]!)]],
    ),
  ),
}
if (process.argv.includes("--write")) {
  writeFileSync(join(here, "../guide-model.json"), `${JSON.stringify(model, null, 2)}\n`)
  const path = join(here, "../guide-model.md")
  const marks = /(<!-- figures -->\n)[\s\S]*(<!-- end of figures -->)/
  writeFileSync(path, readFileSync(path, "utf8").replace(marks, `$1\n${figures}\n\n$2`))
}
if (process.argv.includes("--show")) {
  process.stdout.write(`\n${JSON.stringify(model, null, 1)}\n`)
  const wrong = places
    .map((place) => ({ place, off: Math.abs((positive[place] ? 1 : 0) - heldOut.get("model")![place]!) }))
    .sort((a, b) => b.off - a.off)
    .slice(0, 60)
  for (const { place, off } of wrong) {
    const { source, kind, unit, text } = texts[place]!
    process.stdout.write(`\n${off.toFixed(2)} ${source} | ${kind} | ${unit} | ${JSON.stringify(text.slice(0, 220))}\n`)
  }
}

/** Sources to folds, largest first, each to the fold that has least of its label. */
function assignFolds(all: readonly Text[]): number[] {
  const sources = [...Map.groupBy(all, ({ source }) => source)].sort(
    ([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1),
  )
  const load = Array.from({ length: folds }, () => ({ guide: 0, other: 0 }))
  const chosen = new Map<string, number>()
  for (const [source, of] of sources) {
    const guides = of.filter(({ label }) => label === "guide").length
    const main = guides * 2 > of.length ? "guide" : "other"
    const fold = load.reduce((best, bin, place) => (bin[main] < load[best]![main] ? place : best), 0)
    load[fold]!.guide += guides
    load[fold]!.other += of.length - guides
    chosen.set(source, fold)
  }
  return all.map(({ source }) => chosen.get(source)!)
}

/**
 * A large source counts more than a small one, but not in proportion; the beginning of a text less than the whole, because not every guide
 * teaches there yet; both labels count the same in all.
 */
function importances(all: readonly Text[]): number[] {
  const sizes = Map.groupBy(all, ({ source, label }) => `${source} ${label}`)
  const first = all.map(
    ({ source, label, unit }) => sizes.get(`${source} ${label}`)!.length ** -0.4 * (unit === "opening" ? 0.3 : 1),
  )
  const total = { guide: 0, other: 0 }
  for (const [place, { label }] of all.entries()) total[label] += first[place]!
  return all.map(({ label }, place) => (first[place]! * all.length) / (2 * total[label]))
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function markdown(records: readonly Record<string, unknown>[]): string {
  const head = Object.keys(records[0]!)
  const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`
  return [
    line(head),
    line(head.map(() => "---")),
    ...records.map((record) => line(head.map((name) => record[name]))),
  ].join("\n")
}
