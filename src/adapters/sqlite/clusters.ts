import { WatchlineError } from "../../errors.ts"
import type { Membership } from "../../model/cluster.ts"
import type { ClusterPoint, Clusters } from "../../ports/clusters.ts"
import type { Database } from "./database.ts"

const pageSize = 1000

export class SqliteClusters implements Clusters {
  readonly #database: Database
  readonly #points: string
  readonly #memberships: string

  constructor(database: Database, of: "image" | "guide" = "image") {
    this.#database = database
    const prefix = of === "image" ? "cluster" : "guide"
    this.#points = `${prefix}_point`
    this.#memberships = `${prefix}_membership`
  }

  async *points(): AsyncGenerator<ClusterPoint> {
    type Row = { sequence: number; fingerprint: string; mandate: string; pdq: string | null }
    for (let after = 0; ; ) {
      const page = this.#database.all<Row>(
        `SELECT * FROM ${this.#points} WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        after,
        pageSize,
      )
      for (const { fingerprint, mandate, pdq } of page) {
        yield pdq === null ? { fingerprint, mandate } : { fingerprint, mandate, pdq }
      }
      if (page.length < pageSize) return
      after = page.at(-1)!.sequence
    }
  }

  async *memberships(): AsyncGenerator<Membership> {
    type Row = { sequence: number; json: string }
    for (let after = 0; ; ) {
      const page = this.#database.all<Row>(
        `SELECT sequence, json FROM ${this.#memberships} WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        after,
        pageSize,
      )
      for (const { json } of page) yield JSON.parse(json) as Membership
      if (page.length < pageSize) return
      after = page.at(-1)!.sequence
    }
  }

  async save(points: readonly ClusterPoint[], changed: readonly Membership[]): Promise<void> {
    this.#database.transaction(() => {
      for (const { fingerprint, mandate, pdq } of points) {
        this.#database.run(
          `INSERT OR IGNORE INTO ${this.#points} (fingerprint, mandate, pdq) VALUES (?, ?, ?)`,
          fingerprint,
          mandate,
          pdq ?? null,
        )
      }
      for (const membership of changed) this.#save(membership)
    })
  }

  async unpublished(): Promise<Membership[]> {
    return this.#database
      .all<{ json: string }>(`SELECT json FROM ${this.#memberships} WHERE NOT published ORDER BY sequence`)
      .map(({ json }) => JSON.parse(json) as Membership)
  }

  /** Of a membership that has changed since, the newer revision stays unpublished. */
  async published(memberships: readonly Membership[]): Promise<void> {
    this.#database.transaction(() => {
      for (const { fingerprint, revision } of memberships) {
        this.#database.run(
          `UPDATE ${this.#memberships} SET published = 1 WHERE fingerprint = ? AND revision = ?`,
          fingerprint,
          revision,
        )
      }
    })
  }

  #save(membership: Membership): void {
    const { fingerprint, revision } = membership
    const json = JSON.stringify(membership)
    const changes =
      revision === 1
        ? this.#database.run(
            `INSERT OR IGNORE INTO ${this.#memberships} (fingerprint, revision, json) VALUES (?, 1, ?)`,
            fingerprint,
            json,
          )
        : this.#database.run(
            `UPDATE ${this.#memberships} SET revision = ?, json = ?, published = 0 WHERE fingerprint = ? AND revision = ?`,
            revision,
            json,
            fingerprint,
            revision - 1,
          )
    if (changes === 1) return
    throw new WatchlineError("engine_unavailable", {
      message: `Revision ${revision} of the place of ${fingerprint} does not follow the stored one: another worker was faster.`,
      remedy: "Load the clusters again; the batch is done anew.",
    })
  }
}
