import type { SQLInputValue } from "node:sqlite"
import type { Attachment } from "../../model/attachment.ts"
import type { Finding, FindingKind } from "../../model/finding.ts"
import type { Fingerprint } from "../../model/fingerprint.ts"
import type { Post } from "../../model/post.ts"
import type { Id, Instant } from "../../model/record.ts"
import type { Sighting } from "../../model/sighting.ts"
import type { ArtefactRow, ClusterRow, GuideRow, ImageRow, PostRow, Scope } from "../../ports/findings.ts"
import type { Database } from "./database.ts"
import { restricts, within } from "./scope-sql.ts"

/** Rows in memory at once. */
const pageSize = 500

/** Pages by key, not by offset: a page costs the same wherever it lies, and no transaction stays open while the reader works. */
function* pages<Row>(read: (after: Row | undefined) => Row[]): Generator<Row[]> {
  for (let after: Row | undefined; ; ) {
    const page = read(after)
    if (page.length > 0) yield page
    if (page.length < pageSize) return
    after = page.at(-1)
  }
}

const list = (values: readonly string[]) => JSON.stringify(values)

export async function* scanPosts(database: Database, scope: Scope): AsyncGenerator<PostRow> {
  const { sql, values } = within("p", scope)
  type Row = { forum: string; thread: string; at: string; id: Id; json: string }
  const read = (after: Row | undefined) =>
    database.all<Row>(
      `SELECT forum, thread, at, id, json FROM post p
        WHERE (forum, thread, at, id) > (?, ?, ?, ?) AND ${sql} ORDER BY forum, thread, at, id LIMIT ${pageSize}`,
      after?.forum ?? "",
      after?.thread ?? "",
      after?.at ?? "",
      after?.id ?? "",
      ...values,
    )
  for (const page of pages<Row>(read)) {
    // Where an address showed several pictures in the course of time, the newest one counts.
    const pictures = database.all<{ post: Id; url: string; sha256: string }>(
      `SELECT post, url, sha256 FROM sighting WHERE post IN (SELECT value FROM json_each(?))
        ORDER BY json_extract(json, '$.seenAt'), id`,
      list(page.map((row) => row.id)),
    )
    const known = new Map(pictures.map(({ post, url, sha256 }) => [`${post} ${url}`, sha256]))
    for (const { id, json } of page) {
      const post = JSON.parse(json) as Post
      const pictureOf = (url: string) => {
        const sha256 = known.get(`${id} ${url}`)
        return sha256 === undefined ? { url } : { url, sha256 }
      }
      yield { ...post, pictures: post.images.map(pictureOf) }
    }
  }
}

export async function* scanImages(database: Database, scope: Scope): AsyncGenerator<ImageRow> {
  const { sql, values } = within("s", scope)
  type Row = { id: Id; json: string; cluster: Id | null; sightings: number }
  const read = (after: Row | undefined) =>
    database.all<Row>(
      `SELECT * FROM (SELECT f.id, f.json, m.cluster,
            (SELECT count(*) FROM sighting s WHERE s.fingerprint = f.id AND ${sql}) AS sightings
          FROM fingerprint f LEFT JOIN membership m ON m.fingerprint = f.id WHERE f.id > ?)
        WHERE ${restricts(scope) ? "sightings > 0" : "TRUE"} ORDER BY id LIMIT ${pageSize}`,
      ...values,
      after?.id ?? "",
    )
  for (const page of pages<Row>(read)) {
    const known = knownClusters(
      database,
      page.map((row) => row.cluster ?? row.id),
    )
    for (const { id, json, cluster, sightings } of page) {
      yield {
        fingerprint: JSON.parse(json) as Fingerprint,
        ...(cluster === null ? {} : { cluster }),
        sightings,
        known: known.has(cluster ?? id),
      }
    }
  }
}

export async function* scanFindings(database: Database, scope: Scope, kind?: FindingKind): AsyncGenerator<Finding> {
  const [posts, sightings] = [within("p", scope), within("s", scope)]
  const conditions = ["f.id > ?"]
  const values: SQLInputValue[] = []
  if (kind !== undefined) {
    conditions.push("f.kind = ?")
    values.push(kind)
  }
  if (restricts(scope)) {
    conditions.push(`(EXISTS (SELECT 1 FROM post p WHERE p.id = f.subject AND ${posts.sql})
      OR EXISTS (SELECT 1 FROM sighting s WHERE s.fingerprint = f.subject AND ${sightings.sql}))`)
    values.push(...posts.values, ...sightings.values)
  }
  type Row = { id: Id; json: string }
  const read = (after: Row | undefined) =>
    database.all<Row>(
      `SELECT f.id, f.json FROM finding f WHERE ${conditions.join(" AND ")} ORDER BY f.id LIMIT ${pageSize}`,
      after?.id ?? "",
      ...values,
    )
  for (const page of pages<Row>(read)) for (const { json } of page) yield JSON.parse(json) as Finding
}

export async function* scanClusters(database: Database, scope: Scope): AsyncGenerator<ClusterRow> {
  type Row = { id: Id }
  const read = (after: Row | undefined) =>
    database.all<Row>(
      `SELECT DISTINCT cluster AS id FROM membership WHERE cluster > ? ORDER BY cluster LIMIT ${pageSize}`,
      after?.id ?? "",
    )
  for (const page of pages<Row>(read)) {
    const known = knownClusters(
      database,
      page.map((row) => row.id),
    )
    for (const { id } of page) {
      const row = clusterRow(database, id, scope)
      if (row && (row.sightings > 0 || !restricts(scope))) yield { ...row, known: known.has(id) }
    }
  }
}

/** Undefined where none of its images is in the index yet. */
function clusterRow(database: Database, id: Id, scope: Scope): Omit<ClusterRow, "known"> | undefined {
  const { sql, values } = within("s", scope)
  const seen = database.get<{ sightings: number; first: Instant | null }>(
    `SELECT count(*) AS sightings, min(s.at) AS first
      FROM membership m JOIN sighting s ON s.fingerprint = m.fingerprint WHERE m.cluster = ? AND ${sql}`,
    id,
    ...values,
  )!
  const members = database.all<{ fingerprint: Id; seenAt: Instant | null }>(
    `SELECT m.fingerprint, json_extract(f.json, '$.seenAt') AS seenAt
      FROM membership m LEFT JOIN fingerprint f ON f.id = m.fingerprint WHERE m.cluster = ? ORDER BY m.fingerprint`,
    id,
  )
  const firstSeen =
    seen.first ??
    members
      .flatMap((m) => m.seenAt ?? [])
      .sort()
      .at(0)
  if (firstSeen === undefined) return undefined
  const signals = database.all<{ strength: string; generator: string }>(
    `SELECT DISTINCT g.strength, g.generator FROM membership m JOIN signal g ON g.fingerprint = m.fingerprint
      WHERE m.cluster = ? ORDER BY g.generator`,
    id,
  )
  const strength = strengths.find((s) => signals.some((g) => g.strength === s))
  return {
    id,
    members: members.map((m) => m.fingerprint),
    sightings: seen.sightings,
    ...(strength === undefined ? {} : { strength }),
    generators: [...new Set(signals.map((g) => g.generator).filter((g) => g !== ""))],
    firstSeen,
  }
}

const strengths = ["conclusive", "strong", "moderate", "weak"]

export async function* scanArtefacts(database: Database, scope: Scope): AsyncGenerator<ArtefactRow> {
  const { sql, values } = within("p", scope)
  const read = (after: ArtefactRow | undefined) =>
    database.all<ArtefactRow>(
      `SELECT f.about AS id, coalesce(min(f.artefact_kind), '') AS kind, coalesce(min(f.platform), '') AS platform,
          count(DISTINCT p.id) AS posts, count(DISTINCT p.forum || '/' || p.thread) AS threads,
          count(DISTINCT p.forum) AS forums, count(DISTINCT p.author) AS authors, min(p.at) AS firstSeen, max(p.at) AS lastSeen
        FROM finding f JOIN post p ON p.id = f.subject
        WHERE f.kind = 'model-link' AND f.counts AND f.about > ? AND ${sql}
        GROUP BY f.about ORDER BY f.about LIMIT ${pageSize}`,
      after?.id ?? "",
      ...values,
    )
  for (const page of pages<ArtefactRow>(read)) yield* page
}

export async function* scanGuides(database: Database, scope: Scope): AsyncGenerator<GuideRow> {
  const { sql, values } = within("p", scope)
  type Row = Omit<GuideRow, "languages"> & { languages: string }
  const read = (after: Row | undefined) =>
    database.all<Row>(
      `SELECT coalesce(m.cluster, f.subject) AS id, count(DISTINCT p.id) AS posts, count(DISTINCT p.forum || '/' || p.thread) AS threads,
          count(DISTINCT p.forum) AS forums, count(DISTINCT p.author) AS authors, max(json_extract(f.json, '$.score')) AS score,
          json_group_array(DISTINCT json_extract(f.json, '$.language')) AS languages, min(p.at) AS firstSeen, max(p.at) AS lastSeen
        FROM finding f JOIN post p ON p.id = f.subject LEFT JOIN membership m ON m.fingerprint = f.subject
        WHERE f.kind = 'guide' AND f.counts AND coalesce(m.cluster, f.subject) > ? AND ${sql}
        GROUP BY 1 ORDER BY 1 LIMIT ${pageSize}`,
      after?.id ?? "",
      ...values,
    )
  for (const page of pages<Row>(read)) {
    for (const { languages, ...row } of page) {
      const known = (JSON.parse(languages) as (string | null)[]).filter((language) => language !== null)
      yield { ...row, languages: known.sort() }
    }
  }
}

export async function* scanAttachments(database: Database, scope: Scope): AsyncGenerator<Attachment> {
  const { sql, values } = within("a", scope)
  type Row = { id: Id; json: string }
  const read = (after: Row | undefined) =>
    database.all<Row>(
      `SELECT a.id, a.json FROM attachment a WHERE a.id > ? AND ${sql} ORDER BY a.id LIMIT ${pageSize}`,
      after?.id ?? "",
      ...values,
    )
  for (const page of pages<Row>(read)) for (const { json } of page) yield JSON.parse(json) as Attachment
}

export async function* scanSightings(
  database: Database,
  clusters: readonly Id[],
  scope: Scope,
): AsyncGenerator<Sighting> {
  const { sql, values } = within("s", scope)
  type Row = { id: Id; json: string }
  const read = (after: Row | undefined) =>
    database.all<Row>(
      `SELECT s.id, s.json FROM sighting s JOIN membership m ON m.fingerprint = s.fingerprint
        WHERE m.cluster IN (SELECT value FROM json_each(?)) AND s.id > ? AND ${sql} ORDER BY s.id LIMIT ${pageSize}`,
      list(clusters),
      after?.id ?? "",
      ...values,
    )
  for (const page of pages<Row>(read)) for (const { json } of page) yield JSON.parse(json) as Sighting
}

/** Which of these clusters hold an image that matches a known hash. */
function knownClusters(database: Database, clusters: readonly Id[]): Set<Id> {
  const rows = database.all<{ cluster: Id }>(
    `WITH asked AS (SELECT value AS cluster FROM json_each(?))
      SELECT a.cluster FROM asked a JOIN finding f ON f.subject = a.cluster AND f.kind = 'known-image' AND f.counts
      UNION SELECT a.cluster FROM asked a JOIN membership m ON m.cluster = a.cluster
        JOIN finding f ON f.subject = m.fingerprint AND f.kind = 'known-image' AND f.counts`,
    list([...new Set(clusters)]),
  )
  return new Set(rows.map((row) => row.cluster))
}
