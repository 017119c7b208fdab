import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { closest } from "fastest-levenshtein"
import { openExaminerPool } from "../classifiers/image/examiner-pool.ts"
import { textReader } from "../classifiers/text-reader.ts"
import type { CrawlProgress, CrawlSummary } from "../crawlers/crawl.ts"
import type { Fetcher } from "../crawlers/fetch/fetcher.ts"
import type { PageInput } from "../crawlers/forums/forum-engine.ts"
import { type MandateGate, mandateGate, verifyMandate } from "../crawlers/mandate.ts"
import { createPoliteness } from "../crawlers/politeness.ts"
import type { TorControl } from "../crawlers/tor/control-client.ts"
import { openManagedTor } from "../crawlers/tor/managed-tor.ts"
import { openSqliteStores, type SqliteStores } from "./adapters/sqlite/stores.ts"
import { type Config, configFile, configTemplate, loadConfig } from "./config.ts"
import { describeError, WatchlineError } from "./errors.ts"
import { type Log, openLog } from "./log.ts"
import { canonicalUrl } from "./model/canonical-url.ts"
import type { Forum } from "./model/forum.ts"
import { type Mandate, mandateId } from "./model/mandate.ts"
import { type Clock, type Id, idOf, instant } from "./model/record.ts"
import type { RunOptions } from "./pipeline/run-stage.ts"
import { retryTopic } from "./pipeline/run-stage.ts"
import type { Stage } from "./pipeline/stage.ts"
import type { ImageExaminer } from "./ports/image-examiner.ts"
import type { TextVault } from "./ports/text-vault.ts"
import { createKeys, readKeys, type WorkspaceKeys } from "./sealing/key-files.ts"
import { signMandate } from "./sealing/mandate-signing.ts"
import { openTextVault } from "./sealing/text-vault.ts"
import { clusterStage } from "./stages/cluster.ts"
import { judgeStage } from "./stages/judge.ts"
import { recordGate } from "./stages/record-gate.ts"
import { storeStage } from "./stages/store.ts"

/** HOST:PORT of the SOCKS port in use. */
export interface TorEndpoint {
  readonly host: string
  readonly port: number
  /** Of the workspace's own tor. */
  readonly control?: TorControl
}

/**
 * Everything wired together for one workspace: the only place that knows concrete parts. Commands and tests ask it for ports and for the
 * few acts that join several of them.
 */
export interface System extends SqliteStores {
  readonly home: string
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly keys: WorkspaceKeys
  readonly vault: TextVault
  readonly examiner: ImageExaminer
  readonly runOptions: Omit<RunOptions, "signal" | "once" | "onBatch">
  /** The mandate with this id or the only one whose id starts so; its signature verified. */
  mandate(id: string): Promise<{ id: Id; mandate: Mandate }>
  mandateState(id: Id): Promise<"in force" | "not yet" | "expired" | "altered">
  signMandate(draft: unknown, person: string): Promise<{ id: Id; mandate: Mandate }>
  addForum(input: {
    url: string
    mandate: string
    engine: string
    id?: string
    timeZone: string
    person: string
  }): Promise<Forum>
  chooseForums(names: readonly string[]): Promise<Forum[]>
  detectForum(
    url: string,
    mandate: string | undefined,
    signal: AbortSignal,
  ): Promise<{ engine: string; markers: readonly string[]; kind: string; posts: number; links: number }>
  /** The SOCKS port: the configured one, or the workspace's own tor, started now if it is not running. */
  tor(signal: AbortSignal, onProgress?: (percent: number, what: string) => void): Promise<TorEndpoint>
  crawl(
    forum: Forum,
    options: { once: boolean; signal: AbortSignal; onProgress?: (progress: CrawlProgress) => void },
  ): Promise<CrawlSummary>
  stageNames(names: readonly string[]): string[]
  stages(names: readonly string[]): Stage[]
  lag(stage: Stage): Promise<number>
  close(): Promise<void>
}

export interface SystemOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly clock?: Clock
  readonly random?: () => number
  /** Lets a test stand between the pipeline and its stores. */
  readonly wrapStores?: (stores: SqliteStores) => SqliteStores
}

/** Loaded when a command first fetches or parses: most commands do neither, and would take twice as long to start. */
const crawling = () => import("../crawlers/crawl.ts")
const fetching = () => import("../crawlers/fetch/http-fetcher.ts")
const engines = () => import("../crawlers/forums/registry.ts")

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

/** The examiner alone: local files are examined without a workspace too. */
export function openExaminer({ examine }: Config): ImageExaminer {
  return openExaminerPool({
    workers: examine.workers || Math.max(1, availableParallelism() - 1),
    timeoutMs: examine.timeoutSeconds * 1000,
    limits: { maxPixels: examine.maxPixels },
  })
}

export async function openSystem(home: string, options: SystemOptions = {}): Promise<System> {
  const { clock = Date.now, random = Math.random, env = process.env } = options
  const config = loadConfig(home, env)
  const log = openLog(config.log.level)
  const keys = await readKeys(keysFolder(home))
  const opened = openSqliteStores(join(home, "store"), {
    clock,
    random,
    frontierLeaseMs: config.crawl.leaseSeconds * 1000,
    groupLeaseMs: config.work.leaseSeconds * 1000,
    attempts: config.crawl.attempts,
  })
  const stores = options.wrapStores?.(opened) ?? opened
  const vault = openTextVault({ workspaceKey: keys.workspace, keys: stores.bucketKeys, audit: stores.audit, clock })
  let pool: ImageExaminer | undefined
  let ownTorEnded = false
  let managedTor: Promise<Awaited<ReturnType<typeof openManagedTor>>> | undefined

  const examiner = (): ImageExaminer => {
    pool ??= openExaminer(config)
    return pool
  }

  async function mandate(prefix: string): Promise<{ id: Id; mandate: Mandate }> {
    const all = await stores.mandates.list()
    const matches = all.filter(({ id }) => id.startsWith(prefix.toLowerCase()))
    const only = matches[0]
    if (!only || matches.length > 1) {
      throw new WatchlineError("mandate_unknown", {
        message: matches.length > 1 ? `Several mandates start with ${prefix}.` : `No mandate ${prefix} is registered.`,
        remedy: "`watchline mandate list` shows them.",
      })
    }
    const verified = verifyMandate(only.signed, keys.mandate.publicKey)
    if (mandateId(verified) !== only.id) {
      throw new WatchlineError("mandate_invalid", {
        message: `Mandate ${only.id.slice(0, 12)} was exchanged for another.`,
      })
    }
    return { id: only.id, mandate: verified }
  }

  /** Undefined where there is no such mandate, or where it was altered: what names it is not covered by anything. */
  async function registered(id: Id): Promise<Mandate | undefined> {
    try {
      return (await mandate(id)).mandate
    } catch (error) {
      const { code } = describeError(error)
      if (code === "mandate_unknown" || code === "mandate_invalid") return undefined
      throw error
    }
  }

  async function gateFor(id: string): Promise<MandateGate> {
    const found = await mandate(id)
    return mandateGate(found.mandate, found.id, clock)
  }

  async function engineFor(name: string) {
    const { detectEngine, engineByName } = await engines()
    return name === "auto" ? (page: PageInput) => detectEngine(page).engine : () => engineByName(name)
  }

  async function tor(signal: AbortSignal, onProgress?: (percent: number, what: string) => void): Promise<TorEndpoint> {
    if (config.tor.socks) {
      const [host, port] = config.tor.socks.split(/:(?=\d+$)/)
      return { host: host!.replaceAll(/[[\]]/g, ""), port: Number(port) }
    }
    managedTor ??= openManagedTor({
      directory: join(home, "tor"),
      signal,
      onProgress: ({ percent, summary }) => onProgress?.(percent, summary),
    })
    try {
      const running = await managedTor
      ownTorEnded = false
      void running.ended.then(() => {
        ownTorEnded = true
        managedTor = undefined
      })
      return { ...running.socks, control: running.control }
    } catch (error) {
      managedTor = undefined
      throw error
    }
  }

  async function torAnswers(socks: TorEndpoint): Promise<boolean> {
    if (ownTorEnded) throw torAway(socks)
    return listens(socks)
  }

  async function fetcherFor(forum: Pick<Forum, "id" | "url">, gate: MandateGate, socks: TorEndpoint): Promise<Fetcher> {
    const { openHttpFetcher } = await fetching()
    const timeoutMs = config.crawl.timeoutSeconds * 1000
    return openHttpFetcher({
      forum,
      gate,
      socks,
      circuits: config.crawl.pictureCircuits,
      clock,
      limits: {
        pageBytes: config.crawl.pageMaxBytes,
        imageBytes: config.crawl.pictureMaxBytes,
        pageMs: timeoutMs,
        imageMs: timeoutMs,
      },
    })
  }

  const stageMakers: Record<string, () => Stage> = {
    cluster: () => clusterStage({ clusters: stores.clusters, eventLog: stores.eventLog }),
    judge: () => judgeStage({ known: stores.known, vault, reader: textReader }),
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
    home,
    config,
    log,
    clock,
    keys,
    vault,
    get examiner() {
      return examiner()
    },
    runOptions: {
      eventLog: stores.eventLog,
      log,
      clock,
      random,
      batch: config.work.batch,
      attempts: config.work.attempts,
    },
    mandate,
    tor,
    stageNames,

    async mandateState(id) {
      try {
        const gate = await gateFor(id)
        gate.allowNow()
        return "in force"
      } catch (error) {
        const { code } = describeError(error)
        return code === "mandate_expired" ? "expired" : code === "mandate_not_yet_valid" ? "not yet" : "altered"
      }
    },

    async signMandate(draft, person) {
      const signed = signMandate(draft, keys.mandate)
      const id = mandateId(signed.mandate)
      await stores.audit.append({
        actor: person,
        action: "mandate.sign",
        subject: id,
        reason: `${signed.mandate.reference}: ${signed.mandate.legalBasis}`.slice(0, 2000),
        at: instant(clock()),
      })
      await stores.mandates.add(id, signed)
      return { id, mandate: signed.mandate }
    },

    async addForum(input) {
      const url = canonicalUrl(input.url)
      if (!url) {
        throw new WatchlineError("usage", {
          message: `"${input.url}" is no http address.`,
          remedy: "Write it with http:// or https://.",
        })
      }
      if (input.engine !== "auto") (await engines()).engineByName(input.engine)
      const gate = await gateFor(input.mandate)
      gate.allowUrl(url)
      // ids stand in logs, where no address may; the same host gives the same id
      const id = input.id ?? `forum-${idOf("host", new URL(url).hostname).slice(0, 8)}`
      const before = await stores.forums.get(id)
      const now = instant(clock())
      const moved = before?.url !== url
      const forum: Forum = {
        id,
        url,
        addresses: [...(before?.addresses ?? []), ...(moved ? [{ url, since: now }] : [])],
        mandate: gate.id,
        engine: input.engine,
        timeZone: input.timeZone,
        addedAt: before?.addedAt ?? now,
      }
      await stores.audit.append({ actor: input.person, action: "forum.add", subject: id, at: now })
      await stores.forums.put(forum)
      await stores.frontier.add(id, [{ url, kind: "index" }])
      return forum
    },

    async chooseForums(names) {
      const all = await stores.forums.list()
      return names.length === 0 ? all : names.map((name) => all.find((f) => f.id === name) ?? unknownForum(name, all))
    },

    async detectForum(url, mandateGiven, signal) {
      const gate = await gateFor(mandateGiven ?? (await mandateOfHost(url)))
      gate.allowUrl(url)
      const fetcher = await fetcherFor({ id: `detect-${new URL(url).hostname}`, url }, gate, await tor(signal))
      try {
        const page = await fetcher.page(url, signal)
        const input: PageInput = { url: page.url, html: page.html, timeZone: "UTC", now: clock() }
        const { engine, markers } = (await engines()).detectEngine(input)
        const parsed = engine.parse(input)
        return {
          engine: engine.name,
          markers,
          kind: parsed.kind,
          posts: parsed.posts.length,
          links: parsed.links.length,
        }
      } finally {
        await fetcher.close()
      }
    },

    async crawl(forum, { once, signal, onProgress }) {
      const gate = await gateFor(forum.mandate)
      gate.allowUrl(forum.url)
      await vault.expire(clock())
      const crawlThrough = async (socks: TorEndpoint) => {
        const fetcher = await fetcherFor(forum, gate, socks)
        try {
          const { crawlForum } = await crawling()
          return await crawlForum({
            forum,
            gate,
            retentionDays: gate.mandate.retentionDays,
            fetcher,
            politeness: createPoliteness(config.crawl, clock, random),
            examiner: examiner(),
            vault,
            eventLog: stores.eventLog,
            frontier: stores.frontier,
            engineFor: await engineFor(forum.engine),
            clock,
            revisitMs: config.crawl.revisitMinutes * 60_000,
            worker: `${process.pid}-${randomUUID()}`,
            log,
            pages: config.crawl.pages,
            once,
            signal,
            leaseMs: config.crawl.leaseSeconds * 1000,
            torAnswers: () => torAnswers(socks),
            torPatienceMs: config.tor.patienceSeconds * 1000,
            ...(onProgress ? { onProgress } : {}),
          })
        } finally {
          await fetcher.close()
        }
      }
      for (;;) {
        const socks = await tor(signal)
        if (!(await listens(socks))) throw torAway(socks)
        try {
          return await crawlThrough(socks)
        } catch (error) {
          // the workspace's own tor died: start another, whose port is a new one, and go on
          if (!ownTorEnded || signal.aborted) throw error
        }
      }
    },

    stages: (names) => stageNames(names).map((name) => stageMakers[name]!()),
    lag: (stage) => stores.eventLog.lag(stage.name, [...stage.topics, retryTopic(stage.name)]),

    async close() {
      await pool?.close()
      await managedTor?.then((running) => running.stop()).catch(() => {})
      vault.close()
      await stores.close()
    },
  }

  async function mandateOfHost(url: string): Promise<Id> {
    const host = URL.parse(url)?.hostname ?? ""
    const found = (await stores.mandates.list()).find(({ signed }) => signed.mandate.hosts.includes(host))
    if (found) return found.id
    throw new WatchlineError("mandate_out_of_scope", {
      message: `No registered mandate names the host ${host || url}.`,
      remedy: "Draft and sign one that does: `watchline mandate draft`.",
    })
  }
}

function unknownForum(name: string, all: readonly Forum[]): never {
  throw new WatchlineError("not_found", {
    message: `No forum "${name}" is registered.`,
    remedy:
      all.length > 0
        ? `Did you mean "${closest(
            name,
            all.map((f) => f.id),
          )}"?`
        : "Add one: `watchline forum add`.",
  })
}

function torAway({ host, port }: TorEndpoint): WatchlineError {
  return new WatchlineError("tor_unreachable", {
    message: `Nothing listens on ${host}:${port}.`,
    remedy: "Start Tor there, or set tor.socks to a running one; `watchline tor check` says what is missing.",
  })
}

/** Whether something accepts connections there. Nothing is sent. */
function listens({ host, port }: TorEndpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 })
    const end = (up: boolean) => {
      socket.destroy()
      resolve(up)
    }
    socket.once("connect", () => end(true))
    socket.once("error", () => end(false))
    socket.once("timeout", () => end(false))
  })
}
