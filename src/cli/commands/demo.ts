import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Command } from "commander"
import { startDemoWorld } from "../../demo/demo-world.ts"
import { WatchlineError } from "../../errors.ts"
import { createWorkspace, openSystem } from "../../system.ts"
import { action, type Context } from "../context.ts"
import { engineNames, startDemoEngines } from "../demo-engines.ts"
import { type DemoCounts, type DemoResult, runDemo } from "../demo-run.ts"
import { mark, type Output, style } from "../output.ts"
import { wholeNumber } from "../whole-number.ts"

export const demoCommand = () =>
  new Command("demo")
    .option("--seed <n>", "another forum", wholeNumber(1), 1)
    .option(
      "--engines <names>",
      "on these instead of the embedded store, started on this machine: kafka, elastic",
      engineNames,
      [],
    )
    .option("--keep", "keep the workspace and say where it is", false)
    .description("the whole path on this machine: private Tor, a demo onion forum, findings, report, list")
    .addHelpText(
      "after",
      "\nExample:\n  $ watchline demo\n  $ watchline demo --engines kafka,elastic\n  $ watchline demo --json > demo.json",
    )
    .action(
      action(async (context, options: { seed: number; keep: boolean; engines: string[] }) => {
        const began = performance.now()
        const home = await mkdtemp(join(tmpdir(), "watchline-demo-"))
        try {
          const result = await demo(context, home, options)
          const seconds = Math.round((performance.now() - began) / 100) / 10
          print(context.output, result, seconds)
          await context.output.data({ ...result, seconds })
          if (result.lost > 0 || result.duplicated > 0) {
            throw new WatchlineError("demo_differs", {
              message: `${result.lost} lost and ${result.duplicated} counted twice.`,
            })
          }
        } finally {
          if (options.keep) context.output.say(style.dim(`The workspace is in ${join(home, "workspace")}.`))
          else await rm(home, { recursive: true, force: true })
        }
      }),
    )

async function demo(
  context: Context,
  home: string,
  { seed, engines: names }: { seed: number; engines: readonly string[] },
): Promise<DemoResult> {
  const began = performance.now()
  const step = (text: string) => {
    const at = ((performance.now() - began) / 1000).toFixed(0).padStart(4)
    process.stderr.write(`${style.dim(`${at} s`)}  ${text}\n`)
  }
  if (names.length > 0) step(`starting ${names.join(" and ")} on loopback`)
  const engines = await startDemoEngines(names, { env: context.env, say: step })
  try {
    return await onWorld(context, home, seed, engines.env, step)
  } finally {
    await engines.stop()
  }
}

async function onWorld(
  context: Context,
  home: string,
  seed: number,
  engineSettings: Readonly<Record<string, string>>,
  step: (text: string) => void,
): Promise<DemoResult> {
  step("starting a private Tor network on loopback and making 400 garden-gnome pictures")
  const bar = context.output.progress("pictures", 400)
  let torState = ""
  const world = await startDemoWorld({
    directory: join(home, "tor"),
    seed,
    signal: context.signal,
    progress: {
      onPicture: (made) => bar.update(made, `tor: ${torState}`),
      onTor: (state) => {
        torState = state
        bar.update(undefined, `tor: ${state}`)
      },
    },
  }).finally(() => bar.stop())
  try {
    const workspace = join(home, "workspace")
    await createWorkspace(workspace, "Gnome Office (demo)")
    const system = await openSystem(workspace, {
      env: {
        WATCHLINE_TOR_SOCKS: `${world.socks.host}:${world.socks.port}`,
        WATCHLINE_CRAWL_DELAY_MS: "0",
        WATCHLINE_CRAWL_PAGES: "8",
        WATCHLINE_CRAWL_PICTURES: "24",
        WATCHLINE_CRAWL_PICTURE_CIRCUITS: "8",
        ...engineSettings,
      },
    })
    try {
      return await runDemo(system, world, context, step)
    } finally {
      await system.close()
    }
  } finally {
    await world.stop()
  }
}

const labels: Readonly<Record<keyof DemoCounts, string>> = {
  posts: "posts",
  threads: "threads",
  authors: "authors (pseudonyms)",
  imagesPosted: "images posted",
  uniqueImages: "unique images",
  clusters: "near-duplicate clusters",
  setAsideByKnownHash: "set aside by known hash",
  generated: "likely AI-generated, by their own signals",
  modelArtefacts: "model artefacts",
  hiddenReferences: "posts that hide what they refer to",
  characterPosts: "posts that link to chatbot characters",
  characterCards: "posted pictures with a character card",
  cardPosts: "posts that hand over a character, in a picture or a file",
  guides: "how-to guides",
  guideTexts: "  texts among them, copies counted once",
  guideSpread: "  texts that came to a forum for the first time",
}

function print(output: Output, result: DemoResult, seconds: number): void {
  const rows = (Object.keys(labels) as (keyof DemoCounts)[]).map((name) => [
    labels[name],
    result.monthExpected[name],
    result.monthFound[name],
    result.expected[name],
    result.found[name],
    result.monthExpected[name] === result.monthFound[name] && result.expected[name] === result.found[name]
      ? mark.good
      : mark.note,
  ])
  output.say("")
  output.say(style.bold(`Report for ${result.month} and for all six months, against what the forum really holds`))
  output.table(["", `${result.month} holds`, "found", "in all holds", "found", ""], rows)
  output.say("")
  output.table(
    ["signal", "strength", "posted", "unique"],
    result.report.signals.map((s) => [s.family, s.strength, s.sightings, s.images]),
  )
  output.say("")
  const { list } = result
  output.say(
    `${list.valid ? mark.good : mark.bad} List version ${list.sequence}: ${list.entries} addresses, decided by ${list.people[0]}, approved by ${list.people[1]}, signature ${list.valid ? "holds" : "does not hold"}.`,
  )
  output.say(
    `${result.alarms === 0 ? mark.good : mark.note} ${result.alarms} alarms; ${result.lost} lost, ${result.duplicated} counted twice; ${seconds} s.`,
  )
}
