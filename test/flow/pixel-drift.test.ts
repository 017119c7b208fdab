import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type TestContext, test } from "node:test"
import { openPixelScorer } from "../../classifiers/image/pixel/calibrated-scorer.ts"
import { openDashboard } from "../../src/dashboard/server/dashboard.ts"
import { instant } from "../../src/model/record.ts"
import { createWorkspace, openSystem } from "../../src/system.ts"
import type { DriftWeek } from "../../src/trends/pixel-drift.ts"
import { aFingerprint, aPost, aSighting } from "../contract/records.ts"
import { tinyModel } from "../support/onnx-bytes.ts"
import { layModel, tinyManifest } from "../support/pixel-models.ts"
import { runCommand } from "../support/workspace-command.ts"

/** Noon of the Monday that begins a week, counted from 4 May 2026. */
const monday = (week: number) => instant(Date.UTC(2026, 4, 4 + 7 * week, 12))

/**
 * A workspace that has looked at 120 pictures in each of seven weeks from 4 May 2026: scores that spread in all weeks but one in June, in
 * which they are high, and one in which half of the pictures are too small.
 */
async function watchedForum(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), "watchline-drift-"))
  t.after(() => rm(home, { recursive: true }))
  await createWorkspace(home, "Gnome Office")
  const model = await layModel(t)
  const env = { WATCHLINE_EXAMINE_PIXEL: "on", WATCHLINE_EXAMINE_PIXEL_MODELS: model }
  const system = await openSystem(home, { env })
  for (let week = 0; week < 7; week++) {
    const post = aPost(`${week}`, { postedAt: monday(week), seenAt: monday(week) })
    await system.writer.put([{ kind: "post", record: post }])
    const images = Array.from({ length: 120 }, (_, n) => {
      const size = week === 6 && n < 60 ? { width: 20, height: 20 } : { width: 400, height: 300 }
      const logit = week === 5 ? 2 : (n % 40) / 20 - 1
      const seen = { seenAt: monday(week), format: "jpeg" as const, jpegQuality: 85, ...size }
      return aFingerprint(`${week}-${n}`, { ...seen, pixels: [{ model: "tiny@1", logit }] })
    })
    await system.writer.put(images.map((record) => ({ kind: "fingerprint", record }) as const))
    await system.writer.put(images.map((image) => ({ kind: "sighting", record: aSighting(post, image) }) as const))
  }
  t.after(() => system.close())
  return { system, model, place: { home, env } }
}

const june = [
  ["2026-06-01", undefined],
  ["2026-06-08", "scores"],
  ["2026-06-15", "abstentions"],
]

test("a shift of what pixels say is an alarm of the month's report, of the export and of the dashboard", async (t) => {
  const { system, model, place } = await watchedForum(t)
  const alarmsOf = (weeks: readonly DriftWeek[]) => weeks.map((w) => [w.week, w.alarm])

  const report = await runCommand(place, "report", "--month", "2026-06", "--json")
  assert.equal(report.exit, 0, report.stderr)
  const { pixelDrift } = JSON.parse(report.stdout)
  assert.deepEqual(alarmsOf(pixelDrift), june, "the month's own weeks, compared with those of May")
  assert.equal(pixelDrift[2].abstained, 60)
  const people = await runCommand(place, "report", "--month", "2026-06")
  assert.match(people.stdout, /alarm: In the week of 2026-06-08 the scores of pixels shifted/)
  assert.match(people.stdout, /alarm: In the week of 2026-06-15 the share of pictures/)

  const exported = await runCommand(place, "export", "alarms", "--month", "2026-06", "--jsonl")
  const rows = exported.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    rows.map((row) => [row.week, row.alarm]),
    [
      ["2026-06-08", "pixel_scores_shifted"],
      ["2026-06-15", "pixel_abstentions_shifted"],
    ],
  )

  const off = await runCommand({ ...place, env: {} }, "report", "--month", "2026-06", "--json")
  assert.equal(JSON.parse(off.stdout).pixelDrift, undefined, "where no model looks nothing is read")

  const { findings, decisions } = system
  const dashboard = await openDashboard({ findings, decisions, port: 0, scorer: openPixelScorer([model]) })
  t.after(() => dashboard.close())
  const answer = await fetch(`${dashboard.url}api/drift?month=2026-06`)
  const shown = (await answer.json()) as { looks: boolean; weeks: DriftWeek[] }
  assert.equal(shown.looks, true)
  assert.deepEqual(alarmsOf(shown.weeks), june)
  assert.deepEqual(shown.weeks[1]!.tenths, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
})

test("doctor opens every configured model as a worker would: its file, its SHA-256, its parity vector", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "watchline-doctor-"))
  t.after(() => rm(home, { recursive: true }))
  await createWorkspace(home, "Gnome Office")
  const check = async (models: string) => {
    const env = { WATCHLINE_EXAMINE_PIXEL_MODELS: models }
    const { checks } = JSON.parse((await runCommand({ home, env }, "doctor", "--json")).stdout)
    return (checks as { name: string; ok: boolean; detail: string; remedy?: string }[]).find(
      ({ name }) => name === "pixel models",
    )!
  }
  const onnx = tinyModel()
  const good = await layModel(t)
  const both = await check(`${good},`)
  assert.ok(both.ok && both.detail.startsWith("tiny@1 (cal-test)"), both.detail)
  assert.match((await check("")).detail, /^lite0-linear@/, "the one that comes along, where none is named")

  const changed = await layModel(t)
  await writeFile(
    join(dirname(changed), "tiny.onnx"),
    onnx.map((byte, at) => (at === onnx.length - 1 ? byte ^ 1 : byte)),
  )
  const answers = await layModel(t, { manifest: tinyManifest(onnx, { parity: { seed: 5, logit: 3 } }) })
  const { calibration: _, ...bare } = tinyManifest(onnx)
  const silent = await layModel(t, { manifest: bare })
  for (const [models, detail] of [
    [changed, /SHA-256/],
    [`${good},${answers}`, /parity vector/],
    [join(home, "nothing.json"), /can't be read/],
    [silent, /not calibrated/],
  ] as const) {
    const found = await check(models)
    assert.equal(found.ok, false)
    assert.match(found.detail, detail)
    assert.ok(found.remedy)
  }
})
