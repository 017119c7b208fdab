import { parseArgs } from "node:util"
import { openOutput } from "../../src/cli/output.ts"
import { runFuzz } from "./run-fuzz.ts"

const usage = "npm run fuzz [-- --files N --seed S --from N --json]"

/** Exit code: 0 every file was survived, 1 one was not, 2 wrong usage. */
async function main(): Promise<number> {
  let given: ReturnType<typeof read>
  try {
    given = read()
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`)
    return 2
  }
  const halt = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => halt.abort())
  const output = openOutput(given.json ? "json" : "people")
  const bar = output.progress("fuzz", given.files)
  const report = await runFuzz({ ...given, signal: halt.signal, onFile: (done) => bar.update(done) })
  bar.stop()
  await output.data(report)
  const { files, seconds, slowest, peakMb, outcomes, failures, signals } = report
  output.say(
    `${files} files in ${seconds.toFixed(0)} s, ${signals} signals; slowest ${slowest.ms.toFixed(0)} ms: ${slowest.file}; ` +
      `at most ${Math.round(peakMb)} MiB`,
  )
  output.table(
    ["what became of them", "files"],
    Object.entries(outcomes).sort((a, b) => b[1] - a[1]),
  )
  if (Object.keys(report.verifier).length > 0)
    output.say(`The verifier lost its worker: ${JSON.stringify(report.verifier)}`)
  for (const failure of failures.slice(0, 50)) output.say(`FAILED ${failure}`)
  output.say(
    failures.length === 0
      ? "Every file was survived."
      : `${failures.length} failures; --from N --files 1 with the same seed has one again.`,
  )
  return failures.length === 0 ? 0 : 1
}

function read() {
  const { values } = parseArgs({
    options: {
      files: { type: "string", default: "5000" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
      json: { type: "boolean", default: false },
    },
  })
  const number = (name: "files" | "seed" | "from", least: number) => {
    const value = Number(values[name])
    if (!Number.isInteger(value) || value < least || value > 100_000_000)
      throw new Error(`--${name} takes a whole number from ${least}.`)
    return value
  }
  return { files: number("files", 1), seed: number("seed", 0), from: number("from", 0), json: values.json }
}

process.exitCode = await main()
