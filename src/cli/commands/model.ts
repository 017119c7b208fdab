import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join, relative, resolve, sep } from "node:path"
import { Command } from "commander"
import { calibrate } from "../../../classifiers/image/pixel/calibrate.ts"
import { coloursOf } from "../../../classifiers/image/pixel/content-floors.ts"
import { defaultPixelModel } from "../../../classifiers/image/pixel/default-model.ts"
import { type Evaluation, evaluate } from "../../../classifiers/image/pixel/evaluate.ts"
import { evaluationPage } from "../../../classifiers/image/pixel/evaluation-page.ts"
import { type LabelledFile, seePictures } from "../../../classifiers/image/pixel/labelled-pictures.ts"
import { openPixelModel } from "../../../classifiers/image/pixel/open-model.ts"
import { asItCame, conditionGrid, underCondition } from "../../../classifiers/image/pixel/picture-conditions.ts"
import { readPixelHead } from "../../../classifiers/image/pixel/read-manifest.ts"
import { loadConfigOrDefaults } from "../../config.ts"
import { WatchlineError } from "../../errors.ts"
import type { ImageExaminer } from "../../ports/image-examiner.ts"
import { rescore } from "../../stages/rescore.ts"
import { openExaminer } from "../../system.ts"
import { driftAlarmText, pixelDrift } from "../../trends/pixel-drift.ts"
import { action, type Context } from "../context.ts"
import { driftHead, driftRow } from "../drift-table.ts"
import { filesUnder } from "../files-under.ts"
import { mark } from "../output.ts"

const folders =
  "Each DIR holds generated/ and real/; folders in these are sources. Pictures are read one after the other and none is kept."

export const modelCommand = () => {
  const model = new Command("model").description(
    "models of pixels: check, evaluate, calibrate, score past images again, watch for drift",
  )

  model
    .command("check")
    .argument("[manifest]", "manifest of a model; without: the one that comes along")
    .description("runs everything that a model must pass before it may look at a picture")
    .action(
      action(async ({ output }, manifest: string = defaultPixelModel) => {
        const opened = await openPixelModel(resolve(manifest))
        await opened.close()
        const { manifest: read } = readPixelHead(resolve(manifest))
        output.say(
          `${mark.good} ${opened.name} may run; calibration: ${read.calibration?.version ?? "none, so it never speaks"}.`,
        )
        await output.data({ model: opened.name, ...read, calibration: read.calibration?.version })
      }),
    )

  model
    .command("evaluate")
    .argument("<dir...>", "labelled pictures")
    .description("every figure of a model on your own lawful pictures, and an HTML page of them")
    .option("--manifest <file>", "model; without: the one that comes along")
    .option("--grid", "also under JPEG, resizing, cropping, screenshots and WebP")
    .option("--page <file>", "where the page goes")
    .addHelpText(
      "after",
      `\n${folders}\n\nExample:\n  $ watchline model evaluate gnomes/ --grid --page evaluation.html`,
    )
    .action(
      action(async (context, dirs: string[], options: { manifest?: string; grid?: boolean; page?: string }) => {
        const manifestFile = resolve(options.manifest ?? defaultPixelModel)
        const opened = readPixelHead(manifestFile)
        const files = await labelledFiles(dirs)
        const evaluations = await withExaminer(context, manifestFile, async (examiner) => {
          const found: Evaluation[] = []
          for (const condition of [asItCame, ...(options.grid ? conditionGrid : [])]) {
            context.signal.throwIfAborted()
            const changed = files.map((file) => ({
              ...file,
              bytes: async () => {
                const bytes = await file.bytes()
                const under = await underCondition(bytes, condition).catch(() => Uint8Array.from(bytes))
                bytes.fill(0)
                return under
              },
            }))
            found.push(
              evaluate(
                opened.manifest,
                condition.name,
                await seePictures(opened, examiner, changed, coloursOf),
                seeded(),
              ),
            )
          }
          return found
        })
        if (options.page) await writeFile(options.page, evaluationPage(opened.name, evaluations))
        context.output.table(
          ["condition", "generated", "others", "AUC", "container", "colours", "TPR at 1 %", "ECE"],
          evaluations.map((e) => [
            e.condition,
            e.generated,
            e.others,
            e.auc.toFixed(3),
            e.floors?.container.toFixed(3) ?? "",
            e.floors?.colours.toFixed(3) ?? "",
            e.tprAt1.toFixed(3),
            e.ece?.toFixed(3) ?? "",
          ]),
        )
        for (const evaluation of evaluations) if (context.output.mode === "jsonl") await context.output.data(evaluation)
        if (context.output.mode === "json") await context.output.data({ model: opened.name, evaluations })
      }),
    )

  model
    .command("calibrate")
    .argument("<dir...>", "labelled pictures")
    .description("fits probabilities and thresholds of a model to your own lawful pictures")
    .requiredOption("--out <folder>", "where the calibrated manifest goes, with copies of the model's files")
    .requiredOption("--name <version>", "name of the calibration, e.g. hotline-2026-11")
    .option("--manifest <file>", "model; without: the one that comes along")
    .addHelpText(
      "after",
      `\n${folders}\n\nExample:\n  $ watchline model calibrate gnomes/ --name hotline-2026-11 --out models/\n  then set examine.pixelModels to the manifest in models/`,
    )
    .action(
      action(async (context, dirs: string[], options: { out: string; name: string; manifest?: string }) => {
        const manifestFile = resolve(options.manifest ?? defaultPixelModel)
        const opened = readPixelHead(manifestFile)
        const files = await labelledFiles(dirs)
        const { seen, abstained } = await withExaminer(context, manifestFile, (examiner) =>
          seePictures(opened, examiner, files),
        )
        const sources = new Set(seen.map((p) => `${p.generated}${p.source}`)).size
        const about = { version: options.name, fittedOn: `${seen.length} pictures of ${sources} sources` }
        const manifest = { ...opened.manifest, ...calibrate(seen, about, seeded()) }
        const target = join(options.out, `${manifest.id}.json`)
        await mkdir(options.out, { recursive: true })
        for (const pin of [manifest.file, ...(manifest.descriptor ? [manifest.descriptor.head] : [])])
          await copyUnlessThere(join(dirname(manifestFile), pin.path), join(options.out, pin.path))
        await writeFile(target, `${JSON.stringify(manifest, null, 1)}\n`)
        const { review, flag } = manifest.thresholds
        context.output.say(
          `${mark.good} ${target}: ${manifest.calibration.strata.length} strata, review from ${review.score.toFixed(3)}, flag from ${flag.score.toFixed(3)}.`,
        )
        await context.output.data({
          manifest: target,
          calibration: manifest.calibration.version,
          pictures: seen.length,
          sources,
          abstained: Object.fromEntries(abstained),
          thresholds: manifest.thresholds,
        })
      }),
    )

  model
    .command("rescore")
    .description("scores all collected images again by the configured models, from what was kept of them")
    .action(
      action(async (context) => {
        const system = await context.system()
        const result = await rescore(system)
        context.output.say(
          `${mark.good} ${result.scored} images scored by ${system.scorer.version}, ${result.findings} findings; former ones stay. ${result.neverLooked} images were never looked at.`,
        )
        context.output.say("`watchline work store --once` brings the findings into the index.")
        await context.output.data({ scorer: system.scorer.version, ...result })
      }),
    )

  model
    .command("drift")
    .description("share of abstentions and distribution of scores by week; alarms where they shift")
    .action(
      action(async (context) => {
        const system = await context.system()
        const weeks = await pixelDrift(system, {})
        context.output.table(driftHead, weeks.map(driftRow))
        for (const text of weeks.map(driftAlarmText)) if (text) context.output.say(`${mark.note} ${text}`)
        for (const week of weeks) if (context.output.mode === "jsonl") await context.output.data(week)
        if (context.output.mode === "json") await context.output.data({ scorer: system.scorer.version, weeks })
      }),
    )
  return model
}

async function labelledFiles(dirs: readonly string[]): Promise<LabelledFile[]> {
  const files: LabelledFile[] = []
  for (const dir of dirs) {
    for (const [folder, generated] of [
      ["generated", true],
      ["real", false],
    ] as const) {
      const root = join(dir, folder)
      for await (const file of filesUnder(root)) {
        const inside = relative(root, file).split(sep)
        const source = inside.length > 1 ? inside[0]! : dir
        if (file !== root) files.push({ generated, source, bytes: async () => new Uint8Array(await readFile(file)) })
      }
    }
  }
  for (const generated of [true, false])
    if (!files.some((f) => f.generated === generated))
      throw new WatchlineError("input_invalid", {
        message: `No picture lies in ${generated ? "generated/" : "real/"} of ${dirs.join(", ")}.`,
        remedy: "Put generated pictures into generated/ and others into real/.",
      })
  return files
}

async function withExaminer<Result>(
  context: Context,
  manifest: string,
  use: (examiner: ImageExaminer) => Promise<Result>,
): Promise<Result> {
  const config = loadConfigOrDefaults(context.home, context.env)
  const examiner = openExaminer({
    ...config,
    examine: { ...config.examine, workers: 1, pixel: "on", pixelModels: manifest },
  })
  try {
    return await use(examiner)
  } finally {
    await examiner.close()
  }
}

async function copyUnlessThere(from: string, to: string): Promise<void> {
  if (resolve(from) !== resolve(to)) await copyFile(from, to)
}

/** The same pictures make the same page and the same calibration. */
function seeded(): () => number {
  let state = 20261125
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
