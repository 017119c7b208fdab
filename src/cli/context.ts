import { userInfo } from "node:os"
import type { Command } from "commander"
import { workspaceHome } from "../config.ts"
import { WatchlineError } from "../errors.ts"
import type { System } from "../system.ts"
import { type Mode, type Output, openOutput } from "./output.ts"

/** What every command is given beside its own arguments. */
export interface Context {
  readonly home: string
  readonly output: Output
  /** Aborted by Ctrl-C or SIGTERM: finish or give back what is in hand, then return. */
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Opens the workspace; closed when the command has returned. */
  system(): Promise<System>
  /** Who is acting: --as, WATCHLINE_PERSON, else the account's name. */
  person(option?: string): string
}

/**
 * Turns a handler into a commander action: gives it its context, closes what it opened, whatever happens. Errors reach `main`, which
 * prints them and sets the exit code. A command that was stopped is not done, unless it serves until somebody stops it.
 */
export function action<Args extends unknown[]>(
  handler: (context: Context, ...args: Args) => Promise<void>,
  { servesUntilStopped = false } = {},
): (...args: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const args = given.slice(0, -1) as Args
    const options = command.optsWithGlobals<{ home?: string; json?: boolean; jsonl?: boolean }>()
    const mode: Mode = options.jsonl ? "jsonl" : options.json ? "json" : "people"
    const env = process.env
    const home = workspaceHome(options.home, env)
    const halt = stopOnSignal()
    let system: System | undefined
    try {
      await handler(
        {
          home,
          env,
          output: openOutput(mode),
          signal: halt,
          system: async () => {
            const { openSystem } = await import("../system.ts")
            system ??= await openSystem(home, { env, role: command.name() })
            return system
          },
          person: (option) => personFrom(option, env),
        },
        ...args,
      )
      if (halt.aborted && !servesUntilStopped) throw new WatchlineError("interrupted")
    } catch (error) {
      // what gave up because of the signal did as it was asked
      throw halt.aborted && !(error instanceof WatchlineError)
        ? new WatchlineError("interrupted", { cause: error })
        : error
    } finally {
      await system?.close()
    }
  }
}

function personFrom(option: string | undefined, env: Context["env"]): string {
  const person = option ?? env.WATCHLINE_PERSON ?? env.USER ?? accountName()
  if (!person) {
    throw new WatchlineError("usage", {
      message: "Who is acting?",
      remedy: "Name the person with --as NAME or WATCHLINE_PERSON.",
    })
  }
  return person
}

/** Of the account that runs the process; undefined where it has no name, as in some containers. */
function accountName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/** The first signal asks for a clean end; one that comes seconds later, when that hangs, ends the process. */
function stopOnSignal(): AbortSignal {
  const halt = new AbortController()
  let since = 0
  const stop = () => {
    if (!halt.signal.aborted) {
      since = Date.now()
      process.stderr.write("stopping …\n")
      halt.abort()
    } else if (Date.now() - since > 3000) {
      process.exit(130)
    }
  }
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, stop)
  return halt.signal
}
