import type { SQLInputValue } from "node:sqlite"
import type { Scope } from "../../ports/findings.ts"

export interface Condition {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

/** Whether the scope leaves anything out at all. */
export function restricts({ from, until, forums }: Scope): boolean {
  return from !== undefined || until !== undefined || (forums !== undefined && forums.length > 0)
}

/** The scope as a condition on a table that has `at` and `forum`. */
export function within(table: string, { from, until, forums }: Scope): Condition {
  const parts: Condition[] = [{ sql: "TRUE", values: [] }]
  if (from !== undefined) parts.push({ sql: `${table}.at >= ?`, values: [from] })
  if (until !== undefined) parts.push({ sql: `${table}.at < ?`, values: [until] })
  if (forums !== undefined && forums.length > 0) {
    parts.push({ sql: `${table}.forum IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(forums)] })
  }
  return { sql: parts.map((p) => p.sql).join(" AND "), values: parts.flatMap((p) => p.values) }
}

/** Sightings of a scope with their cluster, as table `seen`. An image that is not clustered yet stands for itself. */
export function seenIn(scope: Scope): Condition {
  const { sql, values } = within("s", scope)
  return {
    sql: `seen AS (SELECT s.id, s.at, s.forum, s.sha256, s.fingerprint, coalesce(m.cluster, s.fingerprint) AS cluster
      FROM sighting s LEFT JOIN membership m ON m.fingerprint = s.fingerprint WHERE ${sql})`,
    values,
  }
}

/** Fingerprints and clusters with a trace of generation of strength strong or better, and clusters with a known image and of which source. */
export const marks = `
  ai_image AS (SELECT DISTINCT subject FROM finding WHERE kind = 'ai-image' AND strong),
  ai_cluster AS (SELECT DISTINCT coalesce(m.cluster, f.subject) AS cluster
    FROM ai_image f LEFT JOIN membership m ON m.fingerprint = f.subject),
  known_cluster AS (SELECT DISTINCT coalesce(m.cluster, f.subject) AS cluster, f.about
    FROM finding f LEFT JOIN membership m ON m.fingerprint = f.subject WHERE f.kind = 'known-image' AND f.counts)`
