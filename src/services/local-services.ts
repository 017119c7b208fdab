import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { startElasticsearch } from "./elasticsearch-server.ts"
import { findJava } from "./java-runtime.ts"
import { startKafka } from "./kafka-server.ts"
import { cacheFolder, elasticsearchHome, kafkaJars } from "./server-artefacts.ts"
import { freePorts, isAlive, stopByPid } from "./server-process.ts"

/** A server that stays when the command that started it has ended. */
export interface LocalService {
  readonly name: "kafka" | "elasticsearch"
  readonly address: string
  readonly pid: number
  readonly directory: string
}

interface StartOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (text: string) => void
}

/** Where a client looks first. */
const usualPorts = { kafka: 9092, elasticsearch: 9200 }

const stateFile = () => join(cacheFolder(), "running-services.json")

/** Services of this account that run. One that has ended on its own is forgotten, and its folder with it. */
export async function runningServices(): Promise<LocalService[]> {
  const text = await readFile(stateFile(), "utf8").catch(() => "[]")
  const running: LocalService[] = []
  for (const service of JSON.parse(text) as LocalService[]) {
    if (await isOurs(service)) running.push(service)
    else await rm(service.directory, { recursive: true, force: true })
  }
  return running
}

/** Downloads what is missing of both, and starts nothing. */
export async function fetchServices({ env, say }: StartOptions): Promise<void> {
  const java = await findJava(env)
  await kafkaJars({ java, say })
  await elasticsearchHome({ java, say })
}

/** Starts what does not run yet, both side by side; says what it does. */
export async function startServices(options: StartOptions): Promise<LocalService[]> {
  const running = await runningServices()
  const runs = (name: LocalService["name"]) => running.find((service) => service.name === name)
  const started = await Promise.allSettled([
    runs("kafka") ?? startKafkaService(options),
    runs("elasticsearch") ?? startElasticsearchService(options),
  ])
  const services = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
  await remember(services)
  for (const result of started) if (result.status === "rejected") throw result.reason
  return services
}

/** Ends every service of this account and removes its folder; returns those that were stopped. */
export async function stopServices(): Promise<LocalService[]> {
  const services = await runningServices()
  await Promise.all(
    services.map(async ({ pid, directory }) => {
      await stopByPid(pid)
      await rm(directory, { recursive: true, force: true })
    }),
  )
  await rm(stateFile(), { force: true })
  return services
}

async function startKafkaService({ env, say }: StartOptions): Promise<LocalService> {
  say("starting Kafka")
  const { brokers, pid, directory } = await startKafka({ env, say, owned: false, port: await portOr(usualPorts.kafka) })
  return { name: "kafka", address: brokers.plain, pid, directory }
}

async function startElasticsearchService({ env, say }: StartOptions): Promise<LocalService> {
  say("starting Elasticsearch")
  const port = await portOr(usualPorts.elasticsearch)
  const { url, pid, directory } = await startElasticsearch({ env, say, owned: false, port })
  return { name: "elasticsearch", address: url, pid, directory }
}

/** The usual port, or any where it is taken. */
async function portOr(usual: number): Promise<number> {
  const [port] = await freePorts([usual]).catch(() => freePorts([0]))
  return port!
}

async function remember(services: readonly LocalService[]): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true })
  await writeFile(stateFile(), JSON.stringify(services, null, 2), { mode: 0o600 })
}

/** Its process id may belong to another process by now: ours has its folder in its command line. */
async function isOurs({ pid, directory }: LocalService): Promise<boolean> {
  if (!isAlive(pid)) return false
  const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")
  return words.includes(directory)
}
