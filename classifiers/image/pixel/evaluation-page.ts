import type { Evaluation } from "./evaluate.ts"
import type { ReliabilityBin } from "./metrics.ts"

/** An evaluation as one HTML page without scripts or pictures, for a file that is passed on. */
export function evaluationPage(model: string, evaluations: readonly Evaluation[]): string {
  const first = evaluations[0]
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Evaluation of ${escaped(model)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}
td,th{padding:.2rem .6rem;border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child{text-align:left}
.plots{display:flex;flex-wrap:wrap}.plots figure{margin:.5rem}.plots svg{width:260px;height:260px}figcaption{text-align:center}</style>
<h1>${escaped(model)}</h1>
<p>Intervals hold 95 % of 200 draws of the pictures; with few sources the truth may lie outside. A score never says that a picture is a
photograph, and abstentions count neither for nor against the model. Container, size and colours are what "detectors" reach that look at nothing
a generator does, with sources held out: what the model is worth lies above them.</p>
${table(
  [
    "condition",
    "generated",
    "others",
    "abstained",
    "AUC",
    "AUC of container and size",
    "AUC of colours",
    "AP",
    "TPR at 1 % FPR",
    "TPR at 5 % FPR",
    "ECE",
    "Brier",
  ],
  evaluations.map((e) => [
    e.condition,
    e.generated,
    e.others,
    abstentionsOf(e),
    `${three(e.auc)} (${three(e.aucInterval[0])}–${three(e.aucInterval[1])})`,
    three(e.floors?.container),
    three(e.floors?.colours),
    `${three(e.averagePrecision)} at ${percent(e.generated / (e.generated + e.others))} generated`,
    `${three(e.tprAt1)} (${three(e.tprAt1Interval[0])}–${three(e.tprAt1Interval[1])})`,
    `${three(e.tprAt5)} (${three(e.tprAt5Interval[0])}–${three(e.tprAt5Interval[1])})`,
    three(e.ece),
    three(e.brier),
  ]),
)}
<h2>What the thresholds do</h2>
${table(
  [
    "condition",
    "level",
    "generated that reach it",
    "others that reach it",
    "right, if 1 % are generated",
    "right, if 10 % are",
  ],
  evaluations.flatMap((e) =>
    Object.entries(e.levels ?? {}).map(([name, l]) => [
      e.condition,
      name,
      percent(l.tpr),
      percent(l.fpr),
      percent(l.precisionAt1),
      percent(l.precisionAt10),
    ]),
  ),
)}
${first?.reliability ? `<h2>Reliability, ${escaped(first.condition)}</h2>\n${plot(first.reliability)}` : ""}
<h2>By format, JPEG quality and size${first ? `, ${escaped(first.condition)}` : ""}</h2>
${table(
  ["stratum", "generated", "others", "AUC", "ECE", "generated flagged", "others flagged"],
  (first?.perStratum ?? []).map((s) => [
    s.stratum,
    s.generated,
    s.others,
    three(s.auc),
    three(s.ece),
    s.flagged ? percent(s.flagged.tpr) : "",
    s.flagged ? percent(s.flagged.fpr) : "",
  ]),
)}
<div class="plots">${(first?.perStratum ?? [])
    .map((s) =>
      s.reliability ? `<figure>${plot(s.reliability)}<figcaption>${escaped(s.stratum)}</figcaption></figure>` : "",
    )
    .join("")}</div>
<h2>By source${first ? `, ${escaped(first.condition)}` : ""}</h2>
${table(
  ["source", "pictures", "AUC against all others", "flagged"],
  (first?.perSource ?? []).map((s) => [
    s.source,
    s.pictures,
    three(s.auc),
    s.flagged === undefined ? "" : percent(s.flagged),
  ]),
)}
</html>
`
}

function abstentionsOf({ abstained, generated, others }: Evaluation): string {
  const count = Object.values(abstained).reduce((a, b) => a + b, 0)
  const reasons = Object.entries(abstained).map(([why, n]) => `${why} ${n}`)
  return count === 0 ? "0" : `${percent(count / (count + generated + others))}: ${reasons.join(", ")}`
}

/** Said against was; a circle's area is its share of the pictures. */
function plot(bins: readonly ReliabilityBin[]): string {
  const all = bins.reduce((sum, { n }) => sum + n, 0)
  const at = (x: number, y: number) => [40 + x * 340, 360 - y * 340] as const
  const circles = bins.map(({ n, said, was }) => {
    const [x, y] = at(said, was)
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${(4 + 30 * Math.sqrt(n / all / Math.PI)).toFixed(1)}"><title>said ${three(said)}, was ${three(was)}, ${n} pictures</title></circle>`
  })
  return `<svg viewBox="0 0 400 400" width="400" height="400" role="img" aria-label="Reliability: what was said against what was">
<rect x="40" y="20" width="340" height="340" fill="none" stroke="#999"/><line x1="40" y1="360" x2="380" y2="20" stroke="#999" stroke-dasharray="4"/>
<g fill="#2563eb" fill-opacity=".6">${circles.join("")}</g>
<text x="210" y="392" text-anchor="middle">probability said</text><text transform="translate(16 190) rotate(-90)" text-anchor="middle">share generated</text></svg>`
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const row = (cells: readonly (string | number)[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join("")}</tr>`
  return `<table>${row(head, "th")}${rows.map((cells) => row(cells, "td")).join("\n")}</table>`
}

const three = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? "" : value.toFixed(3))
const percent = (share: number) => `${(share * 100).toFixed(1)} %`
const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!)
