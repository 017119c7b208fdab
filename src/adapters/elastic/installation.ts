import type { estypes } from "@elastic/elasticsearch"
import { WatchlineError } from "../../errors.ts"
import type { ElasticConnection } from "./connection.ts"
import { type IndexDeclaration, type IndexKind, indexKinds, indices, single } from "./indices.ts"

export interface IndexSizing {
  /** Primary shards of the large indices; 1. infra/sizing.md says how many. */
  readonly shards?: number
  /** Copies of each shard on other nodes; 0. */
  readonly replicas?: number
}

const declared = (kind: IndexKind): IndexDeclaration => indices[kind]

/** Name of the index itself; aliases hide it. `generation` counts the migrations of one version. */
export function indexName(prefix: string, kind: IndexKind, generation: number): string {
  return `${prefix}-${kind}-v${declared(kind).version}-${generation}`
}

/** The index of a month, `YYYY-MM`. */
export function monthIndex(prefix: string, kind: IndexKind, month: string): string {
  return `${prefix}-${kind}-v${declared(kind).version}-${month.replace("-", ".")}`
}

/**
 * Makes templates, indices and aliases that are missing; changes none that is there. Several processes may do it at once.
 *
 * @throws `store_damaged` where the indices are from a version that this program does not know
 */
export async function install(connection: ElasticConnection, sizing: IndexSizing = {}): Promise<void> {
  const missing = await missingKinds(connection)
  if (missing.length === 0) return
  await connection.ask((client) =>
    client.cluster.putComponentTemplate({
      name: `${connection.prefix}-base`,
      template: { settings: baseSettings(sizing), mappings: { dynamic: "strict" } },
    }),
  )
  await Promise.all(missing.map((kind) => putTemplate(connection, kind, sizing)))
  const fixed = missing.filter((kind) => !declared(kind).monthly)
  await Promise.all(
    fixed.map((kind) => createIndex(connection, indexName(connection.prefix, kind, 1), aliasesOf(connection, kind))),
  )
  await installLifecycle(connection)
}

/** Kinds that this cluster has no index of; asks once. */
async function missingKinds(connection: ElasticConnection): Promise<IndexKind[]> {
  const { prefix } = connection
  const known = await connection.ask((client) =>
    client.indices.getAlias({ index: `${prefix}-*`, allow_no_indices: true }),
  )
  const writable = new Map(
    Object.entries(known).flatMap(([index, { aliases }]) => Object.keys(aliases).map((alias) => [alias, index])),
  )
  const fixed = indexKinds.filter((kind) => !declared(kind).monthly)
  for (const kind of fixed) {
    const index = writable.get(connection.write(kind))
    const version = index === undefined ? undefined : Number(/-v(\d+)-\d+$/.exec(index)?.[1])
    if (version === undefined || version === declared(kind).version) continue
    throw new WatchlineError("store_damaged", {
      message: `The index ${index} is of version ${version}; this program writes version ${declared(kind).version}.`,
      remedy:
        version < declared(kind).version
          ? "Run `watchline index migrate`: it copies, compares and swaps; the work waits meanwhile and goes on."
          : "A newer Watchline works on this cluster; use that version here too.",
    })
  }
  const absent = fixed.filter((kind) => !writable.has(connection.write(kind)))
  if (absent.length === 0) return []
  return absent.length === fixed.length ? indexKinds : absent
}

export async function putTemplate(connection: ElasticConnection, kind: IndexKind, sizing: IndexSizing): Promise<void> {
  const { prefix } = connection
  const { version, properties, settings, monthly } = declared(kind)
  await connection.ask((client) =>
    client.indices.putIndexTemplate({
      name: `${prefix}-${kind}`,
      index_patterns: [`${prefix}-${kind}-v*`],
      composed_of: [`${prefix}-base`],
      priority: 100 + prefix.length, // a longer prefix is the nearer one
      version,
      template: {
        settings: {
          number_of_shards: single.has(kind) || monthly ? 1 : (sizing.shards ?? 1),
          ...settings,
        } as estypes.IndicesIndexSettings,
        mappings: { dynamic: "strict", properties: properties as Record<string, estypes.MappingProperty> },
        ...(monthly ? { aliases: { [connection.read(kind)]: {} } } : {}),
      },
    }),
  )
}

function baseSettings({ replicas = 0 }: IndexSizing): estypes.IndicesIndexSettings {
  return {
    number_of_replicas: replicas,
    refresh_interval: "30s", // readers refresh for themselves; this only bounds how much waits for them
    codec: "best_compression",
  }
}

export function aliasesOf(connection: ElasticConnection, kind: IndexKind): Record<string, estypes.IndicesAlias> {
  return { [connection.read(kind)]: {}, [connection.write(kind)]: { is_write_index: true } }
}

/** An index that another process has just made is as good. */
export async function createIndex(
  connection: ElasticConnection,
  index: string,
  aliases?: Record<string, estypes.IndicesAlias>,
): Promise<void> {
  try {
    await connection.client.indices.create({ index, wait_for_active_shards: 1, ...(aliases ? { aliases } : {}) })
  } catch (error) {
    if (isThere(error)) return
    await connection.ask(() => Promise.reject(error))
  }
}

function isThere(error: unknown): boolean {
  const body = (error as { body?: { error?: { type?: string } } }).body
  return body?.error?.type === "resource_already_exists_exception"
}

/**
 * Where the server has index lifecycle management, visits of past months are merged and made read-only. A server without it, such as the
 * one of the tests, lacks nothing else.
 */
async function installLifecycle(connection: ElasticConnection): Promise<void> {
  if (!(await offers(connection, "/_ilm/status"))) return
  const name = `${connection.prefix}-visits`
  await connection.ask((client) =>
    client.ilm.putLifecycle({
      name,
      policy: { phases: { warm: { min_age: "45d", actions: { readonly: {}, forcemerge: { max_num_segments: 1 } } } } },
    }),
  )
}

/** Whether the server knows this endpoint at all. */
export async function offers(connection: ElasticConnection, path: string): Promise<boolean> {
  try {
    await connection.client.transport.request({ method: "GET", path })
    return true
  } catch {
    return false
  }
}
