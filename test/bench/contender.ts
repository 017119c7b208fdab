import { spawn } from "node:child_process"

/** What a contender's process says about itself when it has finished: one JSON line on standard output. */
export interface ContenderReport {
  readonly seconds: number
  /** Processor time of the whole process and of its main thread alone: other load on the machine disturbs it less than seconds. */
  readonly cpuSeconds: number
  readonly mainThreadCpuSeconds: number
  /** Largest resident set of the process, its threads included (VmHWM), in MiB. */
  readonly peakMb: number
  readonly pages: number
  readonly posts: number
  readonly pictures: number
  readonly failed: number
  /** Digest of every post with the SHA-256 of its pictures, so that a wrong result is no fast result. */
  readonly contents: string
}

/** Runs a contender in a process of its own. What it writes to standard error is shown where it fails. */
export async function runContender(options: {
  readonly program: string
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly task: unknown
  readonly signal: AbortSignal
  readonly timeoutMs: number
}): Promise<ContenderReport> {
  const child = spawn(process.execPath, [...options.flags, options.program, JSON.stringify(options.task)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
    killSignal: "SIGKILL",
  })
  let out = ""
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4000)))
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once("error", reject).once("close", resolve)
  const code = await promise
  if (code !== 0) throw new Error(`${options.program} ended with ${code}:\n${said}`)
  return JSON.parse(out) as ContenderReport
}
