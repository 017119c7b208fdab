import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { WatchlineError } from "../errors.ts"
import type { JavaRuntime } from "./java-runtime.ts"

const kafkaVersion = "4.1.1"
const elasticsearchVersion = "9.2.0"

const log4jVersion = "2.24.3"
const pluginVersion = "3.6.1"

/**
 * Downloads are kept here, once for each account. Root's are not below its home: Elasticsearch refuses to run as root, and the account
 * that it gets instead must be able to read them.
 */
export function cacheFolder(): string {
  const base = process.getuid?.() === 0 ? "/var/cache" : join(homedir(), ".cache")
  return join(base, "watchline")
}

interface Install {
  readonly java: JavaRuntime
  readonly say: (text: string) => void
}

/** The folder with Kafka's jars, fetched from Maven Central if it is not there yet (54 MB). */
export function kafkaJars(install: Install): Promise<string> {
  const place = join(cacheFolder(), `kafka-${kafkaVersion}`)
  return installed(place, `Kafka ${kafkaVersion}`, install, async (folder) => {
    await writeFile(join(folder, "pom.xml"), pom)
    await maven(install.java, folder, [goal("copy-dependencies"), "-DincludeScope=runtime", "-DoutputDirectory=lib"])
  }).then((folder) => join(folder, "lib"))
}

/**
 * Elasticsearch's folder, fetched from Maven Central if it is not there yet (99 MB). It is the build that Elastic publishes for integration
 * tests: the server with security, without most modules (no scripts, no ILM, no data streams, no reindex).
 */
export function elasticsearchHome(install: Install): Promise<string> {
  const artefact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${elasticsearchVersion}:zip`
  const name = `elasticsearch-${elasticsearchVersion}`
  return installed(join(cacheFolder(), name), `Elasticsearch ${elasticsearchVersion}`, install, (folder) =>
    maven(install.java, folder, [goal("unpack"), `-Dartifact=${artefact}`, "-DoutputDirectory=."]),
  ).then((folder) => join(folder, name))
}

const goal = (name: string) => `org.apache.maven.plugins:maven-dependency-plugin:${pluginVersion}:${name}`

const dependency = (group: string, artefact: string, version: string) =>
  `<dependency><groupId>${group}</groupId><artifactId>${artefact}</artifactId><version>${version}</version></dependency>`

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>watchline</groupId><artifactId>kafka-server</artifactId><version>1</version>
<dependencies>
${dependency("org.apache.kafka", "kafka_2.13", kafkaVersion)}
${dependency("org.apache.kafka", "kafka-tools", kafkaVersion)}
${dependency("org.apache.logging.log4j", "log4j-slf4j-impl", log4jVersion)}
${dependency("org.apache.logging.log4j", "log4j-core", log4jVersion)}
</dependencies></project>
`

/** Filled beside its place and moved there when complete: an interrupted download leaves nothing that looks whole. */
async function installed(
  place: string,
  what: string,
  { say }: Install,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  if (await exists(place)) return place
  say(`fetching ${what} from Maven Central, once, into ${place}`)
  await mkdir(dirname(place), { recursive: true })
  const draft = await mkdtemp(`${place}.`)
  try {
    await fill(draft)
    await rm(join(draft, "repository"), { recursive: true, force: true })
    await chmod(draft, 0o755) // for the account that runs Elasticsearch
    await rename(draft, place).catch(async (error) => {
      if (!(await exists(place))) throw error // else another process was quicker
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return place
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

async function maven({ home }: JavaRuntime, cwd: string, words: readonly string[]): Promise<void> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, JAVA_HOME: home }
  // A repository of its own, gone afterwards: Maven's shared one bears no two processes at once.
  const child = spawn("mvn", ["-q", "-B", "-Dmaven.repo.local=repository", ...words], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text))
  const [code] = await once(child, "close").catch(() => [127])
  if (code === 0) return
  throw new WatchlineError("setup_incomplete", {
    message:
      code === 127
        ? "Maven (mvn) is not installed."
        : `Maven ended with ${code}: ${/\[ERROR\] (.*)/.exec(said)?.[1] ?? said.slice(-500)}`,
    remedy:
      code === 127
        ? "apt-get install maven, then again; or run infra/compose.yaml where Docker runs."
        : "Maven Central, or the mirror in Maven's settings.xml, must be reachable; then again.",
  })
}
