import { describeError, WatchlineError } from "../../errors.ts"
import { Attachment } from "../../model/attachment.ts"
import { Membership } from "../../model/cluster.ts"
import { Finding } from "../../model/finding.ts"
import { Fingerprint } from "../../model/fingerprint.ts"
import { Post } from "../../model/post.ts"
import { Sighting } from "../../model/sighting.ts"
import { Visit } from "../../model/visit.ts"
import type { FindingsWriter, Indexed } from "../../ports/findings.ts"
import type { Database } from "./database.ts"

/** Writes a batch in one transaction; a record that cannot be stored is undone alone. */
export class SqliteFindingsWriter implements FindingsWriter {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async put(records: readonly Indexed[]): Promise<(WatchlineError | undefined)[]> {
    const problems = records.map(problemOf)
    if (problems.every((p) => p !== undefined)) return problems
    this.#database.transaction(() => {
      for (const [place, indexed] of records.entries()) {
        if (problems[place] !== undefined) continue
        try {
          this.#database.step(() => this.#put(indexed))
        } catch (error) {
          if (error instanceof WatchlineError) throw error // the engine's, not the record's
          problems[place] = invalid(indexed, describeError(error).message, error)
        }
      }
    })
    return problems
  }

  #put(indexed: Indexed): void {
    if (indexed.kind === "post") this.#putPost(indexed.record)
    else if (indexed.kind === "fingerprint") this.#putFingerprint(indexed.record)
    else if (indexed.kind === "sighting") this.#putSighting(indexed.record)
    else if (indexed.kind === "membership") this.#putMembership(indexed.record)
    else if (indexed.kind === "finding") this.#putFinding(indexed.record)
    else if (indexed.kind === "attachment") this.#putAttachment(indexed.record)
    else this.#putVisit(indexed.record)
  }

  /**
   * The post shows the version that was seen last, as it was when that version was first seen: so its text expires with its first
   * collection, and a late repetition of an old version brings nothing back.
   */
  #putPost(post: Post): void {
    const json = JSON.stringify(post)
    this.#database.run(
      `INSERT INTO post_version (post, version, seen_at, last_seen_at, json) VALUES (?1, ?2, ?3, ?3, ?4)
        ON CONFLICT DO UPDATE SET last_seen_at = max(last_seen_at, ?3)`,
      post.id,
      post.version,
      post.seenAt,
      json,
    )
    const known = this.#database.get<{ seen_at: string; current_seen_at: string }>(
      "SELECT seen_at, current_seen_at FROM post WHERE id = ?",
      post.id,
    )
    if (known && known.current_seen_at >= post.seenAt) return
    const first = this.#database.get<{ json: string }>(
      "SELECT json FROM post_version WHERE post = ? AND version = ?",
      post.id,
      post.version,
    )!
    const current = { ...(JSON.parse(first.json) as Post), seenAt: known?.seen_at ?? post.seenAt }
    this.#database.run(
      `INSERT INTO post (id, forum, thread, author, url, at, seen_at, current_seen_at, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET forum = excluded.forum, thread = excluded.thread, author = excluded.author, url = excluded.url,
          at = excluded.at, current_seen_at = excluded.current_seen_at, json = excluded.json`,
      post.id,
      current.forum,
      current.thread,
      current.author ?? null,
      current.url,
      current.postedAt ?? current.seenAt,
      current.seenAt,
      post.seenAt,
      JSON.stringify(current),
    )
    this.#place(post.id, current.forum, current.url)
  }

  #putFingerprint(fingerprint: Fingerprint): void {
    const { id, sha256, error, signals } = fingerprint
    const added = this.#database.run(
      "INSERT OR IGNORE INTO fingerprint (id, sha256, error, json) VALUES (?, ?, ?, ?)",
      id,
      sha256,
      error ?? null,
      JSON.stringify(fingerprint),
    )
    if (added === 0) return
    for (const { family, strength, generator } of signals) {
      this.#database.run(
        "INSERT OR IGNORE INTO signal (fingerprint, family, strength, generator) VALUES (?, ?, ?, ?)",
        id,
        family,
        strength,
        generator ?? "",
      )
    }
  }

  #putSighting(sighting: Sighting): void {
    const { id, forum, post, postUrl, url, fingerprint, sha256, postedAt, seenAt } = sighting
    const added = this.#database.run(
      `INSERT OR IGNORE INTO sighting (id, forum, post, post_url, url, fingerprint, sha256, at, json)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      forum,
      post,
      postUrl,
      url,
      fingerprint,
      sha256,
      postedAt ?? seenAt,
      JSON.stringify(sighting),
    )
    if (added > 0) this.#place(fingerprint, forum, postUrl)
  }

  #putMembership({ fingerprint, cluster, revision }: Membership): void {
    this.#database.run(
      `INSERT INTO membership (fingerprint, cluster, revision) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET cluster = excluded.cluster, revision = excluded.revision WHERE excluded.revision > revision`,
      fingerprint,
      cluster,
      revision,
    )
  }

  #putFinding(finding: Finding): void {
    const { id, kind, subject, about, platform, artefactKind, abstained, signals } = finding
    const counts = abstained === undefined
    const strong = counts && signals.some((s) => s.strength === "conclusive" || s.strength === "strong")
    const added = this.#database.run(
      `INSERT OR IGNORE INTO finding (id, kind, subject, about, platform, artefact_kind, counts, strong, json)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      kind,
      subject.id,
      about ?? null,
      platform ?? null,
      artefactKind ?? null,
      Number(counts),
      Number(strong),
      JSON.stringify(finding),
    )
    if (added > 0) this.#indexText(subject.id, id)
  }

  #putAttachment(attachment: Attachment): void {
    const { id, forum, postedAt, seenAt } = attachment
    this.#database.run(
      "INSERT OR IGNORE INTO attachment (id, forum, at, json) VALUES (?, ?, ?, ?)",
      id,
      forum,
      postedAt ?? seenAt,
      JSON.stringify(attachment),
    )
  }

  #putVisit(visit: Visit): void {
    const { id, forum, url, at, alarm, imageFailures } = visit
    const added = this.#database.run(
      "INSERT OR IGNORE INTO visit (id, forum, url, at, alarm, json) VALUES (?, ?, ?, ?, ?, ?)",
      id,
      forum,
      url,
      at,
      alarm ?? null,
      JSON.stringify(visit),
    )
    if (added === 0) return
    for (const failure of imageFailures) {
      this.#database.run(
        `INSERT INTO picture_failure (post, url, forum, at, error) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET at = excluded.at, error = excluded.error WHERE excluded.at > at`,
        failure.post,
        failure.url,
        forum,
        at,
        failure.error,
      )
    }
  }

  /** Findings can come before the posts and sightings that say where their subject stands. */
  #place(subject: string, forum: string, url: string): void {
    const words = `${forum} ${URL.parse(url)?.hostname ?? ""}`
    const added = this.#database.run("INSERT OR IGNORE INTO place (subject, words) VALUES (?, ?)", subject, words)
    if (added > 0) this.#indexText(subject)
  }

  /** Makes the finding findable by its words and places; all findings of the subject where none is named. */
  #indexText(subject: string, finding?: string): void {
    const rows = this.#database.all<{ sequence: number; json: string; places: string | null }>(
      `SELECT sequence, json, (SELECT group_concat(words, ' ') FROM place WHERE place.subject = finding.subject) AS places
        FROM finding WHERE ${finding === undefined ? "subject" : "id"} = ?`,
      finding ?? subject,
    )
    for (const { sequence, json, places } of rows) {
      this.#database.run(
        "INSERT OR REPLACE INTO finding_text (rowid, words, places) VALUES (?, ?, ?)",
        sequence,
        wordsOf(JSON.parse(json) as Finding),
        places ?? "",
      )
    }
  }
}

function wordsOf({ kind, about, platform, artefactKind, signals }: Finding): string {
  const traces = signals.flatMap((s) => [
    s.family,
    s.generator,
    s.model,
    s.modelHash,
    ...(s.loras ?? []).map((l) => l.name),
  ])
  return [kind, about, platform, artefactKind, ...new Set(traces)].filter((word) => word !== undefined).join(" ")
}

const schemas = {
  post: Post,
  fingerprint: Fingerprint,
  sighting: Sighting,
  membership: Membership,
  finding: Finding,
  attachment: Attachment,
  visit: Visit,
} as const satisfies Record<Indexed["kind"], unknown>

function problemOf(indexed: Indexed): WatchlineError | undefined {
  const problem = schemas[indexed.kind].problem(indexed.record)
  return problem === undefined ? undefined : invalid(indexed, problem)
}

function invalid({ kind, record }: Indexed, why: string, cause?: unknown): WatchlineError {
  return new WatchlineError("record_invalid", { message: `${kind} ${record.id}: ${why}`, cause })
}
