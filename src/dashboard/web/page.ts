// Runs in the browser, its types left out by the server. No framework: one page, four requests.
import type { TrendPoint } from "../../ports/findings.ts"
import type { MonthReport } from "../../trends/month-report.ts"
import type { DriftWeek } from "../../trends/pixel-drift.ts"

const echarts: typeof import("echarts") = await import("/echarts.js" as string)

const byId = <E extends HTMLElement>(id: string) => document.getElementById(id) as E
const monthChoice = byId<HTMLSelectElement>("month")
const metricChoice = byId<HTMLSelectElement>("metric")
const artefactChoice = byId<HTMLInputElement>("artefact")
const chart = echarts.init(byId("chart"), undefined, { renderer: "svg" })

/** What each choice counts, and how it is split. */
const trends: Readonly<Record<string, readonly [of: string, by: string]>> = {
  "ai-image": ["ai-image", "generator"],
  sightings: ["sightings", "forum"],
  "model-link": ["model-link", "artefact"],
  "character-link": ["character-link", "artefact"],
  "character-card": ["character-card", "forum"],
  guide: ["guide", "forum"],
  "guide-spread": ["guide-spread", "guide"],
  signals: ["sightings", "family"],
  "known-image": ["known-image", "forum"],
}
const mostGroups = 8
const tenths = Array.from({ length: 10 }, (_, tenth) => `${tenth / 10}–${(tenth + 1) / 10}`)
const driftAlarms: Readonly<Record<NonNullable<DriftWeek["alarm"]>, string>> = {
  scores: "the scores of pixels shifted; evaluate and calibrate the model on current pictures.",
  abstentions: "the share of pictures without a score shifted; see why before you trust the others.",
}

monthChoice.addEventListener(
  "change",
  () => void attempt(async () => void (await Promise.all([showMonth(), showDrift()]))),
)
metricChoice.addEventListener("change", () => {
  artefactChoice.value = ""
  void attempt(showTrend)
})
artefactChoice.addEventListener("change", () => void attempt(showTrend))
addEventListener("resize", () => chart.resize())

await attempt(async () => {
  const { months } = await ask<{ months: string[] }>("/api/months")
  for (const month of months.toReversed()) monthChoice.add(new Option(month, month))
  await Promise.all([showMonth(), showTrend(), showDrift()])
})

async function showMonth(): Promise<void> {
  const report = await ask<MonthReport>(monthChoice.value ? `/api/report?month=${monthChoice.value}` : "/api/report")
  const figures: [string, number, string?][] = [
    ["posts", report.posts, `${some(report.threads, "thread")}, ${some(report.authors, "pseudonym")}`],
    [
      "images posted",
      report.images.posted,
      `${count(report.images.unique)} unique, ${some(report.clusters, "near-duplicate cluster")}`,
    ],
    ["set aside by known hash", report.known.posted],
    [
      "likely AI-generated",
      report.generated.posted,
      `by their own signals; ${count(report.generatedByNearDuplicate)} more are near-duplicates of such`,
    ],
    [
      "assessed by a person",
      report.assessed.posted,
      `${some(report.assessed.clusters, "cluster")}, ${report.analystHours} analyst hours`,
    ],
    ["confirmed by two", report.confirmed.posted],
    ["posts that name models", report.modelLinks.posts, some(report.modelLinks.artefacts, "model")],
    [
      "posts that name chatbot characters",
      report.characterPosts,
      `${some(report.characterCardPosts, "post")} hand over a character's card`,
    ],
    [
      "how-to guides",
      report.guides,
      `${some(report.guideTexts.texts, "text")} without copies; ${some(report.guideTexts.forumsReached, "forum")} reached for the first time`,
    ],
  ]
  byId("figures").replaceChildren(
    ...figures.flatMap(([name, value, note]) => [
      element("dt", name, ...(note ? [element("small", note)] : [])),
      element("dd", count(value)),
    ]),
  )
  fillTable(
    byId("signals"),
    ["signal", "strength", "posted", "unique"],
    report.signals.map((s) => [s.family, s.strength, s.sightings, s.images]),
  )
  byId("alarms").replaceChildren(
    ...(report.alarms.length === 0
      ? [element("p", "None: every page was what its link promised.")]
      : report.alarms.map((a) => element("p", `${a.alarm}: ${a.url}`))),
  )
}

async function showDrift(): Promise<void> {
  const { looks, weeks } = await ask<{ looks: boolean; weeks: DriftWeek[] }>(
    monthChoice.value ? `/api/drift?month=${monthChoice.value}` : "/api/drift",
  )
  const section = byId("drift-section")
  section.hidden = !looks
  const alarms = weeks.filter((w) => w.alarm).map((w) => `${w.week}: ${driftAlarms[w.alarm!]}`)
  byId("drift-alarms").replaceChildren(
    ...(alarms.length > 0 ? alarms.map((text) => element("p", text)) : [element("p", "No alarm.")]),
  )
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  fillTable(
    byId("drift"),
    ["week of", "images looked at", "no score", ...tenths, "shift"],
    weeks.map((w) => [
      w.week,
      w.images,
      percent(w.abstained / w.images),
      ...w.tenths.map(percent),
      w.shift?.toFixed(2) ?? "too few to say",
    ]),
  )
}

async function showTrend(): Promise<void> {
  const artefact = artefactChoice.value.trim()
  const [of, by] = trends[metricChoice.value]!
  const { points } = await ask<{ points: TrendPoint[] }>(
    artefact ? `/api/artefact-trend?id=${encodeURIComponent(artefact)}` : `/api/trend?of=${of}&by=${by}`,
  )
  const buckets = monthsBetween(points.map((p) => p.bucket).sort())
  const totals = Map.groupBy(points, (p) => p.group)
  const groups = [...totals]
    .map(([name, own]) => ({ name, own, total: own.reduce((sum, p) => sum + p.count, 0) }))
    .sort((a, b) => b.total - a.total || a.name.localeCompare(b.name))
  const shown = groups.slice(0, mostGroups)
  const rest = groups.slice(mostGroups).flatMap((g) => g.own)
  const series = [
    ...shown.map((g) => ({ name: shortened(g.name) || "not named", own: g.own })),
    ...(rest.length > 0 ? [{ name: "others", own: rest }] : []),
  ]
  const sumOf = (own: readonly TrendPoint[], bucket: string) =>
    own.filter((p) => p.bucket === bucket).reduce((sum, p) => sum + p.count, 0)
  chart.setOption(
    {
      animation: false,
      color: ["#0b5cad", "#d97706", "#2f855a", "#9b2c6f", "#5b6875", "#0891b2", "#a16207", "#7c3aed", "#b9c2cb"],
      tooltip: { trigger: "axis" },
      legend: { type: "scroll", bottom: 0 },
      grid: { top: 12, right: 12, bottom: 64, left: 44 },
      xAxis: { type: "category", data: buckets },
      yAxis: { type: "value", minInterval: 1 },
      series: series.map(({ name, own }) => ({
        name,
        type: "bar",
        stack: "all",
        data: buckets.map((bucket) => sumOf(own, bucket)),
      })),
    },
    { notMerge: true },
  )
  fillTable(
    byId("points"),
    ["month", ...series.map((s) => s.name)],
    buckets.map((bucket) => [bucket, ...series.map((s) => sumOf(s.own, bucket))]),
  )
}

/** Clusters go by their first digits, as on the command line. */
function shortened(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) ? name.slice(0, 12) : name
}

/** Every month from the first to the last: one without a count is a zero, not a gap that nobody sees. */
function monthsBetween(sorted: readonly string[]): string[] {
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (first === undefined || last === undefined) return []
  const months: string[] = []
  for (
    const at = new Date(`${first}-01T00:00:00Z`);
    at.toISOString().slice(0, 7) <= last;
    at.setUTCMonth(at.getUTCMonth() + 1)
  ) {
    months.push(at.toISOString().slice(0, 7))
  }
  return months
}

function fillTable(table: HTMLElement, head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cell = (tag: "th" | "td", value: string | number, isNumber: boolean) => {
    const made = element(tag, typeof value === "number" ? count(value) : value)
    if (isNumber) made.className = "number"
    return made
  }
  const isNumber = head.map((_, column) => typeof rows[0]?.[column] === "number")
  table.replaceChildren(
    element("thead", element("tr", ...head.map((text, column) => cell("th", text, isNumber[column] ?? false)))),
    element(
      "tbody",
      ...rows.map((row) => element("tr", ...row.map((value, column) => cell("td", value, isNumber[column] ?? false)))),
    ),
  )
}

function element(tag: string, ...content: (string | Node)[]): HTMLElement {
  const made = document.createElement(tag)
  made.append(...content)
  return made
}

function count(value: number): string {
  return value.toLocaleString("en")
}

function some(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? "" : "s"}`
}

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await fetch(path)
  const answer = (await response.json()) as Answer & { error?: string }
  if (!response.ok) throw new Error(answer.error ?? `The dashboard answered ${response.status}.`)
  return answer
}

async function attempt(work: () => Promise<void>): Promise<void> {
  const problem = byId("problem")
  try {
    await work()
    problem.hidden = true
  } catch (error) {
    problem.textContent = error instanceof Error ? error.message : String(error)
    problem.hidden = false
  }
}
