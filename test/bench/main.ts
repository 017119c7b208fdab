import { parseArgs } from "node:util"
import { closest } from "fastest-levenshtein"
import { openOutput } from "../../src/cli/output.ts"
import type { Bench, Comparison, Figure, Goal } from "./comparison.ts"

/** One file each; loaded when asked for. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  artefacts: async () => (await import("./artefacts.ts")).artefactsBench,
  engines: async () => (await import("./engines.ts")).enginesBench,
  crawl: async () => (await import("./crawl.ts")).crawlBench,
  match: async () => (await import("./match.ts")).matchBench,
  provenance: async () => (await import("./provenance.ts")).provenanceBench,
  fingerprint: async () => (await import("./fingerprint.ts")).fingerprintBench,
  cluster: async () => (await import("./cluster.ts")).clusterBench,
  "near-duplicates": async () => (await import("./near-duplicates.ts")).nearDuplicatesBench,
  pixel: async () => (await import("./pixel.ts")).pixelBench,
}

const usage = `npm run bench -- NAME [--dir DIR] [--json] [--runs N] [--size N]…      NAME: ${Object.keys(benches).join(", ")}`

/** Exit code: 0 goal reached, 1 not reached or failed, 2 wrong usage. */
async function main(): Promise<number> {
  let given: ReturnType<typeof read>
  try {
    given = read()
  } catch (error) {
    return refuse((error as Error).message)
  }
  const { name, runs, json, directory, sizes } = given
  const open = benches[name]
  if (!open) {
    return refuse(
      name ? `There is no bench "${name}". Did you mean "${closest(name, Object.keys(benches))}"?` : "Which one?",
    )
  }
  const halt = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => halt.abort())
  const bench = await open()
  const result = await bench({
    directory,
    runs,
    ...(sizes ? { sizes } : {}),
    signal: halt.signal,
    say: (text) => process.stderr.write(`${text}\n`),
  })
  const output = openOutput(json ? "json" : "people")
  await output.data(result)
  print(output, result)
  return result.reached ? 0 : 1
}

function read() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: "string" },
      json: { type: "boolean" },
      runs: { type: "string", default: "3" },
      size: { type: "string", multiple: true },
    },
  })
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1 || runs > 99) throw new Error("--runs takes a number from 1 to 99.")
  const sizes = values.size?.map(Number)
  if (sizes?.some((size) => !Number.isInteger(size) || size < 1)) throw new Error("--size takes a number, e.g. 1e6.")
  return { name: positionals[0] ?? "", runs, json: values.json ?? false, directory: values.dir, sizes }
}

function refuse(reason: string): number {
  process.stderr.write(`${reason}\n${usage}\n`)
  return 2
}

function print(output: ReturnType<typeof openOutput>, comparison: Comparison) {
  const { figures, baseline, ratio, goal, checks = {}, reached, notes } = comparison
  output.table(
    ["", "Watchline", "from to", "baseline", "from to", "ratio", "goal"],
    Object.keys(figures).map((name) => [
      name,
      round(figures[name]!.median),
      span(figures[name]!),
      baseline[name] ? round(baseline[name].median) : "",
      baseline[name] ? span(baseline[name]) : "",
      ratio[name] === undefined ? "" : round(ratio[name]),
      goal[name] === undefined ? "" : goalText(goal[name]),
    ]),
  )
  for (const [name, check] of Object.entries(checks)) {
    output.say(`${name}: ${round(check.value)} (goal ${goalText(check.goal)}${check.reached ? "" : ", NOT reached"})`)
  }
  for (const note of notes) output.say(note)
  if (Object.keys({ ...goal, ...checks }).length > 0)
    output.say(reached ? "The goal is reached." : "The goal is NOT reached.")
}

const goalText = (goal: Goal) => ("atLeast" in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`)
const span = ({ least, most }: Figure) => `${round(least)} … ${round(most)}`
const round = (value: number) => Number(value.toPrecision(3))

process.exitCode = await main()
