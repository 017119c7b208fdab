import { WatchlineError } from "../../errors.ts"
import type { Scope, TrendInterval, TrendMetric, TrendPoint, TrendSplit } from "../../ports/findings.ts"
import type { Database } from "./database.ts"
import { type Condition, marks, seenIn, within } from "./scope-sql.ts"

/** Start of the interval, UTC; a week starts on Monday (ISO 8601). */
const buckets: Readonly<Record<TrendInterval, string>> = {
  month: "substr(x.at, 1, 7)",
  week: "date(x.at, 'weekday 0', '-6 days')",
  day: "substr(x.at, 1, 10)",
}

/** How each split groups the rows `x`, and what has to be joined for it. */
type Splits = Partial<Record<TrendSplit, { readonly group: string; readonly join?: string }>>

const plain: Splits = { none: { group: "''" }, forum: { group: "x.forum" } }
const signals = "JOIN signal g ON g.fingerprint = x.fingerprint"
const ofImages: Splits = {
  ...plain,
  generator: { group: "g.generator", join: `${signals} AND g.generator <> ''` },
  family: { group: "g.family", join: signals },
}
const ofFindings: Splits = { ...plain, artefact: { group: "coalesce(f.about, '')" } }
const ofGuides: Splits = { ...plain, guide: { group: "x.text" } }

const splits: Readonly<Record<TrendMetric, Splits>> = {
  posts: plain,
  sightings: ofImages,
  images: ofImages,
  "ai-image": ofImages,
  "known-image": ofFindings,
  "model-link": ofFindings,
  "character-link": ofFindings,
  "character-card": { ...plain, artefact: { group: "x.about" } },
  guide: ofGuides,
  "guide-spread": ofGuides,
}

export function trend(
  database: Database,
  metric: TrendMetric,
  interval: TrendInterval,
  split: TrendSplit,
  scope: Scope,
): TrendPoint[] {
  const known = splits[metric]
  const by = known?.[split]
  if (!by) {
    throw new WatchlineError("input_invalid", {
      message: `There is no trend of ${metric} by ${split}.`,
      remedy: `Ask for ${metric} by ${Object.keys(known ?? {}).join(", ")}.`,
    })
  }
  const { withTables, from, where, values } = rows(metric, scope)
  return database.all(
    `WITH ${withTables} SELECT ${buckets[interval]} AS bucket, ${by.group} AS "group",
        count(DISTINCT ${metric === "images" ? "x.sha256" : "x.id"}) AS count
      FROM ${from} ${by.join ?? ""} WHERE ${where} GROUP BY 1, 2 ORDER BY 1, 2`,
    ...values,
  )
}

interface Rows {
  readonly withTables: string
  readonly from: string
  readonly where: string
  readonly values: Condition["values"]
}

/** What is counted, as rows `x`; findings about it as `f`. */
function rows(metric: TrendMetric, scope: Scope): Rows {
  if (metric === "sightings" || metric === "images" || metric === "ai-image" || metric === "known-image") {
    const { sql, values } = seenIn(scope)
    const withTables = `${sql}, ${marks}`
    if (metric === "known-image") {
      return { withTables, from: "seen x JOIN known_cluster f ON f.cluster = x.cluster", where: "TRUE", values }
    }
    const where = metric === "ai-image" ? "x.fingerprint IN (SELECT subject FROM ai_image)" : "TRUE"
    return { withTables, from: "seen x", where, values }
  }
  const { sql: where, values } = within("x", scope)
  if (metric === "guide") return { withTables: `${marks}, ${guides}`, from: "guide x", where, values }
  if (metric === "guide-spread") {
    // What came first is a question to all times: the scope's time is asked afterwards.
    const arrival = `arrival AS (SELECT text || ' ' || forum AS id, text, forum, min(at) AS at FROM guide GROUP BY text, forum)`
    return { withTables: `${marks}, ${guides}, ${arrival}`, from: "arrival x", where, values }
  }
  if (metric === "character-card") return { withTables: `${marks}, ${cards}`, from: "card x", where, values }
  if (metric === "posts") return { withTables: marks, from: "post x", where, values }
  const from = `post x JOIN finding f ON f.subject = x.id AND f.kind = '${metric}' AND f.counts`
  return { withTables: marks, from, where, values }
}

/** Posts that are guides, each with its text: the cluster of copies, or itself while it is not clustered yet. */
const guides = `guide AS (SELECT p.id, p.at, p.forum, coalesce(m.cluster, p.id) AS text
  FROM post p JOIN finding f ON f.subject = p.id AND f.kind = 'guide' AND f.counts LEFT JOIN membership m ON m.fingerprint = p.id)`

/** Posts that hand over a chatbot's character: in an attached file, or in a picture. */
const cards = `card AS (
  SELECT p.id, p.at, p.forum, f.about FROM finding f JOIN post p ON p.id = f.subject WHERE f.kind = 'character-card' AND f.counts
  UNION SELECT p.id, p.at, p.forum, f.about FROM finding f JOIN sighting s ON s.fingerprint = f.subject JOIN post p ON p.id = s.post
    WHERE f.kind = 'character-card' AND f.counts)`
