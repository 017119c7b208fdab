import { execFile } from "node:child_process"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { WatchlineError } from "../errors.ts"

export interface JavaRuntime {
  readonly home: string
  readonly version: number
}

const run = promisify(execFile)
/** Kafka 4 runs on 17, but Elasticsearch 9 does not: one runtime serves both. */
const leastVersion = 21
/** Where Debian, Ubuntu and Temurin put runtimes. */
const systemFolder = "/usr/lib/jvm"

/**
 * The newest Java of this machine: JAVA_HOME, then what is installed.
 *
 * Errors: `setup_incomplete` where there is none that is new enough.
 */
export async function findJava(env: Readonly<Record<string, string | undefined>>): Promise<JavaRuntime> {
  const installed = await readdir(systemFolder).catch(() => [])
  const homes = [env.JAVA_HOME, ...installed.map((name) => join(systemFolder, name))].filter(
    (home) => home !== undefined,
  )
  const found = await Promise.all(homes.map(async (home) => ({ home, version: await versionOf(home) })))
  const newest = found.sort((a, b) => b.version - a.version)[0]
  if (newest !== undefined && newest.version >= leastVersion) return newest
  throw new WatchlineError("setup_incomplete", {
    message: `Kafka and Elasticsearch need Java ${leastVersion} or newer; ${newest?.version ? `the newest here is ${newest.version}` : "there is none here"}.`,
    remedy: `apt-get install openjdk-${leastVersion}-jre-headless (Ubuntu, Debian 13); on Debian 12 unpack a Temurin runtime below ${systemFolder}, or set JAVA_HOME to one.`,
  })
}

/** 0 where it is no runtime that starts. */
async function versionOf(home: string): Promise<number> {
  try {
    const { stderr } = await run(join(home, "bin/java"), ["-version"])
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0)
  } catch {
    return 0
  }
}
