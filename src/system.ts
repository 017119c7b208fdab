import { existsSync, readFileSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { availableParallelism } from "node:os"
import { join, resolve } from "node:path"
import { closest } from "fastest-levenshtein"
import { openExaminerPool } from "../classifiers/image/examiner-pool.ts"
import { openPixelScorer } from "../classifiers/image/pixel/calibrated-scorer.ts"
import { defaultPixelModel } from "../classifiers/image/pixel/default-model.ts"
import { openTextReader } from "../classifiers/text-reader.ts"
import type { ElasticStores } from "./adapters/elastic/stores.ts"
import type { KafkaEventLog } from "./adapters/kafka/event-log.ts"
import { openSqliteStores, type SqliteStores } from "./adapters/sqlite/stores.ts"
import { type Config, configFile, configTemplate, loadConfig } from "./config.ts"
import { describeError, WatchlineError } from "./errors.ts"
import { type Log, openLog } from "./log.ts"
import type { Clock } from "./model/record.ts"
import type { RunOptions } from "./pipeline/run-stage.ts"
import { deadTopic, retryTopic, type Stage } from "./pipeline/stage.ts"
import type { ImageExaminer } from "./ports/image-examiner.ts"
import type { PixelScorer } from "./ports/pixel-scorer.ts"
import type { TextReader } from "./ports/text-reader.ts"
import type { TextVault } from "./ports/text-vault.ts"
import { noTracing, type Tracing } from "./ports/tracing.ts"
import { guideKeysOf } from "./sealing/guide-keys.ts"
import { createKeys, readKeys, type WorkspaceKeys } from "./sealing/key-files.ts"
import { promptKeyOf } from "./sealing/prompt-key.ts"
import { openTermList, type TermList } from "./sealing/term-list.ts"
import { openTextVault } from "./sealing/text-vault.ts"
import { clusterStage, guideClusterStage } from "./stages/cluster.ts"
import { judgeStage } from "./stages/judge.ts"
import { recordGate } from "./stages/record-gate.ts"
import { storeStage } from "./stages/store.ts"
import { readC2paTrust } from "./wiring/c2pa-trust.ts"
import { type ForumBook, openForumBook } from "./wiring/forum-book.ts"
import { type ForumCrawls, openForumCrawls } from "./wiring/forum-crawls.ts"
import { type MandateBook, openMandateBook } from "./wiring/mandate-book.ts"
import { openTorConnection, type TorConnection } from "./wiring/tor-connection.ts"

/**
 * Everything wired together for one workspace: the only place that knows concrete parts. Commands and tests ask it for ports and for the
 * few acts that join several of them (`src/wiring`).
 */
export interface System
  extends SqliteStores,
    Omit<MandateBook, "gate" | "gateOfHost" | "registered">,
    ForumBook,
    ForumCrawls {
  readonly home: string
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly keys: WorkspaceKeys
  readonly vault: TextVault
  readonly examiner: ImageExaminer
  readonly scorer: PixelScorer
  readonly tracing: Tracing
  /** Reads posts with the workspace's terms and key. */
  readonly reader: TextReader
  /** The organisation's own terms; a change is used by what is opened after it. */
  readonly terms: TermList
  readonly runOptions: Omit<RunOptions, "signal" | "once" | "onBatch">
  /** The SOCKS port: the configured one, or the workspace's own tor, started now if it is not running. */
  readonly tor: TorConnection["endpoint"]
  /** What each engine says of itself. Errors: `engine_unavailable`. */
  engineChecks(): Promise<EngineCheck[]>
  /** Absent where the index is the embedded one, which takes care of itself. */
  readonly indices: Indices | undefined
  stageNames(names: readonly string[]): string[]
  stages(names: readonly string[]): Stage[]
  lag(stage: Stage): Promise<number>
  close(): Promise<void>
}

export interface EngineCheck {
  readonly engine: string
  readonly detail: string
  /** What should be mended, one sentence each. */
  readonly differences: readonly string[]
}

export interface SystemOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly clock?: Clock
  readonly random?: () => number
  /** What this process does, for its traces: "crawl", "work". */
  readonly role?: string
  /** Lets a test stand between the pipeline and its stores. */
  readonly wrapStores?: (stores: SqliteStores) => SqliteStores
  /** Lets a test bring an examiner whose workers really fail. */
  readonly openExaminer?: () => ImageExaminer
}

const keysFolder = (home: string) => join(home, "keys")

/** Makes what a workspace lacks; returns the names of the files made. A second call completes an interrupted first one. */
export async function createWorkspace(home: string, organisation: string): Promise<string[]> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const made = (await createKeys(keysFolder(home))).map((name) => join("keys", name))
  if (!existsSync(configFile(home))) {
    await writeFile(configFile(home), configTemplate(organisation), { mode: 0o600 })
    made.push("watchline.toml")
  }
  const stores = openSqliteStores(join(home, "store"), { clock: Date.now, random: Math.random })
  await stores.close()
  return made
}

/**
 * The examiner alone: local files are examined without a workspace too.
 *
 * @param promptKey where there is a workspace: the key for digests of prompts
 */
export function openExaminer({ examine }: Config, promptKey?: Uint8Array): ImageExaminer {
  return openExaminerPool({
    workers: examine.workers || Math.max(1, availableParallelism() - 1),
    timeoutMs: examine.timeoutSeconds * 1000,
    limits: { maxPixels: examine.maxPixels },
    c2paTrust: readC2paTrust(examine.c2paTrust),
    models: examine.pixel === "on" ? pixelModels(examine.pixelModels) : [],
    ...(promptKey ? { promptKey } : {}),
  })
}

/** Scores what examiners kept of pixels, by the configured models; the workspace's images need not be there any more. */
export function openScorer({ examine }: Config): PixelScorer {
  return openPixelScorer(pixelModels(examine.pixelModels))
}

/**
 * Opens each configured model once, as an examiner's worker would, and closes it again.
 *
 * @throws `model_refused` with what is wrong with the first that may not run
 */
export async function checkPixelModels(
  configured: string,
): Promise<{ readonly name: string; readonly calibration?: string | undefined }[]> {
  const { openPixelModel } = await import("../classifiers/image/pixel/open-model.ts")
  const checked = []
  for (const file of pixelModels(configured)) {
    const model = await openPixelModel(file)
    await model.close()
    checked.push({ name: model.name, calibration: model.calibration })
  }
  return checked
}

function pixelModels(configured: string): string[] {
  const files = configured
    .split(",")
    .map((file) => file.trim())
    .filter(Boolean)
  if (files.length > 2)
    throw new WatchlineError("config_invalid", {
      message: `examine.pixelModels names ${files.length} models.`,
      remedy: "Name two at most.",
    })
  return files.length > 0 ? files.map((file) => resolve(file)) : [defaultPixelModel]
}

/** Loaded only where it is wanted: the SDK weighs some megabytes. */
async function openTraces({ traces }: Config, role: string): Promise<Tracing> {
  if (!traces.endpoint) return noTracing
  const { openTracing } = await import("./adapters/opentelemetry/tracing.ts")
  return openTracing({ ...traces, role })
}

interface Engine {
  check(stages: readonly string[]): Promise<EngineCheck>
}

/** What operators do with the indices of Elasticsearch; see `IndexCare`. */
type Indices = ElasticStores["indices"]

interface OpenedStores {
  readonly stores: SqliteStores
  readonly engines: readonly Engine[]
  readonly indices: Indices | undefined
}

interface StoreParts {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** Every port, from the engine that the configuration names for it. An engine is not connected before it is asked something. */
async function openStores(config: Config, home: string, { clock, random, log }: StoreParts): Promise<OpenedStores> {
  const { engines, crawl, work } = config
  const embedded = openSqliteStores(join(home, "store"), {
    clock,
    random,
    frontierLeaseMs: crawl.leaseSeconds * 1000,
    groupLeaseMs: work.leaseSeconds * 1000,
    attempts: crawl.attempts,
    pagesOfForum: crawl.maxPages,
    log,
  })
  const eventLog = engines.log === "kafka" ? await openKafka(config, log) : undefined
  const elastic = engines.index === "elastic" ? await openElastic(config, { clock, random }) : undefined
  const stores = {
    ...embedded,
    ...elastic,
    // each topic of Kafka has a retention of its own
    ...(eventLog ? { eventLog, trimEvents: async () => 0 } : {}),
    async close() {
      const closing = [eventLog, elastic, embedded].map(async (opened) => opened?.close())
      const failed = (await Promise.allSettled(closing)).find((result) => result.status === "rejected")
      if (failed) throw failed.reason
    },
  }
  return {
    stores,
    engines: [...(eventLog ? [kafkaEngine(eventLog)] : []), ...(elastic ? [elasticEngine(elastic.indices)] : [])],
    indices: elastic?.indices,
  }
}

/** The clients of both take a while to load, so only those wait who use them. */
async function openKafka({ kafka, work }: Config, log: Log): Promise<KafkaEventLog> {
  const { KafkaEventLog } = await import("./adapters/kafka/event-log.ts")
  return new KafkaEventLog({
    connection: kafka,
    topics: { ...kafka, keepDays: work.keepDays },
    leaseMs: work.leaseSeconds * 1000,
    log,
  })
}

async function openElastic({ elastic, crawl }: Config, parts: Omit<StoreParts, "log">): Promise<ElasticStores> {
  const { openElasticStores } = await import("./adapters/elastic/stores.ts")
  return openElasticStores({
    nodes: elastic.nodes.split(",").map((node) => node.trim()),
    prefix: elastic.prefix,
    ...(elastic.apiKey === "" ? {} : { apiKey: elastic.apiKey }),
    ...(elastic.user === "" ? {} : { user: elastic.user, password: elastic.password }),
    ...(elastic.caFile === "" ? {} : { ca: readAuthority(elastic.caFile) }),
    shards: elastic.shards,
    replicas: elastic.replicas,
    bulkBytes: elastic.bulkKilobytes * 1024,
    requestTimeoutMs: elastic.timeoutSeconds * 1000,
    ...parts,
    frontierLeaseMs: crawl.leaseSeconds * 1000,
    attempts: crawl.attempts,
    pagesOfForum: crawl.maxPages,
  })
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch (cause) {
    throw new WatchlineError("config_invalid", {
      message: `${file} cannot be read (${describeError(cause).code}).`,
      remedy: "Set elastic.caFile to the PEM file of the authority that signed the nodes' certificates.",
      cause,
    })
  }
}

const elasticEngine = (indices: Indices): Engine => ({
  async check() {
    const { nodes, status, differences } = await indices.inspect()
    return { engine: "Elasticsearch", detail: `${nodes} nodes, ${status}`, differences }
  },
})

const kafkaEngine = (eventLog: KafkaEventLog): Engine => ({
  async check(stages) {
    const { brokers, topics, differences } = await eventLog.inspect(
      stages.flatMap((stage) => [retryTopic(stage), deadTopic(stage)]),
    )
    return { engine: "Kafka", detail: `${brokers} brokers, ${topics} topics`, differences }
  },
})

export async function openSystem(home: string, options: SystemOptions = {}): Promise<System> {
  const { clock = Date.now, random = Math.random, env = process.env } = options
  const config = loadConfig(home, env)
  const log = openLog(config.log.level)
  const keys = await readKeys(keysFolder(home))
  const { stores: opened, engines, indices } = await openStores(config, home, { clock, random, log })
  const stores = options.wrapStores?.(opened) ?? opened
  const vault = openTextVault({ workspaceKey: keys.workspace, keys: stores.bucketKeys, audit: stores.audit, clock })
  let pixelScorer: PixelScorer | undefined
  const scorer = () => {
    pixelScorer ??= openScorer(config)
    return pixelScorer
  }
  let pool: ImageExaminer | undefined
  const examiner = (): ImageExaminer => {
    pool ??= options.openExaminer?.() ?? openExaminer(config, promptKeyOf(keys.workspace))
    return pool
  }
  const tracing = await openTraces(config, options.role ?? "command")
  const guideKeys = guideKeysOf(keys.workspace)
  const terms = openTermList(home, guideKeys)
  const reader = openTextReader({ sketchKey: guideKeys.sketch, terms: await terms.read() })
  const tor = openTorConnection(config.tor.socks, join(home, "tor"))
  const { registered, gate, gateOfHost, ...mandateActs } = openMandateBook({ ...stores, key: keys.mandate, clock })
  const mandates: MandateBook = { registered, gate, gateOfHost, ...mandateActs }

  const stageMakers: Record<string, () => Stage> = {
    cluster: () => clusterStage({ clusters: stores.clusters, eventLog: stores.eventLog }),
    judge: () => judgeStage({ known: stores.known, vault, reader, scorer: scorer() }),
    guides: () => guideClusterStage({ clusters: stores.guideClusters, eventLog: stores.eventLog }),
    store: () => storeStage({ writer: stores.writer, gate: recordGate(registered) }),
  }

  function stageNames(names: readonly string[]): string[] {
    const known = Object.keys(stageMakers)
    for (const name of names) {
      if (known.includes(name)) continue
      throw new WatchlineError("usage", {
        message: `There is no stage "${name}".`,
        remedy: `Did you mean "${closest(name, known)}"? There are ${known.join(", ")}.`,
      })
    }
    return names.length > 0 ? [...names] : known
  }

  return {
    ...stores,
    ...mandateActs,
    ...openForumBook({ ...stores, mandates, clock }),
    ...openForumCrawls({ ...stores, config, mandates, tor, vault, examiner, tracing, log, clock, random }),
    home,
    config,
    log,
    clock,
    keys,
    vault,
    reader,
    terms,
    get examiner() {
      return examiner()
    },
    get scorer() {
      return scorer()
    },
    tracing,
    runOptions: {
      eventLog: stores.eventLog,
      log,
      clock,
      random,
      batch: config.work.batch,
      attempts: config.work.attempts,
      tracing,
    },
    tor: tor.endpoint,
    indices,
    engineChecks: () => Promise.all(engines.map((engine) => engine.check(Object.keys(stageMakers)))),
    stageNames,
    stages: (names) => stageNames(names).map((name) => stageMakers[name]!()),
    lag: (stage) => stores.eventLog.lag(stage.name, [...stage.topics, retryTopic(stage.name)]),
    async close() {
      await pool?.close()
      await tor.close()
      await tracing.close()
      vault.close()
      await stores.close()
    },
  }
}
