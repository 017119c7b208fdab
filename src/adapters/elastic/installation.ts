import { setTimeout as sleep } from "node:timers/promises"
import type { estypes } from "@elastic/elasticsearch"
import { WatchlineError } from "../../errors.ts"
import { idOf } from "../../model/record.ts"
import type { ElasticConnection } from "./connection.ts"
import { declared, type IndexKind, indexKinds, single } from "./indices.ts"

export interface IndexSizing {
  /** Primary shards of the large indices; 1. infra/sizing.md says how many. */
  readonly shards?: number
  /** Copies of each shard on other nodes; 0. */
  readonly replicas?: number
}

/** Name of the index itself; aliases hide it. `generation` counts the migrations of one version. */
export function indexName(prefix: string, kind: IndexKind, generation: number): string {
  return `${prefix}-${kind}-v${declared(kind).version}-${generation}`
}

/** The index of a month, `YYYY-MM`. */
export function monthIndex(prefix: string, kind: IndexKind, month: string): string {
  return `${prefix}-${kind}-v${declared(kind).version}-${month.replace("-", ".")}`
}

/** How long an installation by another process is waited for. */
const patience = { looks: 20, everyMs: 500 }

/**
 * Sees to it that every index is there and knows every field. Where there is none at all, they are made; an index that alone is missing was
 * lost, and making an empty one in its place would say that nothing was ever found.
 *
 * @throws `store_damaged`
 */
export async function prepare(connection: ElasticConnection, sizing: IndexSizing): Promise<void> {
  for (let look = 0; ; look++) {
    const found = await installed(connection)
    const missing = fixedKinds.filter((kind) => !found.has(kind))
    if (missing.length === fixedKinds.length) return installMissing(connection, sizing)
    if (missing.length === 0) return refreshMappings(connection, found, sizing)
    if (look === patience.looks) {
      throw new WatchlineError("store_damaged", {
        message: `Elasticsearch lacks ${missing.map((kind) => connection.write(kind)).join(", ")}.`,
        remedy: "Restore them from a snapshot; `watchline index install` makes what is missing anew, empty.",
      })
    }
    await sleep(patience.everyMs) // another process may be at it
  }
}

/** Makes templates, indices and aliases that are missing; changes none that is there. Several processes may do it at once. */
export async function installMissing(connection: ElasticConnection, sizing: IndexSizing): Promise<void> {
  const found = await installed(connection)
  await connection.askAnyway((client) =>
    client.cluster.putComponentTemplate({
      name: `${connection.prefix}-base`,
      template: { settings: baseSettings(sizing), mappings: { dynamic: "strict" } },
    }),
  )
  const missing = indexKinds.filter((kind) => !found.has(kind))
  await Promise.all(missing.map((kind) => putTemplate(connection, kind, sizing)))
  await Promise.all(
    missing
      .filter((kind) => !declared(kind).monthly)
      .map((kind) => createIndex(connection, indexName(connection.prefix, kind, 1), aliasesOf(connection, kind))),
  )
  await installLifecycle(connection)
}

const fixedKinds = indexKinds.filter((kind) => !declared(kind).monthly)

/** The index that each kind is written to now, and the digest of the fields that it knows. */
type Installed = ReadonlyMap<IndexKind, { readonly index: string; readonly fields: string }>

async function installed(connection: ElasticConnection): Promise<Installed> {
  const indices = await connection.askAnyway((client) =>
    client.indices.get({
      index: `${connection.prefix}-*`,
      allow_no_indices: true,
      features: ["aliases", "mappings"],
      filter_path: ["*.aliases", "*.mappings._meta"],
    }),
  )
  const found = new Map<IndexKind, { index: string; fields: string }>()
  for (const [index, { aliases, mappings }] of Object.entries(indices)) {
    const kind = fixedKinds.find((one) => connection.write(one) in (aliases ?? {}))
    if (kind) found.set(kind, { index, fields: String(mappings?._meta?.fields) })
  }
  return found
}

/** New fields are told to an index that is there; a new version needs another index. */
async function refreshMappings(connection: ElasticConnection, found: Installed, sizing: IndexSizing): Promise<void> {
  for (const [kind, { index, fields }] of found) {
    const version = Number(/-v(\d+)-\d+$/.exec(index)?.[1])
    if (version !== declared(kind).version) {
      throw new WatchlineError("store_damaged", {
        message: `The index ${index} is of version ${version}; this program writes version ${declared(kind).version}.`,
        remedy:
          version < declared(kind).version
            ? "Run `watchline index migrate`: it copies, compares and swaps; the work waits meanwhile and goes on."
            : "A newer Watchline works on this cluster; use that version here too.",
      })
    }
    if (fields === fieldsOf(kind)) continue
    await putTemplate(connection, kind, sizing)
    await connection.askAnyway((client) => client.indices.putMapping({ index, ...mappingsOf(kind) }))
  }
  const visits = connection.read("visits")
  if (!(await connection.askAnyway((client) => client.indices.existsAlias({ name: visits })))) return
  const months = await connection.askAnyway((client) => client.indices.getMapping({ index: visits }))
  for (const [index, { mappings }] of Object.entries(months)) {
    if (mappings._meta?.fields === fieldsOf("visits")) continue
    await putTemplate(connection, "visits", sizing)
    await connection.askAnyway((client) => client.indices.putMapping({ index, ...mappingsOf("visits") }))
  }
}

function fieldsOf(kind: IndexKind): string {
  return idOf("index-fields", JSON.stringify(declared(kind).properties)).slice(0, 16)
}

function mappingsOf(kind: IndexKind) {
  const properties = declared(kind).properties as Record<string, estypes.MappingProperty>
  return { dynamic: "strict", _meta: { fields: fieldsOf(kind) }, properties } as const
}

export async function putTemplate(connection: ElasticConnection, kind: IndexKind, sizing: IndexSizing): Promise<void> {
  const { prefix } = connection
  const { version, monthly } = declared(kind)
  await connection.askAnyway((client) =>
    client.indices.putIndexTemplate({
      name: `${prefix}-${kind}`,
      index_patterns: [`${prefix}-${kind}-v*`],
      composed_of: [`${prefix}-base`],
      priority: 100 + prefix.length, // a longer prefix is the nearer one
      version,
      template: {
        settings: { number_of_shards: single.has(kind) ? 1 : (sizing.shards ?? 1) },
        mappings: mappingsOf(kind),
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
    await connection.askAnyway(() => Promise.reject(error))
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
  await connection.askAnyway((client) =>
    client.ilm.putLifecycle({
      name,
      policy: { phases: { warm: { min_age: "45d", actions: { readonly: {}, forcemerge: { max_num_segments: 1 } } } } },
    }),
  )
}

/** Whether the server knows this endpoint at all. */
async function offers(connection: ElasticConnection, path: string): Promise<boolean> {
  try {
    await connection.client.transport.request({ method: "GET", path })
    return true
  } catch {
    return false
  }
}
