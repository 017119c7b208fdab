import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { WatchlineError } from "../../src/errors.ts"
import { followBootstrap, type TorProgress } from "./bootstrap.ts"
import { openTorControl, type TorControl } from "./control-client.ts"

interface TorProcessOptions {
  /** Made with mode 0700; holds torrc, data and cookie. One tor at a time: tor itself locks it. */
  readonly directory: string
  /** Configuration lines as in torrc, beside those that every tor of ours gets. */
  readonly lines: readonly string[]
  readonly onProgress?: ((progress: TorProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** How long the bootstrap may stay at one percentage, in milliseconds; then it has failed. Default 90,000. */
  readonly stallMs?: number | undefined
}

/** A running tor process that we own. */
export interface TorProcess {
  readonly pid: number
  readonly control: TorControl
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** Resolves when the network can be used. Errors: `tor_not_ready`; `interrupted` on the signal. */
  bootstrapped(): Promise<void>
  /** Ends the process, by force after three seconds. May be called twice. */
  stop(): Promise<void>
}

/** The file inside a tor's directory whose content opens its control port. */
export function cookieFileOf(directory: string): string {
  return join(directory, "control-cookie")
}

const dataDirectoryOf = (directory: string) => join(directory, "data")

/**
 * What every tor of ours gets. It ends with us, also when we are killed: the control connection owns it (TAKEOWNERSHIP, at once) and it
 * watches our process id (within 15 seconds). Nobody may attach to it, and its log goes nowhere but to us, scrubbed, warnings only.
 */
function ownLines(directory: string): string[] {
  return [
    `DataDirectory ${quoted(dataDirectoryOf(directory))}`,
    "DataDirectoryGroupReadable 0",
    "ControlPort 127.0.0.1:auto",
    "CookieAuthentication 1",
    `CookieAuthFile ${quoted(cookieFileOf(directory))}`,
    "DisableDebuggerAttachment 1",
    "RunAsDaemon 0",
    "SafeLogging 1",
    "Log warn stdout",
    "AvoidDiskWrites 1",
    "NumCPUs 1",
  ]
}

/**
 * Starts one tor and connects to its control port.
 *
 * Errors: `setup_incomplete` where tor is not installed; `tor_not_ready` where it ends at once, with the reason that it gave;
 * `interrupted` on the signal.
 */
export async function startTorProcess(options: TorProcessOptions): Promise<TorProcess> {
  const { directory, signal } = options
  // Tor would make its own, and ends at once where another tor makes them at the same moment.
  const data = dataDirectoryOf(directory)
  for (const folder of [directory, data, join(data, "keys")]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
  }
  // What differs from start to start stands on the command line: two processes may start at once in one directory.
  const portFile = join(directory, `control-port.${randomUUID()}`)
  const torrc = await replaceFile(join(directory, "torrc"), [...ownLines(directory), ...options.lines])
  // Empty, so that the machine's own defaults change nothing here.
  const defaults = await replaceFile(join(directory, "torrc-defaults"), [])
  const ours = ["--ControlPortWriteToFile", portFile, "--__OwningControllerProcess", String(process.pid)]

  const { child, ended, lastWords } = spawnTor(["--hush", "--defaults-torrc", defaults, "-f", torrc, ...ours])
  let control: TorControl | undefined
  const stop = () => stopChild(child, ended)
  try {
    await Promise.race([once(child, "spawn"), ended])
    const port = await controlPort(portFile, ended, signal)
    control = await openTorControl(port, cookieFileOf(directory), signal)
    await control.send("TAKEOWNERSHIP")
    await rm(portFile, { force: true })
  } catch (error) {
    control?.close()
    // It may have closed its port because it found that it cannot run; then its own words say why.
    const itself = await Promise.race([ended.then(() => true), sleep(200, false)])
    await stop()
    await rm(portFile, { force: true })
    if (signal?.aborted) throw new WatchlineError("interrupted", { cause: error })
    throw itself ? notStarted(child.exitCode, lastWords) : error
  }
  const owned = control
  return {
    pid: child.pid!,
    control: owned,
    ended,
    stop,
    bootstrapped: async () => {
      try {
        await followBootstrap(owned, { onProgress: options.onProgress, signal, stallMs: options.stallMs })
      } catch (error) {
        throw signal?.aborted ? new WatchlineError("interrupted", { cause: error }) : error
      }
    },
  }
}

/** Core dumps are off: a dump would hold page and image bytes in transit. `exec` keeps the process id. */
function spawnTor(args: readonly string[]) {
  const child = spawn("/bin/sh", ["-c", 'ulimit -c 0; exec "$@"', "sh", "tor", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C reaches the whole foreground group; we stop tor ourselves, after the work that uses it.
    detached: true,
  })
  const words: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      words.push(...text.split("\n").filter((line) => line.trim() !== ""))
      words.splice(0, words.length - 20)
    })
  }
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve())
    child.once("error", () => resolve())
  })
  return { child, ended, lastWords: words as readonly string[] }
}

/** Tor writes the file when its control port is open. */
async function controlPort(file: string, ended: Promise<void>, signal: AbortSignal | undefined): Promise<number> {
  let over = false
  void ended.then(() => {
    over = true
  })
  for (const deadline = performance.now() + 20_000; performance.now() < deadline && !over; ) {
    signal?.throwIfAborted()
    const text = await readFile(file, "latin1").catch(() => "")
    const port = /^PORT=.*:(\d+)\s*$/m.exec(text)?.[1]
    if (port) return Number(port)
    await sleep(30)
  }
  throw new WatchlineError("tor_not_ready", {
    message: "Tor started but did not open its control port within 20 seconds.",
    remedy: "Look whether the machine is overloaded or the disk is full, then try again.",
  })
}

function notStarted(exitCode: number | null, lastWords: readonly string[]): WatchlineError {
  // The shell's status for a program that is not there (POSIX, Shell Command Language, 2.8.2).
  if (exitCode === 127) return torMissing()
  const said = (level: string) => lastWords.findLast((line) => line.includes(`[${level}] `))?.replace(/^.*?\] /, "")
  // Its last error only says that it gives up; the warning before says why.
  return new WatchlineError("tor_not_ready", {
    message: `Tor ended at once: ${said("warn") ?? said("err") ?? "it gave no reason"}`,
    remedy: "Read the reason; another tor may be using this directory, or the directory may belong to another user.",
  })
}

export function torMissing(): WatchlineError {
  return new WatchlineError("setup_incomplete", {
    message: "The program tor is not installed.",
    remedy: "Install it: `apt-get install -y tor` (Debian, Ubuntu) or `brew install tor` (macOS).",
  })
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill("SIGTERM")
  const patience = new AbortController()
  const kill = sleep(3_000, undefined, { signal: patience.signal })
    .then(() => child.kill("SIGKILL"))
    .catch(() => undefined)
  await ended
  patience.abort()
  await kill
}

/** In one step: whoever reads at the same time sees the old or the new one. */
async function replaceFile(file: string, lines: readonly string[]): Promise<string> {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 })
  await rename(draft, file)
  return file
}

/** A torrc value; tor reads C escapes inside quotes. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, "\\$&")}"`
}
