import { WatchlineError } from "../../errors.ts"
import { matchedWords, wordsIn } from "../../matching/search-words.ts"
import type { Attachment } from "../../model/attachment.ts"
import type { Finding, FindingKind } from "../../model/finding.ts"
import type { Id } from "../../model/record.ts"
import type { Sighting } from "../../model/sighting.ts"
import type {
  Alarm,
  ArtefactRow,
  ClusterRow,
  Findings,
  GuideRow,
  ImageRow,
  PostRow,
  Scope,
  SearchHit,
  Tally,
  TrendInterval,
  TrendMetric,
  TrendPoint,
  TrendSplit,
} from "../../ports/findings.ts"
import type { Database } from "./database.ts"
import {
  scanArtefacts,
  scanAttachments,
  scanClusters,
  scanFindings,
  scanGuides,
  scanImages,
  scanPosts,
  scanSightings,
} from "./findings-scans.ts"
import { within } from "./scope-sql.ts"
import { tally } from "./tally.ts"
import { trend } from "./trend.ts"

/** Questions to the index. Counts come from one state of the file; scans take page after page, each from the state of its moment. */
export class SqliteFindings implements Findings {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async tally(scope: Scope): Promise<Tally> {
    return tally(this.#database, scope)
  }

  async trend(metric: TrendMetric, interval: TrendInterval, split: TrendSplit, scope: Scope): Promise<TrendPoint[]> {
    return trend(this.#database, metric, interval, split, scope)
  }

  async alarms(scope: Scope): Promise<Alarm[]> {
    const { sql, values } = within("v", scope)
    return this.#database.all(
      `SELECT forum, url, at, alarm FROM visit v WHERE alarm IS NOT NULL AND ${sql} ORDER BY at, forum, url`,
      ...values,
    )
  }

  async search(text: string, limit: number): Promise<SearchHit[]> {
    // Every word is a quoted FTS5 string: nothing in it is an operator, and addresses become phrases. The last letters may be missing.
    const words = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
    if (words.length === 0) {
      throw new WatchlineError("input_invalid", {
        message: "There is no word to search for.",
        remedy: "Search for a kind, generator, model, platform, forum or host.",
      })
    }
    const rows = this.#database.all<{ json: string; url: string | null }>(
      `SELECT f.json, coalesce((SELECT p.url FROM post p WHERE p.id = f.subject),
          (SELECT s.post_url FROM sighting s WHERE s.fingerprint = f.subject ORDER BY s.at, s.id LIMIT 1)) AS url
        FROM finding_text JOIN finding f ON f.sequence = finding_text.rowid
        WHERE finding_text MATCH ? ORDER BY finding_text.rank, f.sequence LIMIT ?`,
      words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(" "),
      limit,
    )
    const phrases = words.map(wordsIn)
    return rows.map(({ json, url }) => {
      const finding = JSON.parse(json) as Finding
      return { finding, ...(url === null ? {} : { url }), matched: matchedWords(finding, phrases) }
    })
  }

  posts(scope: Scope): AsyncIterable<PostRow> {
    return scanPosts(this.#database, scope)
  }

  images(scope: Scope): AsyncIterable<ImageRow> {
    return scanImages(this.#database, scope)
  }

  findings(scope: Scope, kind?: FindingKind): AsyncIterable<Finding> {
    return scanFindings(this.#database, scope, kind)
  }

  clusters(scope: Scope): AsyncIterable<ClusterRow> {
    return scanClusters(this.#database, scope)
  }

  artefacts(scope: Scope): AsyncIterable<ArtefactRow> {
    return scanArtefacts(this.#database, scope)
  }

  attachments(scope: Scope): AsyncIterable<Attachment> {
    return scanAttachments(this.#database, scope)
  }

  guides(scope: Scope): AsyncIterable<GuideRow> {
    return scanGuides(this.#database, scope)
  }

  async clusterOf(fingerprint: Id): Promise<Id | undefined> {
    return this.#database.get<{ cluster: Id }>("SELECT cluster FROM membership WHERE fingerprint = ?", fingerprint)
      ?.cluster
  }

  async findCluster(prefix: string): Promise<Id> {
    const digits = prefix.toLowerCase()
    if (!/^[0-9a-f]{1,64}$/.test(digits)) {
      throw new WatchlineError("input_invalid", {
        message: "A cluster's name is made of hexadecimal digits.",
        remedy: "Copy the first eight or more digits from a list of clusters.",
      })
    }
    const rows = this.#database.all<{ cluster: Id }>(
      "SELECT DISTINCT cluster FROM membership WHERE cluster >= ? AND cluster < ? LIMIT 2",
      digits,
      `${digits}g`,
    )
    if (rows.length === 1) return rows[0]!.cluster
    throw rows.length === 0
      ? new WatchlineError("not_found", {
          message: `No cluster's name starts with ${digits}.`,
          remedy: "It may have been merged into another: list the clusters.",
        })
      : new WatchlineError("input_invalid", {
          message: `Several clusters' names start with ${digits}.`,
          remedy: "Give more digits.",
        })
  }

  sightingsOf(clusters: readonly Id[], scope: Scope): AsyncIterable<Sighting> {
    return scanSightings(this.#database, clusters, scope)
  }
}
