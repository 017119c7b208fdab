import type { Scope, Tally } from "../../ports/findings.ts"
import type { Database } from "./database.ts"
import { marks, seenIn, within } from "./scope-sql.ts"

/** All counts of a scope, from one state of the index. */
export function tally(database: Database, scope: Scope): Tally {
  return database.snapshot(() => ({
    ...postCounts(database, scope),
    ...imageCounts(database, scope),
    ...postFindingCounts(database, scope),
    ...signalCounts(database, scope),
    imageErrors: imageErrors(database, scope),
  }))
}

function postCounts(database: Database, scope: Scope): Pick<Tally, "posts" | "threads" | "authors"> {
  const { sql, values } = within("p", scope)
  return database.get(
    `SELECT count(*) AS posts, count(DISTINCT p.forum || '/' || p.thread) AS threads, count(DISTINCT p.author) AS authors
      FROM post p WHERE ${sql}`,
    ...values,
  )!
}

type ImageCounts = Pick<
  Tally,
  | "sightings"
  | "images"
  | "clusters"
  | "knownSightings"
  | "knownImages"
  | "aiSightings"
  | "aiImages"
  | "aiByClusterSightings"
>

function imageCounts(database: Database, scope: Scope): ImageCounts {
  const { sql, values } = seenIn(scope)
  const [known, ai] = [
    "cluster IN (SELECT cluster FROM known_cluster)",
    "fingerprint IN (SELECT subject FROM ai_image)",
  ]
  return database.get(
    `WITH ${sql}, ${marks}
      SELECT count(*) AS sightings, count(DISTINCT sha256) AS images, count(DISTINCT cluster) AS clusters,
        count(*) FILTER (WHERE ${known}) AS knownSightings,
        count(DISTINCT sha256) FILTER (WHERE ${known}) AS knownImages,
        count(*) FILTER (WHERE ${ai}) AS aiSightings,
        count(DISTINCT sha256) FILTER (WHERE ${ai}) AS aiImages,
        count(*) FILTER (WHERE NOT ${ai} AND cluster IN (SELECT cluster FROM ai_cluster)) AS aiByClusterSightings
      FROM seen`,
    ...values,
  )!
}

type PostFindingCounts = Pick<Tally, "modelLinkPosts" | "modelArtefacts" | "characterPosts" | "guidePosts">

function postFindingCounts(database: Database, scope: Scope): PostFindingCounts {
  const { sql, values } = within("p", scope)
  return database.get(
    `SELECT count(DISTINCT f.subject) FILTER (WHERE f.kind = 'model-link') AS modelLinkPosts,
        count(DISTINCT f.about) FILTER (WHERE f.kind = 'model-link') AS modelArtefacts,
        count(DISTINCT f.subject) FILTER (WHERE f.kind = 'character-link') AS characterPosts,
        count(DISTINCT f.subject) FILTER (WHERE f.kind = 'guide') AS guidePosts
      FROM finding f JOIN post p ON p.id = f.subject
      WHERE f.counts AND f.kind IN ('model-link', 'character-link', 'guide') AND ${sql}`,
    ...values,
  )!
}

function signalCounts(database: Database, scope: Scope): Pick<Tally, "signals" | "generators"> {
  const { sql, values } = seenIn(scope)
  return {
    signals: database.all(
      `WITH ${sql} SELECT g.family, g.strength, count(DISTINCT s.id) AS sightings, count(DISTINCT s.sha256) AS images
        FROM seen s JOIN signal g ON g.fingerprint = s.fingerprint GROUP BY g.family, g.strength ORDER BY g.family, g.strength`,
      ...values,
    ),
    generators: database.all(
      `WITH ${sql} SELECT g.generator, count(DISTINCT s.id) AS sightings
        FROM seen s JOIN signal g ON g.fingerprint = s.fingerprint WHERE g.generator <> '' GROUP BY g.generator
        ORDER BY sightings DESC, g.generator`,
      ...values,
    ),
  }
}

/** Pictures that could not be read, and those that could not be fetched and were not later. */
function imageErrors(database: Database, scope: Scope): Tally["imageErrors"] {
  const [seen, missed] = [seenIn(scope), within("x", scope)]
  return database.all(
    `WITH ${seen.sql} SELECT error, count(*) AS images FROM (
        SELECT DISTINCT f.error, s.sha256 FROM seen s JOIN fingerprint f ON f.id = s.fingerprint WHERE f.error IS NOT NULL
        UNION ALL
        SELECT DISTINCT x.error, x.url FROM picture_failure x
          WHERE NOT EXISTS (SELECT 1 FROM sighting s WHERE s.post = x.post AND s.url = x.url) AND ${missed.sql}
      ) GROUP BY error ORDER BY error`,
    ...seen.values,
    ...missed.values,
  )
}
