import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { WatchlineError } from "../errors.ts"
import { findJava } from "./java-runtime.ts"
import { kafkaJars } from "./server-artefacts.ts"
import { freePorts, type ServerProcess, startServer } from "./server-process.ts"

export interface KafkaServerOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (text: string) => void
  readonly owned: boolean
  /** For plain text; any free one if left out. */
  readonly port?: number | undefined
  /** Two more listeners: TLS, and TLS with a password (SCRAM-SHA-512 or PLAIN). The certificate is for `localhost`. */
  readonly security?: KafkaSecurity | undefined
  /** One more plain listener that tells clients to come to this port of loopback: a proxy that the caller runs. */
  readonly proxyPort?: number | undefined
}

interface KafkaSecurity {
  readonly key: string
  readonly cert: string
  readonly user: string
  readonly password: string
}

export interface KafkaServer {
  /** Addresses as HOST:PORT. `tls` and `sasl` where there is security, `proxied` where there is a proxy: what it must connect to. */
  readonly brokers: { readonly plain: string; readonly tls: string; readonly sasl: string; readonly proxied: string }
  readonly pid: number
  /** Of this start alone: configuration, log and data. */
  readonly directory: string
  /** Ends it and removes its folder. */
  stop(): Promise<void>
  readonly kill: ServerProcess["kill"]
  /** The same broker again, on the same ports and data, after it was killed. */
  restart(): Promise<void>
}

const run = promisify(execFile)
const clusterId = "d2F0Y2hsaW5lLXRlc3QtMQ"
const heap = "-Xmx512m"

/**
 * One Kafka broker, its own controller (KRaft), on loopback.
 *
 * Errors: `setup_incomplete` where Java or Maven is missing; `engine_unavailable` where it does not start.
 */
export async function startKafka(options: KafkaServerOptions): Promise<KafkaServer> {
  const { security, env, say, owned } = options
  const java = await findJava(env)
  const jars = await kafkaJars({ java, say })
  const [control, tls, sasl, proxied, free] = (await freePorts([0, 0, 0, 0, 0])) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const ports = { plain: options.port ?? free, control, tls, sasl, proxied }
  const directory = await mkdtemp(join(tmpdir(), "watchline-kafka-"))
  const at = (name: string) => join(directory, name)
  await writeFile(at("server.properties"), properties(at("data"), ports, options), { mode: 0o600 })
  await writeFile(at("log4j2.properties"), logging)
  const program: Program = [
    join(java.home, "bin/java"),
    heap,
    `-Dlog4j2.configurationFile=${at("log4j2.properties")}`,
    "-cp",
    `${jars}/*`,
  ]
  await format(program, at("server.properties"), security)

  const start = async () => {
    await rm(at("server.log"), { force: true })
    return startServer(
      {
        name: "Kafka",
        words: [...program, "kafka.Kafka", at("server.properties")],
        env: {},
        cwd: directory,
        logFile: at("server.log"),
        owned,
      },
      async () => (await readFile(at("server.log"), "utf8")).includes("Kafka Server started"),
    )
  }
  let server = await start()
  return {
    brokers: {
      plain: `127.0.0.1:${ports.plain}`,
      tls: `localhost:${ports.tls}`,
      sasl: `localhost:${ports.sasl}`,
      proxied: `127.0.0.1:${ports.proxied}`,
    },
    get pid() {
      return server.pid
    },
    directory,
    async stop() {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
    kill: () => server.kill(),
    async restart() {
      server = await start()
    },
  }
}

type Program = [string, ...string[]]
type Ports = Readonly<Record<"plain" | "control" | "tls" | "sasl" | "proxied", number>>

function properties(data: string, ports: Ports, { security, proxyPort }: KafkaServerOptions): string {
  const listeners = [["PLAINTEXT", "127.0.0.1", ports.plain, ports.plain]] as [string, string, number, number][]
  if (security)
    listeners.push(["SSL", "localhost", ports.tls, ports.tls], ["SASL_SSL", "localhost", ports.sasl, ports.sasl])
  if (proxyPort) listeners.push(["PROXIED", "127.0.0.1", ports.proxied, proxyPort])
  const lines = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${ports.control}`,
    listeners: [
      ...listeners.map(([name, , port]) => `${name}://127.0.0.1:${port}`),
      `CONTROLLER://127.0.0.1:${ports.control}`,
    ],
    "advertised.listeners": listeners.map(([name, host, , port]) => `${name}://${host}:${port}`),
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map":
      "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL",
    "log.dirs": data,
    // one node: there is nobody to replicate to
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    // quick to start, quick to share out
    "offsets.topic.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 100,
    "broker.heartbeat.interval.ms": 300,
    "broker.session.timeout.ms": 1500, // a killed broker may register again after this time
    "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
    // as a cluster that is run with care: topics are what the program declares, with its settings
    "auto.create.topics.enable": false,
    ...(security ? securityLines(security) : {}),
  }
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("")
}

function securityLines({ key, cert, user, password }: KafkaSecurity): Record<string, string> {
  const pem = (text: string) => text.trim().replaceAll("\n", "\\n")
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.key": pem(key),
    "ssl.keystore.certificate.chain": pem(cert),
    "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
    "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config":
      "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "listener.name.sasl_ssl.plain.sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required user_${user}="${password}";`,
  }
}

const logging = `rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n
logger.started.name = kafka.server.KafkaRaftServer
logger.started.level = INFO
`

/** Makes the data folder's identity and users; one that exists stays as it is. */
async function format(program: Program, file: string, security: KafkaSecurity | undefined): Promise<void> {
  if (existsSync(join(file, "../data/meta.properties"))) return
  const [java, ...words] = program
  const users = security ? ["--add-scram", `SCRAM-SHA-512=[name=${security.user},password=${security.password}]`] : []
  const args = [...words, "kafka.tools.StorageTool", "format", "-t", clusterId, "-c", file, ...users]
  await run(java, args, { env: {} }).catch((cause) => {
    throw new WatchlineError("engine_unavailable", {
      message: "Kafka's data folder could not be made.",
      remedy: "Look whether its folder is writable and the disk has room.",
      cause,
    })
  })
}
