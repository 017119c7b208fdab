import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { cp, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { TestContext } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { KafkaEventLog } from "../../src/adapters/kafka/event-log.ts"
import { crawlAll } from "../../src/cli/crawl-all.ts"
import { openOutput } from "../../src/cli/output.ts"
import { workStages } from "../../src/cli/work-stages.ts"
import { silentLog } from "../../src/log.ts"
import { retryTopic } from "../../src/pipeline/stage.ts"
import type { EventLog, Message, Topic } from "../../src/ports/event-log.ts"
import { everythingFound } from "./everything-found.ts"
import { localConnection } from "./kafka-broker.ts"
import { type LocalForum, prepareWorkspace, quickSettings, startLocalForum, withSystem } from "./local-forum.ts"

/** What a crawl put into the log, and what an undisturbed run of the consumers made of it, on the embedded engine. */
export interface CalmRun {
  readonly forum: LocalForum
  readonly home: string
  readonly messages: readonly Message[]
  readonly found: Awaited<ReturnType<typeof everythingFound>>
}

/** One workspace after the same crawl, whose consumers run over Kafka. */
export interface KafkaWork {
  readonly home: string
  readonly log: EventLog
  readonly env: Readonly<Record<string, string>>
  /** Starts consumers in a process of their own; see observed-worker.ts. */
  start(options?: { sinkMs?: number; killAtPut?: number; broker?: string }): ChildProcess
  /** Receipts in the order of delivery, each with its group. */
  deliveries(): string[]
  /** Receipts in the order of acknowledgement, each with its group: what was processed. */
  acknowledged(): string[]
  /** How many workers were given something. */
  sharers(): number
  /** Returns when so many deliveries were made. */
  delivered(count: number): Promise<void>
  /** Stops the worker (SIGSTOP) at a moment when it has been given messages that it has not acknowledged. */
  heldInMidBatch(worker: ChildProcess): Promise<void>
  /** Returns when every stage has processed everything. */
  drained(): Promise<void>
  found(): Promise<CalmRun["found"]>
}

const program = join(import.meta.dirname, "observed-worker.ts")
const crawled: readonly Topic[] = ["visits", "posts", "fingerprints", "sightings"]
/** Each stage after those that send it more. */
const stages: readonly (readonly [name: string, topics: readonly Topic[]])[] = [
  ["cluster", ["fingerprints"]],
  ["judge", ["fingerprints", "posts"]],
  ["store", ["visits", "posts", "fingerprints", "sightings", "memberships", "findings"]],
]
const patienceMs = 90_000

export async function startCalmRun(t: TestContext, threads: number): Promise<CalmRun> {
  const forum = await startLocalForum(t, threads)
  const home = join(forum.directory, "crawled")
  await prepareWorkspace(home, forum)
  const context = { output: openOutput("json"), signal: new AbortController().signal }
  const messages: Message[] = []
  await withSystem(home, forum, async (system) => {
    await crawlAll(system, context, { forums: [], once: true })
    for (const topic of crawled) {
      for (const { receipt, ...message } of await system.eventLog.read(topic, 100_000)) messages.push(message)
    }
  })
  const calm = join(forum.directory, "calm")
  await cp(home, calm, { recursive: true })
  const found = await withSystem(calm, forum, async (system) => {
    await workStages(system, context, { stages: [], once: true })
    return everythingFound(system)
  })
  return { forum, home, messages, found }
}

/** @param leaseSeconds after which a silent worker loses its partitions: few where a test waits for that, many where it must not happen */
export async function startKafkaWork(
  t: TestContext,
  calm: CalmRun,
  broker: string,
  name: string,
  leaseSeconds = 2,
): Promise<KafkaWork> {
  const home = join(calm.forum.directory, name)
  await cp(calm.home, home, { recursive: true })
  const prefix = `${name}.`
  const log = new KafkaEventLog({
    connection: localConnection(broker),
    topics: { prefix, partitions: 4, replication: 1, keepDays: 1 },
    leaseMs: leaseSeconds * 1000,
    log: silentLog,
  })
  t.after(() => log.close())
  const env = {
    ...quickSettings(calm.forum.socks),
    WATCHLINE_ENGINES_LOG: "kafka",
    WATCHLINE_KAFKA_BROKERS: broker,
    WATCHLINE_KAFKA_PREFIX: prefix,
    WATCHLINE_KAFKA_PARTITIONS: "4",
    WATCHLINE_KAFKA_TIMEOUT_SECONDS: "4",
    WATCHLINE_WORK_LEASE_SECONDS: String(leaseSeconds),
    WATCHLINE_WORK_BATCH: "20",
  }
  const file = join(home, "deliveries")
  await writeFile(file, "")
  const lines = (what: "given" | "done") =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.startsWith(`${what} `))
      .map((line) => {
        const [, worker = "", group = "", receipt = ""] = line.split(" ")
        return { worker, receipt: `${group} ${receipt}` }
      })
  const deliveries = () => lines("given").map(({ receipt }) => receipt)
  let failure: string | undefined
  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(50)) {
      if (failure) throw new Error(failure)
      if (await holds()) return
    }
    throw new Error(`waited in vain until ${what}; ${deliveries().length} deliveries so far`)
  }
  return {
    home,
    log,
    env,
    start({ sinkMs = 0, killAtPut = 0, broker: other = broker } = {}) {
      const flags = ["--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning"]
      const child = spawn(process.execPath, [...flags, program, home, file, String(sinkMs), String(killAtPut)], {
        env: { PATH: process.env.PATH, ...env, WATCHLINE_KAFKA_BROKERS: other },
        stdio: ["ignore", "ignore", "inherit"],
      })
      t.after(() => void child.kill("SIGKILL"))
      child.once("exit", (code) => {
        if (code) failure = `a worker ended with ${code}`
      })
      return child
    },
    deliveries,
    acknowledged: () => lines("done").map(({ receipt }) => receipt),
    sharers: () => new Set(lines("given").map(({ worker }) => worker)).size,
    delivered: (count) => until(`${count} were delivered`, () => deliveries().length >= count),
    async heldInMidBatch(worker) {
      const holds = () => lines("given").length > Math.max(60, lines("done").length)
      await until("a worker is in mid-batch", async () => {
        if (!holds()) return false
        worker.kill("SIGSTOP")
        await sleep(50) // what was written before the signal is in the file by now
        if (holds()) return true
        worker.kill("SIGCONT")
        return false
      })
    },
    drained: () => until("every stage has processed everything", () => isDrained(log)),
    found: () => withSystem(home, calm.forum, everythingFound),
  }
}

async function isDrained(log: EventLog): Promise<boolean> {
  for (const [stage, topics] of stages) {
    const lag = await log.lag(stage, [...topics, retryTopic(stage)]).catch(() => 1) // a broker that is away is not drained
    if (lag > 0) return false
  }
  return true
}

/** SIGTERM, as an operator stops a worker: how the process ended, within half a minute. */
export async function stopped(child: ChildProcess): Promise<string | number | null> {
  child.kill("SIGTERM")
  const late = setTimeout(() => child.kill("SIGKILL"), 30_000)
  return ended(child).finally(() => clearTimeout(late))
}

export async function ended(child: ChildProcess): Promise<string | number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  return child.signalCode ?? child.exitCode
}

/** How many deliveries were repeats of an earlier one, to the same group. */
export const repeated = (deliveries: readonly string[]) => deliveries.length - new Set(deliveries).size
