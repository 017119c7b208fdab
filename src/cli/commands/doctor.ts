import { execFile } from "node:child_process"
import { stat, statfs } from "node:fs/promises"
import { promisify } from "node:util"
import { Command } from "commander"
import { loadConfig } from "../../config.ts"
import { describeError, ExitCode, WatchlineError } from "../../errors.ts"
import { verifyChain } from "../../sealing/audit-chain.ts"
import { checkPixelModels } from "../../system.ts"
import { action, type Context } from "../context.ts"
import { mark } from "../output.ts"

interface Check {
  readonly name: string
  readonly detail: string
  readonly ok: boolean
  readonly remedy?: string
}

const run = promisify(execFile)
const enoughBytes = 1024 ** 3

/** In the order in which they need each other: without a valid configuration there is nothing more to look at. */
const checks: readonly (readonly [
  name: string,
  run: (context: Context) => Promise<Omit<Check, "name">>,
  isGround?: true,
])[] = [
  ["Node", nodeVersion],
  ["configuration", configuration, true],
  ["Tor", torProgram],
  ["disk", disk],
  ["workspace", workspace, true],
  ["engines", engines],
  ["pixel models", pixelModels],
  ["mandates", mandates],
  ["audit log", audit],
]

export const doctorCommand = () =>
  new Command("doctor")
    .description("check everything that a run needs, one line each, with the remedy")
    .addHelpText("after", "\nExample:\n  $ watchline doctor")
    .action(
      action(async (context) => {
        const results: Check[] = []
        let unreachable: WatchlineError | undefined
        for (const [name, check, isGround] of checks) {
          const result: Check = await check(context).then(
            (found) => ({ name, ...found }),
            (error) => {
              if (error instanceof WatchlineError && error.exit === ExitCode.unreachable) unreachable = error
              const { message, remedy } = describeError(error)
              return { name, ok: false, detail: message, ...(remedy ? { remedy } : {}) }
            },
          )
          results.push(result)
          context.output.say(`${result.ok ? mark.good : mark.bad} ${result.name}: ${result.detail}`)
          if (!result.ok && result.remedy) context.output.say(`  ${result.remedy}`)
          if (!result.ok && isGround) break
        }
        const ok = results.every((result) => result.ok)
        await context.output.data({ ok, checks: results })
        if (unreachable) throw unreachable
        if (!ok) throw new WatchlineError("setup_incomplete", { message: "Not everything is in order; see above." })
      }),
    )

async function nodeVersion(): Promise<Omit<Check, "name">> {
  return {
    ok: Number(process.versions.node.split(".")[0]) >= 24,
    detail: process.version,
    remedy: "Start `watchline` through npm or src/launch.mjs: it brings Node 24.",
  }
}

async function torProgram({ home, env }: Context): Promise<Omit<Check, "name">> {
  const { tor } = loadConfig(home, env)
  if (tor.socks) return { ok: true, detail: `external, at ${tor.socks}; \`watchline tor check\` tries it` }
  const { stdout } = await run(tor.binary, ["--version"]).catch((cause) => {
    throw new WatchlineError("setup_incomplete", {
      message: `The program "${tor.binary}" cannot be started.`,
      remedy: "Install it (apt-get install tor), or set tor.socks to a running Tor.",
      cause,
    })
  })
  return { ok: true, detail: stdout.split("\n")[0] ?? "" }
}

async function configuration({ home, env }: Context): Promise<Omit<Check, "name">> {
  loadConfig(home, env)
  return { ok: true, detail: "valid" }
}

async function disk({ home }: Context): Promise<Omit<Check, "name">> {
  const { bavail, bsize } = await statfs(home)
  const free = bavail * bsize
  return {
    ok: free > enoughBytes,
    detail: `${(free / 1024 ** 3).toFixed(1)} GiB free`,
    remedy: "Make room: a crawl waits when the disk is full.",
  }
}

async function workspace(context: Context): Promise<Omit<Check, "name">> {
  const system = await context.system()
  const mode = (await stat(system.home)).mode & 0o777
  const forums = await system.forums.list()
  return {
    ok: (mode & 0o077) === 0,
    detail: `${forums.length} forums, ${await system.known.count()} known hashes, folder mode ${mode.toString(8)}`,
    remedy: `chmod 700 ${system.home}`,
  }
}

async function engines(context: Context): Promise<Omit<Check, "name">> {
  const checks = await (await context.system()).engineChecks()
  const differences = checks.flatMap((check) => check.differences)
  const details = checks.map(({ engine, detail }) => `${engine}: ${detail}`)
  return {
    ok: differences.length === 0,
    detail: [...(details.length > 0 ? details : ["embedded"]), ...differences].join("; "),
    remedy:
      "Topics and indices are made once and changed by people: kafka-configs, kafka-topics, `watchline index migrate`.",
  }
}

/** Every configured model as a worker opens it: its files, their SHA-256, its graph and its answer to the parity vector. */
async function pixelModels({ home, env }: Context): Promise<Omit<Check, "name">> {
  const { examine } = loadConfig(home, env)
  const opened = await checkPixelModels(examine.pixelModels)
  const silent = opened.filter(({ calibration }) => calibration === undefined)
  const names = opened.map(({ name, calibration }) => `${name} (${calibration ?? "not calibrated"})`).join(", ")
  return {
    ok: silent.length === 0,
    detail: examine.pixel === "on" ? names : `${names}; crawls do not look at pixels (examine.pixel is off)`,
    remedy: "A model without a calibration never speaks: `watchline model calibrate`.",
  }
}

async function mandates(context: Context): Promise<Omit<Check, "name">> {
  const system = await context.system()
  const registered = await system.mandates.list()
  const states = await Promise.all(registered.map(({ id }) => system.mandateState(id)))
  const count = (state: string) => states.filter((s) => s === state).length
  return {
    ok: count("altered") === 0,
    detail: `${count("in force")} in force, ${count("not yet")} to come, ${count("expired")} expired, ${count("altered")} altered`,
    remedy: "A mandate was changed after it was signed; sign it again from its source.",
  }
}

async function audit(context: Context): Promise<Omit<Check, "name">> {
  const system = await context.system()
  const verdict = await verifyChain(system.audit.events())
  return {
    ok: verdict.ok,
    detail: verdict.ok ? `${verdict.count} events, chain unbroken` : `broken at event ${verdict.at}: ${verdict.why}`,
    remedy: "Keep the workspace as it is and compare it with a backup.",
  }
}
