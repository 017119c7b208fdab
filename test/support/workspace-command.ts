import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")

/** The words that start a command as the launcher starts it; without the launcher's half second of its own. */
export const commandWords = (...args: readonly string[]): [string, ...string[]] => [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  "--disable-warning=TimeoutNegativeWarning",
  join(root, "src/cli/main.ts"),
  ...args,
]

export interface Ended {
  /** Exit code, or the signal that ended it. */
  readonly exit: number | string
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly process: ChildProcess
  /** Standard error so far. */
  stderr(): string
  readonly ended: Promise<Ended>
}

export interface CommandPlace {
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  /** What it reads on standard input; nothing if left out. */
  readonly input?: string
}

/** A command of the workspace in a process of its own, with no more of this environment than it needs. */
export function startCommand({ home, env, input = "" }: CommandPlace, ...args: readonly string[]): Running {
  const [program, ...words] = commandWords("--home", home, ...args)
  const child = spawn(program, words, { env: commandEnv(env), stdio: ["pipe", "pipe", "pipe"] })
  child.stdin.end(input)
  const out = { stdout: "", stderr: "" }
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out.stdout += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (out.stderr += text))
  const ended = once(child, "close").then(([code, signal]): Ended => ({ exit: signal ?? code, ...out }))
  return { process: child, stderr: () => out.stderr, ended }
}

export function runCommand(place: CommandPlace, ...args: readonly string[]): Promise<Ended> {
  return startCommand(place, ...args).ended
}

export function commandEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env
  const cache = join(root, "node_modules/.cache/compile")
  return { PATH, HOME, NODE_COMPILE_CACHE: cache, WATCHLINE_PERSON: "kim", ...env }
}
