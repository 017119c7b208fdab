import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"

/** Processes that make themselves ready, say so, and begin together when all of them are: starting up is in nobody's time. */
export async function runTogether<Report>(
  commands: readonly { readonly program: string; readonly args: readonly string[] }[],
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Report[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const children = commands.map(({ program, args }) => new PacedProcess(program, args, limit))
  try {
    for (const child of children) await child.line()
    for (const child of children) child.go()
    return await Promise.all(children.map(async (child) => JSON.parse(await child.line()) as Report))
  } finally {
    for (const child of children) child.end()
  }
}

class PacedProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: AsyncIterator<string>
  readonly #closed: Promise<unknown>
  #said = ""

  constructor(program: string, args: readonly string[], signal: AbortSignal) {
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], signal, killSignal: "SIGKILL" })
    this.#closed = once(this.#child, "close").catch((error: Error) => (this.#said += error.message))
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#said = (this.#said + text).slice(-4000)))
    this.#child.stdin.on("error", () => {})
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (!done) return value
    await this.#closed
    throw new Error(
      `${this.#child.spawnfile} ended with ${this.#child.exitCode ?? this.#child.signalCode}:\n${this.#said}`,
    )
  }

  go(): void {
    this.#child.stdin.write("go\n")
  }

  end(): void {
    this.#child.stdin.end()
    if (this.#child.exitCode === null) this.#child.kill("SIGKILL")
  }
}
