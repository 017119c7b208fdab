import type { Clock } from "../../model/record.ts"
import type { AuditLog } from "../../ports/audit-log.ts"
import type { Clusters } from "../../ports/clusters.ts"
import type { Decisions } from "../../ports/decisions.ts"
import type { Findings, FindingsWriter } from "../../ports/findings.ts"
import type { Frontier } from "../../ports/frontier.ts"
import { usualRetry } from "../../ports/frontier-rules.ts"
import type { KnownHashes } from "../../ports/known-hashes.ts"
import type { ListVersions } from "../../ports/list-versions.ts"
import type { Forums, Mandates } from "../../ports/registry.ts"
import type { BucketKeys } from "../../ports/text-vault.ts"
import { ElasticAuditLog } from "./audit-log.ts"
import { ElasticBucketKeys } from "./bucket-keys.ts"
import { Bulk, type BulkTally } from "./bulk.ts"
import { CaseFile } from "./case-file.ts"
import { ElasticClusters } from "./clusters.ts"
import { type ElasticAddress, ElasticConnection } from "./connection.ts"
import { ElasticDecisions } from "./decisions.ts"
import { ElasticFindings } from "./findings.ts"
import { ElasticFindingsWriter } from "./findings-writer.ts"
import { ElasticFrontier } from "./frontier.ts"
import { IndexCare } from "./index-care.ts"
import { type IndexSizing, prepare } from "./installation.ts"
import { ElasticKnownHashes } from "./known-hashes.ts"
import { ElasticListVersions } from "./list-versions.ts"
import { ElasticForums, ElasticMandates } from "./registry.ts"

export interface ElasticStoresOptions extends ElasticAddress, IndexSizing {
  readonly clock: Clock
  /** 0 to below 1, for jitter. */
  readonly random: () => number
  /** Time after which a dead crawler's pages go to another; 20 s. */
  readonly frontierLeaseMs?: number
  /** Tries of a page before it is given up; 5. */
  readonly attempts?: number
  /** Pages of one forum that are taken from its own links; a million. */
  readonly pagesOfForum?: number
  /** Body of one bulk request in bytes; 5 MiB. */
  readonly bulkBytes?: number
  /** Told after every bulk request. */
  readonly onBulk?: (tally: BulkTally) => void
}

/** Every port but the event log. */
export interface ElasticStores {
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
  /** What operators do with the indices themselves. */
  readonly indices: IndexCare
  /** Gives leases back and closes the connection. Whatever was answered before is kept, also without this. */
  close(): Promise<void>
}

/**
 * Every port but the event log over the indices of one Elasticsearch cluster, which are made at the first use where there are none; any number
 * of processes and machines may open them at once.
 *
 * Errors: `engine_unavailable`, `disk_full`, `store_damaged`, `config_invalid`.
 */
export function openElasticStores(options: ElasticStoresOptions): ElasticStores {
  const { random, frontierLeaseMs = 20_000, attempts = usualRetry.attempts, pagesOfForum = 1_000_000 } = options
  const connection = new ElasticConnection(options, (self) => prepare(self, options))
  const bulk = new Bulk(connection, {
    random,
    ...(options.bulkBytes === undefined ? {} : { mostBytes: options.bulkBytes }),
    ...(options.onBulk === undefined ? {} : { onBulk: options.onBulk }),
  })
  const file = new CaseFile(connection)
  const frontier = new ElasticFrontier(connection, bulk, {
    random,
    leaseMs: frontierLeaseMs,
    retry: { ...usualRetry, attempts },
    mostPages: pagesOfForum,
  })
  return {
    frontier,
    writer: new ElasticFindingsWriter(connection, bulk),
    findings: new ElasticFindings(connection),
    clusters: new ElasticClusters(connection, bulk),
    known: new ElasticKnownHashes(connection, bulk, options.clock),
    guideClusters: new ElasticClusters(connection, bulk, "guide"),
    mandates: new ElasticMandates(file),
    forums: new ElasticForums(file),
    decisions: new ElasticDecisions(file),
    listVersions: new ElasticListVersions(file),
    audit: new ElasticAuditLog(file),
    bucketKeys: new ElasticBucketKeys(connection, bulk),
    indices: new IndexCare(connection, bulk, options),
    async close() {
      await frontier.close().finally(() => connection.close())
    },
  }
}
