import { join } from "node:path"
import { type Log, silentLog } from "../../log.ts"
import type { Clock } from "../../model/record.ts"
import type { AuditLog } from "../../ports/audit-log.ts"
import type { Clusters } from "../../ports/clusters.ts"
import type { Decisions } from "../../ports/decisions.ts"
import type { EventLog } from "../../ports/event-log.ts"
import type { Findings, FindingsWriter } from "../../ports/findings.ts"
import type { Frontier } from "../../ports/frontier.ts"
import { usualRetry } from "../../ports/frontier-rules.ts"
import type { KnownHashes } from "../../ports/known-hashes.ts"
import type { ListVersions } from "../../ports/list-versions.ts"
import type { Forums, Mandates } from "../../ports/registry.ts"
import type { BucketKeys } from "../../ports/text-vault.ts"
import { SqliteAuditLog } from "./audit-log.ts"
import { SqliteBucketKeys } from "./bucket-keys.ts"
import { caseMigrations } from "./case-schema.ts"
import { SqliteClusters } from "./clusters.ts"
import { Database } from "./database.ts"
import { SqliteDecisions } from "./decisions.ts"
import { SqliteEventLog } from "./event-log.ts"
import { SqliteFindings } from "./findings.ts"
import { findingsMigrations } from "./findings-schema.ts"
import { SqliteFindingsWriter } from "./findings-writer.ts"
import { SqliteFrontier } from "./frontier.ts"
import { SqliteKnownHashes } from "./known-hashes.ts"
import { SqliteListVersions } from "./list-versions.ts"
import { SqliteForums, SqliteMandates } from "./registry.ts"

export interface SqliteStoresOptions {
  readonly clock: Clock
  /** 0 to below 1, for jitter. */
  readonly random: () => number
  /** Time after which a dead crawler's pages go to another; 20 s. */
  readonly frontierLeaseMs?: number
  /** Time after which a dead worker's partitions go to another; 20 s. */
  readonly groupLeaseMs?: number
  /** Tries of a page before it is given up; 5. */
  readonly attempts?: number
  /** Pages of one forum that are taken from its own links; a million. */
  readonly pagesOfForum?: number
  /** Where damage is told that repairs itself. */
  readonly log?: Log
}

export interface SqliteStores {
  readonly eventLog: EventLog
  readonly frontier: Frontier
  readonly writer: FindingsWriter
  readonly findings: Findings
  readonly clusters: Clusters
  /** Of guides and their copies. */
  readonly guideClusters: Clusters
  readonly known: KnownHashes
  readonly mandates: Mandates
  readonly forums: Forums
  readonly decisions: Decisions
  readonly listVersions: ListVersions
  readonly audit: AuditLog
  readonly bucketKeys: BucketKeys
  /** Removes messages from before this time, in milliseconds since 1970, that every group has acknowledged; returns how many. */
  trimEvents(before: number): Promise<number>
  /** Gives leases back and closes the files. Whatever was answered before is kept, also without this. */
  close(): Promise<void>
}

const leaseMs = 20_000

/**
 * Every port over four files of one folder, which are made where they are missing; several processes may open it at once.
 *
 * Errors: `store_damaged`, `disk_full`, `engine_unavailable`.
 */
export function openSqliteStores(directory: string, options: SqliteStoresOptions): SqliteStores {
  const { clock, random, frontierLeaseMs = leaseMs, groupLeaseMs = leaseMs } = options
  const { attempts = usualRetry.attempts, pagesOfForum = 1_000_000, log = silentLog } = options
  const opened: { close(): unknown }[] = []
  const open = <Store extends { close(): unknown }>(store: Store): Store => {
    opened.push(store)
    return store
  }
  try {
    const events = open(new SqliteEventLog({ path: join(directory, "events.db"), clock, leaseMs: groupLeaseMs }))
    const frontier = open(
      new SqliteFrontier({
        path: join(directory, "frontier.db"),
        random,
        leaseMs: frontierLeaseMs,
        retry: { ...usualRetry, attempts },
        mostPages: pagesOfForum,
      }),
    )
    const index = open(
      new Database({
        path: join(directory, "findings.db"),
        applicationId: 0x574c_0003,
        migrations: findingsMigrations,
        synchronous: "FULL",
      }),
    )
    const cases = open(
      new Database({
        path: join(directory, "case.db"),
        applicationId: 0x574c_0004,
        migrations: caseMigrations,
        synchronous: "FULL",
      }),
    )
    return {
      eventLog: events,
      frontier,
      writer: new SqliteFindingsWriter(index),
      findings: new SqliteFindings(index),
      clusters: new SqliteClusters(index),
      guideClusters: new SqliteClusters(index, "guide"),
      known: new SqliteKnownHashes(index, { clock, log }),
      mandates: new SqliteMandates(cases),
      forums: new SqliteForums(cases),
      decisions: new SqliteDecisions(cases),
      listVersions: new SqliteListVersions(cases),
      audit: new SqliteAuditLog(cases),
      bucketKeys: new SqliteBucketKeys(cases),
      trimEvents: (before) => events.trim(before),
      async close() {
        const closing = opened.splice(0).map(async (store) => store.close())
        const failed = (await Promise.allSettled(closing)).find((result) => result.status === "rejected")
        if (failed) throw failed.reason
      },
    }
  } catch (error) {
    for (const store of opened) void Promise.resolve(store.close()).catch(() => {}) // the first failure is the one to tell
    throw error
  }
}
