import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { WatchlineError } from "../errors.ts"

interface ServerCommand {
  readonly name: string
  readonly words: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Standard output and error; people are told of it where the server does not start. */
  readonly logFile: string
  /** The account that it runs under, where it must not be ours. */
  readonly account?: { readonly uid: number; readonly gid: number } | undefined
  /** Ends with us, also when we are killed. A service that is to stay is not owned. */
  readonly owned: boolean
}

export interface ServerProcess {
  readonly pid: number
  /** SIGTERM, by force after ten seconds. May be called twice. */
  stop(): Promise<void>
  /** SIGKILL: it gets no chance to put anything in order. */
  kill(): Promise<void>
}

const startMs = 120_000

/**
 * Starts a server and waits until it answers.
 *
 * Errors: `engine_unavailable` where it ends or does not answer within two minutes, with the last line of its log that says why.
 */
export async function startServer(command: ServerCommand, answers: () => Promise<boolean>): Promise<ServerProcess> {
  const { name, words, env, cwd, logFile, account, owned } = command
  const log = openSync(logFile, "a", 0o600)
  // The kernel ends it when we are gone, however that happens (PR_SET_PDEATHSIG).
  const tied = owned ? ["setpriv", "--pdeathsig", "KILL", "--", ...words] : words
  const child = spawn("/bin/sh", ["-c", 'ulimit -c 0; exec "$@"', "sh", ...tied], {
    env: { ...env },
    cwd,
    stdio: ["ignore", log, log],
    detached: true, // Ctrl-C reaches the whole foreground group; we stop it ourselves, after the work that uses it
    ...account,
  })
  closeSync(log)
  child.unref()
  const started = performance.now()
  const failed = new Promise<Error>((resolve) => child.once("error", resolve))
  const server = { pid: child.pid ?? 0, stop: () => stopProcess(child), kill: () => killProcess(child) }
  for (;;) {
    const error = await Promise.race([failed, sleep(100)])
    const over = error !== undefined || hasEnded(child) || performance.now() - started > startMs
    if (!over && (await answers().catch(() => false)) && !hasEnded(child)) return server
    if (!over) continue
    await killProcess(child)
    throw new WatchlineError("engine_unavailable", {
      message: `${name} did not start: ${error?.message ?? lastWords(await readFile(logFile, "utf8"))}`,
      remedy: "Look at the reason; memory, disk and the ports of loopback must be free.",
    })
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

function lastWords(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s+at /.test(line))
  return (lines.findLast((line) => /error|fatal|exception/i.test(line)) ?? lines.at(-1) ?? "it gave no reason").slice(
    0,
    500,
  )
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  await stopByPid(child.pid, () => hasEnded(child))
}

async function killProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  signalGroup(child.pid, "SIGKILL")
  while (!hasEnded(child)) await sleep(20)
}

/** Ends a server that leads its own process group: SIGTERM to it, after ten seconds SIGKILL to the group. */
export async function stopByPid(pid: number, ended = () => !isAlive(pid)): Promise<void> {
  if (ended()) return
  process.kill(pid, "SIGTERM")
  for (const until = Date.now() + 10_000; Date.now() < until; ) {
    if (ended()) return
    await sleep(50)
  }
  signalGroup(pid, "SIGKILL")
  while (!ended()) await sleep(20)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // it is gone
  }
}

/** Ports of loopback that are free now, all different: those wanted, where 0 stands for any. Rejects where one that is wanted is taken. */
export async function freePorts(wanted: readonly number[]): Promise<number[]> {
  const servers = wanted.map(() => createServer())
  const listening = servers.map(async (server, place) => {
    server.listen(wanted[place], "127.0.0.1")
    await once(server, "listening")
    return (server.address() as AddressInfo).port
  })
  try {
    return await Promise.all(listening)
  } finally {
    await Promise.allSettled(listening)
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}
