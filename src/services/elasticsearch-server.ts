import { execFile } from "node:child_process"
import { pbkdf2Sync, randomBytes } from "node:crypto"
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { get as getPlain } from "node:http"
import { get as getSecure } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { WatchlineError } from "../errors.ts"
import { findJava } from "./java-runtime.ts"
import { elasticsearchHome } from "./server-artefacts.ts"
import { freePorts, type ServerProcess, startServer } from "./server-process.ts"

export interface ElasticsearchServerOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (text: string) => void
  readonly owned: boolean
  /** For HTTP; any free one if left out. */
  readonly port?: number | undefined
  /** TLS and a user with every right. The certificate is for `localhost`. */
  readonly security?: ElasticsearchSecurity | undefined
}

interface ElasticsearchSecurity {
  readonly key: string
  readonly cert: string
  readonly user: string
  readonly password: string
}

export interface ElasticsearchServer {
  readonly url: string
  readonly pid: number
  /** Of this start alone: configuration, log and data. */
  readonly directory: string
  /** Ends it and removes its folder. */
  stop(): Promise<void>
  readonly kill: ServerProcess["kill"]
  /** The same node again, on the same ports and data, after it was killed. */
  restart(): Promise<void>
}

const run = promisify(execFile)
const heap = "-Xms1g -Xmx1g"
/** Elasticsearch refuses to run as root; this account owns nothing else. */
const accountForRoot = "nobody"

/**
 * One Elasticsearch node on loopback.
 *
 * Errors: `setup_incomplete` where Java or Maven is missing; `engine_unavailable` where it does not start.
 */
export async function startElasticsearch(options: ElasticsearchServerOptions): Promise<ElasticsearchServer> {
  const { security, env, say, owned } = options
  const java = await findJava(env)
  const home = await elasticsearchHome({ java, say })
  const account = process.getuid?.() === 0 ? await accountOf(accountForRoot) : undefined
  const [transport, free] = (await freePorts([0, 0])) as [number, number]
  const port = options.port ?? free
  const directory = await mkdtemp(join(tmpdir(), "watchline-elasticsearch-"))
  const at = (name: string) => join(directory, name)
  await prepareConfiguration(home, at("config"), security)
  await mkdir(at("tmp"), { recursive: true })
  if (account) await giveTo(directory, account)

  const settings = {
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    "http.port": port,
    "transport.port": transport,
    "path.data": at("data"),
    "path.logs": at("logs"),
    "cluster.routing.allocation.disk.threshold_enabled": false, // a full disk is this machine's business, not the test's
    "xpack.security.enabled": security !== undefined,
    ...(security
      ? {
          "xpack.security.http.ssl.enabled": true,
          "xpack.security.http.ssl.key": at("config/http.key"),
          "xpack.security.http.ssl.certificate": at("config/http.crt"),
          "xpack.security.authc.realms.file.people.order": 0,
        }
      : {}),
  }
  const start = async () => {
    await rm(at("server.log"), { force: true })
    return startServer(
      {
        name: "Elasticsearch",
        words: [
          join(home, "bin/elasticsearch"),
          ...Object.entries(settings).flatMap(([key, value]) => ["-E", `${key}=${value}`]),
        ],
        env: {
          PATH: process.env.PATH ?? "/usr/bin:/bin",
          HOME: directory,
          ES_JAVA_HOME: java.home,
          ES_JAVA_OPTS: heap,
          ES_PATH_CONF: at("config"),
          ES_TMPDIR: at("tmp"),
        },
        cwd: directory,
        logFile: at("server.log"),
        account,
        owned,
      },
      () => isHealthy(port, security),
    )
  }
  let server = await start()
  return {
    url: security ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
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

/** As distributed, but nothing of its memory reaches the disk: no heap dumps; and no log of every garbage collection. */
async function prepareConfiguration(
  home: string,
  folder: string,
  security: ElasticsearchSecurity | undefined,
): Promise<void> {
  await cp(join(home, "config"), folder, { recursive: true })
  const jvm = await readFile(join(folder, "jvm.options"), "utf8")
  const kept = jvm.split("\n").filter((line) => !/^-Xlog:gc|HeapDump/.test(line))
  await writeFile(join(folder, "jvm.options"), kept.join("\n"))
  if (!security) return
  const { key, cert, user, password } = security
  await writeFile(join(folder, "http.key"), key, { mode: 0o600 })
  await writeFile(join(folder, "http.crt"), cert)
  await writeFile(join(folder, "users"), `${user}:${passwordHash(password)}\n`, { mode: 0o600 })
  await writeFile(join(folder, "users_roles"), `superuser:${user}\n`)
}

/** As Elasticsearch writes it with `password_hashing.algorithm: pbkdf2`: cost, salt and key of PBKDF2 with HMAC-SHA-512. */
function passwordHash(password: string): string {
  const [cost, salt] = [10_000, randomBytes(32)]
  const key = pbkdf2Sync(password, salt, cost, 32, "sha512")
  return `{PBKDF2}${cost}$${salt.toString("base64")}$${key.toString("base64")}`
}

async function accountOf(name: string): Promise<{ uid: number; gid: number }> {
  const id = async (which: string) => Number((await run("id", [which, name])).stdout)
  try {
    return { uid: await id("-u"), gid: await id("-g") }
  } catch (cause) {
    throw new WatchlineError("setup_incomplete", {
      message: `Elasticsearch does not run as root, and there is no account "${name}" that it could have instead.`,
      remedy: "Run the command as another user than root.",
      cause,
    })
  }
}

async function giveTo(folder: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  await run("chown", ["-R", `${uid}:${gid}`, folder])
}

function isHealthy(port: number, security: ElasticsearchSecurity | undefined): Promise<boolean> {
  const path = "/_cluster/health?wait_for_status=yellow&timeout=1s"
  return new Promise((resolve) => {
    const request = security
      ? getSecure({ host: "localhost", port, path, ca: security.cert, auth: `${security.user}:${security.password}` })
      : getPlain({ host: "127.0.0.1", port, path })
    request.setTimeout(2000, () => request.destroy())
    request.on("error", () => resolve(false))
    request.on("response", (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
  })
}
