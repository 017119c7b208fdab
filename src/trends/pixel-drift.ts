import { instant } from "../model/record.ts"
import type { Findings, Scope } from "../ports/findings.ts"
import type { PixelScorer } from "../ports/pixel-scorer.ts"
import { monthScope } from "./month-scope.ts"

export interface DriftWeek {
  /** Monday of the week, `YYYY-MM-DD`. */
  readonly week: string
  readonly images: number
  readonly abstained: number
  /** Share of the assessed ones in each tenth of the score. */
  readonly tenths: readonly number[]
  /** Population stability index against all weeks before; absent for the first, and below 50 images on either side. */
  readonly shift?: number
  /** What changed so much that thresholds may no longer mean what they did. */
  readonly alarm?: "scores" | "abstentions"
}

/** Both are customary: below 0.1 nothing has changed, above 0.25 much has. */
const shiftAlarm = 0.25
const abstentionAlarm = 0.15
const fewest = 50
const weekMs = 7 * 24 * 3600 * 1000
/** What a month's weeks are compared with; more would make a report read an index from its beginning. */
const weeksBefore = 8

export interface DriftParts {
  readonly findings: Pick<Findings, "images">
  readonly scorer: PixelScorer
}

/**
 * How the pictures that a model is asked about change, week by week: its share of abstentions and the distribution of its scores. A shift says
 * that the forums post other pictures than before, or that the model meets what it was not made for; either way somebody should look.
 */
export async function pixelDrift(parts: DriftParts, scope: Scope): Promise<DriftWeek[]> {
  const weeks = new Map<string, Counts>()
  for await (const { fingerprint } of parts.findings.images(scope)) {
    const score = parts.scorer.score(fingerprint)
    if (!score) continue
    const week = mondayOf(fingerprint.seenAt)
    const counts = weeks.get(week) ?? emptyCounts()
    weeks.set(week, counts)
    add(counts, score.score)
  }
  const before = emptyCounts()
  return [...weeks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([week, counts]) => {
      const row = weekRow(week, counts, before)
      for (const [place, count] of counts.tenths.entries()) before.tenths[place]! += count
      before.images += counts.images
      before.abstained += counts.abstained
      return row
    })
}

/** The weeks of a month, each compared with the eight weeks before the month and with its own weeks before. Errors: `usage` (no such month). */
export async function monthDrift(
  parts: DriftParts,
  asked: { readonly month: string; readonly forums?: readonly string[] },
): Promise<DriftWeek[]> {
  const { from, until } = monthScope(asked.month)
  const early = instant(Date.parse(from) - weeksBefore * weekMs)
  const weeks = await pixelDrift(parts, { from: early, until, ...(asked.forums ? { forums: asked.forums } : {}) })
  return weeks.filter(({ week }) => Date.parse(week) + weekMs > Date.parse(from))
}

/** An alarm in a sentence, for people. */
export function driftAlarmText({ week, alarm }: DriftWeek): string | undefined {
  if (!alarm) return undefined
  const what = alarm === "scores" ? "the scores of pixels" : "the share of pictures that no score can be given"
  return `In the week of ${week} ${what} shifted: evaluate and calibrate the model on current pictures.`
}

interface Counts {
  images: number
  abstained: number
  readonly tenths: number[]
}

const emptyCounts = (): Counts => ({ images: 0, abstained: 0, tenths: new Array<number>(10).fill(0) })

function add(counts: Counts, score: number | undefined): void {
  counts.images += 1
  if (score === undefined) counts.abstained += 1
  else counts.tenths[Math.min(9, Math.floor(score * 10))]! += 1
}

function weekRow(week: string, counts: Counts, before: Counts): DriftWeek {
  const assessed = counts.images - counts.abstained
  const row = {
    week,
    images: counts.images,
    abstained: counts.abstained,
    tenths: counts.tenths.map((count) => (assessed === 0 ? 0 : count / assessed)),
  }
  if (Math.min(counts.images, before.images) < fewest) return row
  const moved = Math.abs(counts.abstained / counts.images - before.abstained / before.images)
  const enough = Math.min(assessed, before.images - before.abstained) >= fewest
  const shift = enough ? stabilityIndex(counts.tenths, before.tenths) : undefined
  const alarm = moved > abstentionAlarm ? "abstentions" : (shift ?? 0) > shiftAlarm ? "scores" : undefined
  return { ...row, ...(shift === undefined ? {} : { shift }), ...(alarm ? { alarm } : {}) }
}

/** Sum of (p - q) ln(p / q) over the tenths; half a picture is added to each, so that an empty one stays finite. */
function stabilityIndex(now: readonly number[], before: readonly number[]): number {
  const share = (counts: readonly number[]) => {
    const sum = counts.reduce((a, b) => a + b, 0) + counts.length / 2
    return counts.map((count) => (count + 0.5) / sum)
  }
  const p = share(now)
  const q = share(before)
  return p.reduce((sum, value, place) => sum + (value - q[place]!) * Math.log(value / q[place]!), 0)
}

function mondayOf(instant: string): string {
  const day = new Date(`${instant.slice(0, 10)}T00:00:00.000Z`)
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
  return day.toISOString().slice(0, 10)
}
