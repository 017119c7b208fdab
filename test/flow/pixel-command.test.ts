import assert from "node:assert/strict"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { png } from "../support/image-bytes.ts"
import { tinyModel } from "../support/onnx-bytes.ts"
import { layModel, tinyManifest } from "../support/pixel-models.ts"
import { seededRandom } from "../support/seeded-random.ts"
import { runCommand } from "../support/workspace-command.ts"

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "watchline-pixel-"))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

/** The tiny model finds bright pictures: those called generated are brighter, and some of each class overlap. */
async function pictures(dir: string, perSource: number): Promise<void> {
  const random = seededRandom(4)
  for (const kind of ["generated", "real"]) {
    for (const source of ["a", "b", "c"]) {
      await mkdir(join(dir, kind, source), { recursive: true })
      for (let n = 0; n < perSource; n++) {
        const light = Math.round((kind === "generated" ? 150 : 70) + random() * 90)
        const bytes = png({ width: 64, height: 64, pixel: () => [light, light, light] })
        await writeFile(join(dir, kind, source, `${n}.png`), bytes)
      }
    }
  }
}

test("examine says what pixels say, and nothing of it with --no-pixel", async (t) => {
  const dir = await folder(t)
  const noise = seededRandom(3)
  const file = join(dir, "gnome.png")
  await writeFile(file, png({ width: 240, height: 240, pixel: () => [noise() * 255, noise() * 255, noise() * 255] }))
  await writeFile(join(dir, "small.png"), png({ width: 32, height: 32, pixel: () => [1, 2, 3] }))
  const place = { home: join(dir, "home"), env: {} }
  const { exit, stdout } = await runCommand(place, "examine", file, join(dir, "small.png"), "--jsonl")
  assert.equal(exit, 0)
  const [gnome, small] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  assert.match(gnome.pixel.model, /^lite0-linear@/)
  assert.ok(gnome.pixel.score >= 0 && gnome.pixel.score <= 1)
  assert.equal(gnome.pixel.abstained, undefined)
  assert.equal(small.pixel.abstained, "side_too_small")
  assert.equal(small.pixel.score, undefined)
  assert.equal(gnome.pixels, undefined, "descriptors are kept by crawls, not printed")
  const without = await runCommand(place, "examine", file, "--no-pixel", "--jsonl")
  assert.equal(JSON.parse(without.stdout).pixel, undefined)
})

test("an organisation calibrates a model that it brings, and evaluates it on other pictures, with a page", async (t) => {
  const [fitted, unseen, out] = [await folder(t), await folder(t), await folder(t)]
  await pictures(fitted, 40)
  await pictures(unseen, 15)
  const { calibration: _, thresholds: __, ...bare } = tinyManifest(tinyModel())
  const manifest = await layModel(t, { manifest: bare })
  const place = { home: join(out, "home"), env: {} }
  const calibrated = await runCommand(
    place,
    "model",
    "calibrate",
    fitted,
    "--manifest",
    manifest,
    "--name",
    "mine-1",
    "--out",
    join(out, "models"),
    "--json",
  )
  assert.equal(calibrated.exit, 0, calibrated.stderr)
  const answer = JSON.parse(calibrated.stdout)
  assert.equal(answer.pictures, 240)
  assert.equal(answer.sources, 6)

  const page = join(out, "page.html")
  const evaluated = await runCommand(
    place,
    "model",
    "evaluate",
    unseen,
    "--manifest",
    answer.manifest,
    "--page",
    page,
    "--json",
  )
  assert.equal(evaluated.exit, 0, evaluated.stderr)
  const [figures] = JSON.parse(evaluated.stdout).evaluations
  assert.equal(figures.generated, 45)
  assert.ok(figures.auc > 0.95 && figures.auc < 1)
  assert.ok(figures.ece < 0.2)
  // brightness is a colour, and all files are alike
  assert.ok(
    figures.floors.colours > 0.9 && Math.abs(figures.floors.container - 0.5) < 0.2,
    JSON.stringify(figures.floors),
  )
  assert.ok(figures.levels.review.tpr > figures.levels.flag.tpr - 1e-9)
  assert.equal(figures.perSource.length, 6)
  assert.deepEqual(
    figures.perStratum.map((s: { stratum: string; generated: number }) => [s.stratum, s.generated]),
    [["other formats", 45]],
  )
  assert.ok(figures.perStratum[0].ece < 0.2 && figures.perStratum[0].reliability.length === 4)
  const html = await readFile(page, "utf8")
  assert.match(html, /<circle/)
  assert.match(html, /<figcaption>other formats/)
  assert.doesNotMatch(html, /<img|<script/)

  const checked = await runCommand(place, "model", "check", answer.manifest, "--json")
  assert.equal(JSON.parse(checked.stdout).calibration, "mine-1")
})

test("too few pictures, or one class alone, make no calibration", async (t) => {
  const dir = await folder(t)
  await pictures(dir, 3)
  const place = { home: join(dir, "home"), env: {} }
  const manifest = await layModel(t)
  const args = ["--manifest", manifest, "--name", "x", "--out", join(dir, "out")]
  const few = await runCommand(place, "model", "calibrate", dir, ...args)
  assert.equal(few.exit, 2)
  assert.match(few.stderr, /needs 100 of each/)
  await rm(join(dir, "real"), { recursive: true })
  const one = await runCommand(place, "model", "evaluate", dir, "--manifest", manifest)
  assert.equal(one.exit, 2)
  assert.match(one.stderr, /real\//)
})
