import { WatchlineError } from "../../errors.ts"
import type { Membership } from "../../model/cluster.ts"
import type { ClusterPoint, Clusters } from "../../ports/clusters.ts"
import type { Database } from "./database.ts"

const pageSize = 1000

export class SqliteClusters implements Clusters {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async *points(): AsyncGenerator<ClusterPoint> {
    type Row = { sequence: number; fingerprint: string; mandate: string; pdq: string | null }
    for (let after = 0; ; ) {
      const page = this.#database.all<Row>(
        "SELECT * FROM cluster_point WHERE sequence > ? ORDER BY sequence LIMIT ?",
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
        "SELECT sequence, json FROM cluster_membership WHERE sequence > ? ORDER BY sequence LIMIT ?",
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
          "INSERT OR IGNORE INTO cluster_point (fingerprint, mandate, pdq) VALUES (?, ?, ?)",
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
      .all<{ json: string }>("SELECT json FROM cluster_membership WHERE NOT published ORDER BY sequence")
      .map(({ json }) => JSON.parse(json) as Membership)
  }

  /** Of a membership that has changed since, the newer revision stays unpublished. */
  async published(memberships: readonly Membership[]): Promise<void> {
    this.#database.transaction(() => {
      for (const { fingerprint, revision } of memberships) {
        this.#database.run(
          "UPDATE cluster_membership SET published = 1 WHERE fingerprint = ? AND revision = ?",
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
            "INSERT OR IGNORE INTO cluster_membership (fingerprint, revision, json) VALUES (?, 1, ?)",
            fingerprint,
            json,
          )
        : this.#database.run(
            "UPDATE cluster_membership SET revision = ?, json = ?, published = 0 WHERE fingerprint = ? AND revision = ?",
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
