import { accessSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { closest } from "fastest-levenshtein"
import { parse, TomlError } from "smol-toml"
import Type, { type Static, type TObject, type TSchema } from "typebox"
import { Compile } from "typebox/compile"
import { Default } from "typebox/value"
import { describeError, WatchlineError } from "./errors.ts"

const section = <const P extends Record<string, TSchema>>(description: string, properties: P) =>
  Type.Object(properties, { additionalProperties: false, default: {}, description })

const text = (description: string, value = "", more: { pattern?: string; minLength?: number; secret?: true } = {}) =>
  Type.String({ description, default: value, ...more })

const choice = <const Names extends readonly string[]>(description: string, names: Names) =>
  Type.Unsafe<Names[number]>(
    Type.Union(
      names.map((name) => Type.Literal(name)),
      { description, default: names[0]! },
    ),
  )

const whole = (description: string, value: number, minimum: number, maximum: number) =>
  Type.Integer({ description, default: value, minimum, maximum })

/**
 * Everything that can be set, in one place: section, key, meaning, default, bounds. The file is `watchline.toml` in the workspace; each key
 * can be set by an environment variable too: `WATCHLINE_<SECTION>_<KEY>`, e.g. `WATCHLINE_CRAWL_DELAY_MS`.
 * A property with `secret: true` is never printed.
 */
const ConfigSchema = Type.Object(
  {
    organisation: section("Who runs this workspace.", {
      name: Type.String({
        description: "Issuer of lists, as recipients see it.",
        default: "An organisation",
        minLength: 1,
      }),
    }),
    tor: section("How Tor is reached. Nothing ever goes another way.", {
      socks: Type.String({
        description: "HOST:PORT of a running Tor; empty: the workspace runs its own. WATCHLINE_TOR_SOCKS sets it too.",
        default: "",
        pattern: "^$|^(localhost|[0-9.]+|\\[[0-9a-fA-F:]+\\]):\\d{1,5}$", // a name would have to be looked up, outside Tor
      }),
      binary: Type.String({ description: "The tor program.", default: "tor" }),
      patienceSeconds: whole(
        "How long a crawl waits for a Tor, or a store, that is away before it gives up.",
        600,
        0,
        86_400,
      ),
    }),
    crawl: section("Politeness and limits of a crawl.", {
      delayMs: whole("Pause between page requests to one forum, in milliseconds.", 500, 0, 600_000),
      jitter: Type.Number({
        description: "Share by which a pause varies at random.",
        default: 0.5,
        minimum: 0,
        maximum: 1,
      }),
      pages: whole("Pages of one forum in flight at once.", 1, 1, 16),
      pictures: whole("Pictures of one forum in flight at once.", 4, 1, 32),
      pictureCircuits: whole(
        "Circuits for pictures and pages that need no session, beside the session's own.",
        3,
        1,
        16,
      ),
      activeHours: Type.String({
        description: 'Hours of the day (UTC) in which forums are visited, e.g. "6-22"; empty: always.',
        default: "",
        pattern: "^$|^([01]?\\d|2[0-3])-([01]?\\d|2[0-4])$",
      }),
      attempts: whole("Tries of a page before it is given up.", 6, 1, 50),
      maxPages: whole(
        "Pages of one forum that are taken from its links; more are left out, which is an alarm. A bound for forums whose links never end.",
        1_000_000,
        10,
        100_000_000,
      ),
      leaseSeconds: whole("After a crash a page is due again within this time.", 20, 1, 300),
      revisitMinutes: whole(
        "Next visit of an index or board page; threads wait longer the quieter they are.",
        60,
        1,
        100_000,
      ),
      pageMaxBytes: whole("Largest page, unpacked.", 8 * 1024 * 1024, 1024, 256 * 1024 * 1024),
      pictureMaxBytes: whole("Largest picture file.", 64 * 1024 * 1024, 1024, 1024 * 1024 * 1024),
      timeoutSeconds: whole("Longest time for one page or picture.", 120, 1, 3600),
    }),
    examine: section("What is done with a picture in memory.", {
      workers: whole("Worker threads; 0: one less than cores, at least one.", 0, 0, 64),
      maxPixels: whole("Pictures with more pixels are not decoded.", 100_000_000, 10_000, 1_000_000_000),
      timeoutSeconds: whole("Longest time for one picture.", 20, 1, 600),
      pixel: choice("Whether a crawl lets models look at pixels and keeps their descriptors: off or on.", [
        "off",
        "on",
      ]),
      pixelModels: text("Manifests of models, at most two, with commas; empty: the one that comes along."),
      c2paTrust: Type.String({
        description:
          "PEM file of the authorities that are trusted to sign Content Credentials; empty: their chains count as not trusted.",
        default: "",
      }),
    }),
    work: section("Consumers.", {
      batch: whole("Records taken at once.", 200, 1, 10_000),
      attempts: whole("Tries of a record before it is a dead letter.", 5, 1, 100),
      keepDays: whole("Days for which processed messages stay in the event log.", 30, 1, 3650),
      leaseSeconds: whole("After a crash another worker takes over within this time.", 10, 1, 300),
    }),
    engines: section("Which engine is behind the ports: the embedded one, or one for many machines.", {
      log: choice("The event log: sqlite (one machine) or kafka.", ["sqlite", "kafka"]),
      index: choice("Findings, frontier and case file: sqlite (one machine) or elastic.", ["sqlite", "elastic"]),
    }),
    kafka: section("The Kafka cluster; used where engines.log is kafka.", {
      brokers: text("HOST:PORT of some brokers, with commas.", "127.0.0.1:9092", {
        pattern: "^[^,:\\s]+:\\d{1,5}(\\s*,\\s*[^,:\\s]+:\\d{1,5})*$",
      }),
      prefix: text("Stands before every topic and group, so that workspaces can share a cluster.", "watchline.", {
        pattern: "^[a-zA-Z0-9._-]{0,100}$",
      }),
      partitions: whole("Partitions of a topic when it is made: as many workers can share a stage.", 12, 1, 200),
      replication: whole("Copies of each partition when a topic is made; 0: the cluster's default.", 0, 0, 10),
      tls: choice("off or on.", ["off", "on"]),
      caFile: text("PEM file of the authority that signed the brokers' certificates; empty: those of the system."),
      certFile: text("PEM file of a certificate of our own, where the cluster asks for one."),
      keyFile: text("PEM file of its key."),
      sasl: choice("none, plain, scram-sha-256 or scram-sha-512.", ["none", "plain", "scram-sha-256", "scram-sha-512"]),
      user: text("Name for SASL."),
      password: text("Password for SASL; best as WATCHLINE_KAFKA_PASSWORD.", "", { secret: true }),
      timeoutSeconds: whole("Longest time for one request.", 30, 1, 300),
    }),
    elastic: section("The Elasticsearch cluster; used where engines.index is elastic.", {
      nodes: text("Addresses of some nodes, with commas.", "http://127.0.0.1:9200", {
        pattern: "^https?://[^,\\s]+(\\s*,\\s*https?://[^,\\s]+)*$",
      }),
      prefix: text("First part of every index's name, so that workspaces can share a cluster.", "watchline", {
        pattern: "^[a-z0-9][a-z0-9-]{0,60}$",
      }),
      apiKey: text("API key in its encoded form; best as WATCHLINE_ELASTIC_API_KEY.", "", { secret: true }),
      user: text("Instead of a key: name of an account."),
      password: text("Its password; best as WATCHLINE_ELASTIC_PASSWORD.", "", { secret: true }),
      caFile: text("PEM file of the authority that signed the nodes' certificates; empty: those of the system."),
      shards: whole(
        "Primary shards of the large indices when they are made; infra/sizing.md says how many.",
        1,
        1,
        200,
      ),
      replicas: whole("Copies of each shard when an index is made.", 0, 0, 10),
      bulkKilobytes: whole("Body of one bulk request.", 5120, 64, 51_200),
      timeoutSeconds: whole("Longest time for one request.", 30, 1, 300),
    }),
    list: section("The de-index list.", {
      validDays: whole("Days for which an entry is listed without being renewed.", 180, 1, 3650),
      freshDays: whole("Days after which recipients must fetch a newer version.", 7, 1, 365),
    }),
    dashboard: section("The read-only page.", {
      port: whole("Port on 127.0.0.1; 0: any free one.", 8080, 0, 65_535),
    }),
    status: section("What a supervisor and Prometheus ask of `crawl` and `work`.", {
      listen: text(
        "HOST:PORT for /status/live, /status/ready and /metrics; empty: none. A process needs a port of its own; 0: any free one.",
        "",
        { pattern: "^$|^(localhost|[0-9.]+|\\[[0-9a-fA-F:]+\\]):\\d{1,5}$" },
      ),
    }),
    traces: section("OpenTelemetry traces, from page to index.", {
      endpoint: text(
        "Address of a collector on this machine (OTLP over HTTP), e.g. http://127.0.0.1:4318/v1/traces; empty: no traces.",
        "",
        // a crawl sends nothing past this machine but through Tor
        { pattern: "^$|^http://(localhost|127\\.0\\.0\\.1|\\[::1\\]):\\d{1,5}(/[\\w./-]*)?$" },
      ),
      ratio: Type.Number({ description: "Share of pages that are traced.", default: 1, minimum: 0, maximum: 1 }),
    }),
    log: section("Log lines on standard error.", {
      level: Type.Union(
        ["debug", "info", "warn", "error", "silent"].map((l) => Type.Literal(l)),
        {
          description: "debug, info, warn, error or silent.",
          default: "warn",
        },
      ),
    }),
  },
  { additionalProperties: false, default: {} },
)

export type Config = Static<typeof ConfigSchema> & {
  readonly log: { readonly level: "debug" | "info" | "warn" | "error" | "silent" }
}

const validator = Compile(ConfigSchema)

export interface Setting {
  readonly section: string
  readonly key: string
  readonly variable: string
  readonly description: string
  readonly default: string | number
  readonly secret: boolean
}

/** Every setting, for `init`, help texts and the documentation. */
export const settings: readonly Setting[] = Object.entries(ConfigSchema.properties).flatMap(([sectionName, body]) =>
  Object.entries((body as TObject).properties).map(([key, schema]) => {
    const facts = schema as { description?: string; default?: string | number; secret?: boolean }
    return {
      section: sectionName,
      key,
      variable: `WATCHLINE_${sectionName}_${key.replaceAll(/([A-Z])/g, "_$1")}`.toUpperCase(),
      description: facts.description ?? "",
      default: facts.default ?? "",
      secret: facts.secret ?? false,
    }
  }),
)

/** Variables that are no settings of the file. */
const otherVariables = ["WATCHLINE_HOME", "WATCHLINE_PERSON"]

type Environment = Readonly<Record<string, string | undefined>>

/** The workspace folder: option, then `WATCHLINE_HOME`, then `~/.watchline`. */
export function workspaceHome(option: string | undefined, env: Environment): string {
  return option ?? env.WATCHLINE_HOME ?? join(homedir(), ".watchline")
}

export const configFile = (home: string) => join(home, "watchline.toml")

/**
 * Reads the workspace's configuration: file, then environment, then defaults. The only reader of the environment.
 *
 * @throws `workspace_missing`, or `config_invalid` naming the key, with the nearest valid name for an unknown one
 */
export function loadConfig(home: string, env: Environment): Config {
  const file = configFile(home)
  if (!isThere(file)) {
    throw new WatchlineError("workspace_missing", {
      message: `There is no workspace in ${home}.`,
      remedy: "Make one with `watchline init`, or name another with --home DIR or WATCHLINE_HOME.",
    })
  }
  return parseConfig(readText(file), env, file)
}

/** A file that may not be looked at is there: to call it missing would send people to make another. */
function isThere(file: string): boolean {
  try {
    accessSync(file)
    return true
  } catch (error) {
    return describeError(error).code === "EACCES"
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch (cause) {
    throw new WatchlineError("config_invalid", {
      message: `${file} cannot be read (${describeError(cause).code}).`,
      remedy: "Run the command as the workspace's owner, or mend the owner and mode of the folder.",
      cause,
    })
  }
}

/** As `loadConfig`; the defaults and the environment where there is no workspace, for commands that need none. */
export function loadConfigOrDefaults(home: string, env: Environment): Config {
  return isThere(configFile(home)) ? loadConfig(home, env) : parseConfig("", env)
}

export function parseConfig(text: string, env: Environment, file = "watchline.toml"): Config {
  let values: Record<string, unknown>
  try {
    values = structuredClone(parse(text))
  } catch (error) {
    const line = error instanceof TomlError ? ` (line ${error.line})` : ""
    throw new WatchlineError("config_invalid", {
      message: `${file} is no valid TOML${line}.`,
      remedy: "Mend the line, or compare with `watchline init` in an empty folder.",
      cause: error,
    })
  }
  refuseUnknown(values, ConfigSchema.properties, "", file)
  for (const [name, body] of Object.entries(ConfigSchema.properties)) {
    const given = values[name]
    if (given !== undefined && given !== null && typeof given === "object") {
      refuseUnknown(given as Record<string, unknown>, (body as TObject).properties, `${name}.`, file)
    }
  }
  applyEnvironment(values, env)
  const complete = Default(ConfigSchema, values)
  if (!validator.Check(complete)) {
    const first = validator.Errors(complete)[0]
    const key = first ? first.instancePath.slice(1).replaceAll("/", ".") : "?"
    throw new WatchlineError("config_invalid", {
      message: `${key} in ${file} or its environment variable ${first?.message ?? "is not valid"}.`,
      remedy: describeSetting(key),
    })
  }
  return complete as Config
}

function describeSetting(key: string): string {
  const setting = settings.find((s) => `${s.section}.${s.key}` === key)
  return setting
    ? `${setting.description} The default is ${JSON.stringify(setting.default)}.`
    : "`watchline config` lists every setting."
}

function refuseUnknown(given: Record<string, unknown>, known: object, prefix: string, file: string): void {
  const names = Object.keys(known)
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    throw new WatchlineError("config_invalid", {
      message: `${file} has an unknown key "${prefix}${name}".`,
      remedy: `Did you mean "${prefix}${closest(name, names)}"?`,
    })
  }
}

function applyEnvironment(values: Record<string, unknown>, env: Environment): void {
  const variables = settings.map((s) => s.variable)
  for (const name of Object.keys(env)) {
    if (!name.startsWith("WATCHLINE_") || otherVariables.includes(name) || variables.includes(name)) continue
    throw new WatchlineError("config_invalid", {
      message: `The environment has an unknown variable ${name}.`,
      remedy: `Did you mean ${closest(name, [...variables, ...otherVariables])}?`,
    })
  }
  for (const setting of settings) {
    const text = env[setting.variable]
    if (text === undefined) continue
    const value = typeof setting.default === "number" && text.trim() !== "" ? Number(text) : text
    values[setting.section] = { ...(values[setting.section] as object | undefined), [setting.key]: value }
  }
}

/** The commented file that `watchline init` writes: every setting with its meaning and default, commented out. */
export function configTemplate(organisation: string): string {
  const lines = ["# Watchline's configuration. Every key is optional; what is commented out shows the default.", ""]
  for (const [name, body] of Object.entries(ConfigSchema.properties)) {
    lines.push(`# ${(body as { description?: string }).description ?? ""}`, `[${name}]`)
    for (const setting of settings.filter((s) => s.section === name)) {
      const own = name === "organisation" && setting.key === "name"
      lines.push(`# ${setting.description}`)
      lines.push(`${own ? "" : "# "}${setting.key} = ${JSON.stringify(own ? organisation : setting.default)}`)
    }
    lines.push("")
  }
  return lines.join("\n")
}
