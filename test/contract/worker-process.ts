import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { TestContext } from "node:test"
import { fileURLToPath } from "node:url"

export type WorkerTask = "append" | "consume" | "crawl" | "audit"

export interface WorkerProcess {
  /** What the worker wrote, one line per thing done; rejects if it failed. */
  readonly done: Promise<string[]>
  /** Resolves when the worker has done this many things. */
  reached(count: number): Promise<void>
  /** SIGKILL: the process gets no chance to put anything in order. */
  kill(): Promise<string[]>
}

/** kafkajs sets timers into the past. */
const quiet = "--disable-warning=TimeoutNegativeWarning"

/**
 * Another process that works on the same storage.
 *
 * @param opener module whose `open(argument)` opens the ports, as a file URL
 */
export function startWorker(
  t: TestContext,
  opener: string,
  argument: string,
  task: WorkerTask,
  name: string,
  count: number,
): WorkerProcess {
  const script = fileURLToPath(new URL("worker.ts", import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [quiet, script, opener, argument, task, name, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  t.after(() => void child.kill("SIGKILL"))
  const lines: string[] = []
  let arrived = () => {}
  createInterface({ input: child.stdout! }).on("line", (line) => {
    lines.push(line)
    arrived()
  })
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  const done = ended.then((code) => {
    if (code !== 0) throw new Error(`worker ${name} ended with ${code}`)
    return lines
  })
  done.catch(() => {})
  return {
    done,
    reached: (wanted) =>
      new Promise((resolve, reject) => {
        arrived = () => lines.length >= wanted && resolve()
        arrived()
        ended.then(() => reject(new Error(`worker ${name} ended after ${lines.length} of ${wanted}`)))
      }),
    async kill() {
      child.kill("SIGKILL")
      await ended
      return lines
    },
  }
}
