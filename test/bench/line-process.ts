import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"

/** A contender that stays: a line of JSON in, a line of JSON out, so that contenders take turns on what they have built once. */
export class LineProcess {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  #said = ""

  constructor(words: readonly [string, ...string[]], signal: AbortSignal) {
    const [program, ...rest] = words
    this.#child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"], signal, killSignal: "SIGKILL" })
    this.#child
      .stderr!.setEncoding("utf8")
      .on("data", (text: string) => (this.#said = (this.#said + text).slice(-4000)))
    this.#child.on("error", (error) => (this.#said += error.message))
    this.#lines = createInterface(this.#child.stdout!)[Symbol.asyncIterator]()
  }

  async answer<Answer>(): Promise<Answer> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`A contender ended early:\n${this.#said}`)
    return JSON.parse(value) as Answer
  }

  ask<Answer>(question: unknown): Promise<Answer> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`)
    return this.answer()
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill("SIGKILL")
    await once(this.#child, "exit")
  }
}
