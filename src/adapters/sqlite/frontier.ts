import type { WatchlineError } from "../../errors.ts"
import type { Id } from "../../model/record.ts"
import type { Frontier, FrontierCounts, Lease, Link, Visited } from "../../ports/frontier.ts"
import { afterFailure, moreUrgent, never, pageRank, type RetryPlan } from "../../ports/frontier-rules.ts"
import { Database } from "./database.ts"

const migration = `
  CREATE TABLE page (
    sequence INTEGER PRIMARY KEY, -- order of discovery
    forum TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
    rank INTEGER NOT NULL, -- of the kind: what leads to more pages goes first
    ready INTEGER NOT NULL DEFAULT 1, -- due already; kept apart from 'due', so that the most urgent one is found through an index
    due INTEGER NOT NULL DEFAULT 0, -- milliseconds; the end of its lease for a leased page; the far end of time for one not planned
    worker TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    visited INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0, -- given up
    yield TEXT,
    UNIQUE (forum, url)
  );
  CREATE INDEX page_ready ON page (forum, rank, sequence) WHERE ready;
  CREATE INDEX page_due ON page (forum, due) WHERE NOT ready;
  CREATE INDEX page_worker ON page (worker, forum) WHERE worker IS NOT NULL;
  CREATE TABLE site (forum TEXT PRIMARY KEY, worker TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE examined (
    forum TEXT NOT NULL, url TEXT NOT NULL, fingerprint TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (forum, url)
  ) WITHOUT ROWID;
`

/** What a page showed at its last visit, whatever its address. */
const contents = `
  ALTER TABLE page ADD COLUMN content TEXT;
  CREATE INDEX page_content ON page (forum, content) WHERE content IS NOT NULL;
`

export interface SqliteFrontierOptions {
  readonly path: string
  readonly random: () => number
  readonly leaseMs: number
  readonly retry: RetryPlan
  /** Pages of one forum that are taken from its own links. */
  readonly mostPages: number
}

/**
 * Pages in one file. A site belongs to the worker that leased from it last, until its leases have run out or it found nothing due there
 * or gave everything back; so the pause between two pages is the same process's to keep.
 *
 * NORMAL durability: what a power cut takes away is a visit of the last moments, and that is only made again.
 */
export class SqliteFrontier implements Frontier {
  readonly #database: Database
  readonly #random: () => number
  readonly #leaseMs: number
  readonly #retry: RetryPlan
  readonly #mostPages: number
  readonly #workers = new Set<string>()

  constructor({ path, random, leaseMs, retry, mostPages }: SqliteFrontierOptions) {
    const migrations = [migration, contents]
    this.#database = new Database({ path, applicationId: 0x574c_0002, migrations, synchronous: "NORMAL" })
    this.#random = random
    this.#leaseMs = leaseMs
    this.#retry = retry
    this.#mostPages = mostPages
  }

  async add(forum: string, links: readonly Link[]): Promise<void> {
    this.#database.transaction(() => this.#discover(forum, links))
  }

  async lease(
    worker: string,
    now: number,
    { forums, perSite }: { readonly forums: readonly string[]; readonly perSite: number },
  ): Promise<Lease | undefined> {
    this.#workers.add(worker)
    return this.#database.transaction(() => {
      let best: PageRow | undefined
      for (const forum of forums) {
        const site = this.#database.get<SiteRow>("SELECT worker, until FROM site WHERE forum = ?", forum)
        if (site && site.worker !== worker && site.until > now) continue
        this.#promote(forum, now)
        const leased = this.#leased(forum, worker)
        if (leased >= perSite) continue
        const page = this.#database.get<PageRow>(
          "SELECT * FROM page WHERE forum = ? AND ready ORDER BY rank, sequence LIMIT 1",
          forum,
        )
        if (page) best = best && !moreUrgent(page, best) ? best : page
        else if (leased === 0) this.#leave(forum, worker)
      }
      if (!best) return undefined
      this.#database.run(
        "UPDATE page SET ready = 0, failed = 0, worker = ?, due = ? WHERE sequence = ?",
        worker,
        now + this.#leaseMs,
        best.sequence,
      )
      this.#stay(best.forum, worker, now)
      const { forum, url, kind, attempt, yield: lastYield } = best
      return { forum, url, kind, worker, attempt, ...(lastYield === null ? {} : { lastYield }) }
    })
  }

  async renew(worker: string, now: number): Promise<void> {
    this.#database.transaction(() => {
      this.#database.run("UPDATE page SET due = ? WHERE worker = ?", now + this.#leaseMs, worker)
      this.#database.run("UPDATE site SET until = ? WHERE worker = ?", now + this.#leaseMs, worker)
    })
  }

  async visited({ forum, url, worker }: Lease, result: Visited, now: number): Promise<void> {
    const due = result.again === undefined ? never : Date.parse(result.again)
    this.#database.transaction(() => {
      this.#discover(forum, result.found, this.#room(forum))
      for (const [picture, { fingerprint, sha256 }] of result.examined) {
        this.#database.run(
          `INSERT INTO examined (forum, url, fingerprint, sha256) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, sha256 = excluded.sha256`,
          forum,
          picture,
          fingerprint,
          sha256,
        )
      }
      // A visit that outlived its lease counts too, unless somebody else is at it now.
      this.#database.run(
        `UPDATE page SET ready = 0, due = ?, worker = NULL, attempt = 0, visited = 1, failed = 0, yield = ?, content = ?
          WHERE forum = ? AND url = ? AND coalesce(worker, ?) = ?`,
        due,
        result.yield ?? null,
        result.content ?? null,
        forum,
        url,
        worker,
        worker,
      )
      this.#stay(forum, worker, now)
    })
  }

  async failed(lease: Lease, error: WatchlineError, now: number): Promise<void> {
    const { forum, url, worker } = lease
    this.#database.transaction(() => {
      const page = this.#database.get<PageRow>(
        "SELECT * FROM page WHERE forum = ? AND url = ? AND worker = ?",
        forum,
        url,
        worker,
      )
      if (!page) return
      const { due, attempt, failed } = afterFailure(page.attempt, error, this.#retry, now, this.#random)
      this.#database.run(
        "UPDATE page SET due = ?, worker = NULL, attempt = ?, failed = ? WHERE sequence = ?",
        due,
        attempt,
        failed ? 1 : 0,
        page.sequence,
      )
      this.#stay(forum, worker, now)
    })
  }

  async release({ forum, url, worker }: Lease): Promise<void> {
    this.#database.transaction(() => {
      this.#database.run(
        "UPDATE page SET ready = 1, due = 0, worker = NULL WHERE forum = ? AND url = ? AND worker = ?",
        forum,
        url,
        worker,
      )
      if (this.#leased(forum, worker) === 0) this.#leave(forum, worker)
    })
  }

  async shownBefore(forum: string, url: string, content: string): Promise<boolean> {
    const before = this.#database.get(
      `SELECT 1 FROM page WHERE forum = ?1 AND content = ?3
        AND sequence < coalesce((SELECT sequence FROM page WHERE forum = ?1 AND url = ?2), 0) LIMIT 1`,
      forum,
      url,
      content,
    )
    return before !== undefined
  }

  async room(forum: string): Promise<number> {
    return this.#room(forum)
  }

  async examined(forum: string, urls: readonly string[]): Promise<Map<string, { fingerprint: Id; sha256: string }>> {
    const rows = this.#database.all<{ url: string; fingerprint: Id; sha256: string }>(
      "SELECT url, fingerprint, sha256 FROM examined WHERE forum = ? AND url IN (SELECT value FROM json_each(?))",
      forum,
      JSON.stringify(urls),
    )
    return new Map(rows.map(({ url, fingerprint, sha256 }) => [url, { fingerprint, sha256 }]))
  }

  async nextDue(forums: readonly string[], which: "unfinished" | "all"): Promise<number | undefined> {
    const unfinished =
      which === "unfinished" ? "AND (worker IS NOT NULL OR (NOT failed AND (NOT visited OR attempt > 0)))" : ""
    const row = this.#database.get<{ due: number | null }>(
      `SELECT min(due) AS due FROM page WHERE forum IN (SELECT value FROM json_each(?)) AND due < ${never} ${unfinished}`,
      JSON.stringify(forums),
    )
    return row?.due ?? undefined
  }

  async counts(forum: string): Promise<FrontierCounts> {
    return this.#database.get<FrontierCounts>(
      `SELECT count(*) FILTER (WHERE NOT failed AND worker IS NULL AND NOT visited) AS waiting,
          count(*) FILTER (WHERE worker IS NOT NULL) AS leased,
          count(*) FILTER (WHERE NOT failed AND worker IS NULL AND visited) AS visited,
          count(*) FILTER (WHERE failed AND worker IS NULL) AS failed
        FROM page WHERE forum = ?`,
      forum,
    )!
  }

  /** Gives back what this process's workers hold, so that a next run need not wait for their leases. */
  async close(): Promise<void> {
    const workers = JSON.stringify([...this.#workers])
    const own = "worker IN (SELECT value FROM json_each(?))"
    try {
      if (this.#workers.size > 0) {
        this.#database.transaction(() => {
          this.#database.run(`UPDATE page SET ready = 1, due = 0, worker = NULL WHERE ${own}`, workers)
          this.#database.run(`DELETE FROM site WHERE ${own}`, workers)
        })
        this.#workers.clear()
      }
    } finally {
      this.#database.close()
    }
  }

  #room(forum: string): number {
    const { count } = this.#database.get<{ count: number }>(
      "SELECT count(*) AS count FROM page WHERE forum = ?",
      forum,
    )!
    return Math.max(0, this.#mostPages - count)
  }

  #discover(forum: string, links: readonly Link[], room = Number.POSITIVE_INFINITY): void {
    let left = room
    for (const { url, kind } of links) {
      if (left <= 0) return
      left -= this.#database.run(
        "INSERT OR IGNORE INTO page (forum, url, kind, rank) VALUES (?, ?, ?, ?)",
        forum,
        url,
        kind,
        pageRank[kind],
      )
    }
  }

  /** What has come due, expired leases included, joins the ready ones: each page once, so that a lease stays cheap in a large frontier. */
  #promote(forum: string, now: number): void {
    this.#database.run(
      "UPDATE page SET ready = 1, worker = NULL WHERE forum = ? AND NOT ready AND due <= ?",
      forum,
      now,
    )
  }

  #leased(forum: string, worker: string): number {
    return this.#database.get<{ count: number }>(
      "SELECT count(*) AS count FROM page WHERE worker = ? AND forum = ?",
      worker,
      forum,
    )!.count
  }

  /** Keeps the site for the worker that is there, or that is the first to come. */
  #stay(forum: string, worker: string, now: number): void {
    this.#database.run(
      `INSERT INTO site (forum, worker, until) VALUES (?1, ?2, ?3)
        ON CONFLICT DO UPDATE SET worker = ?2, until = ?3 WHERE worker = ?2 OR until <= ?4`,
      forum,
      worker,
      now + this.#leaseMs,
      now,
    )
  }

  #leave(forum: string, worker: string): void {
    this.#database.run("DELETE FROM site WHERE forum = ? AND worker = ?", forum, worker)
  }
}

interface PageRow extends Link {
  readonly sequence: number
  readonly forum: string
  readonly rank: number
  readonly attempt: number
  readonly yield: string | null
}

interface SiteRow {
  readonly worker: string
  readonly until: number
}
