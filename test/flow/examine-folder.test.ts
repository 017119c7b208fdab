import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { createInterface } from "node:readline"
import { type TestContext, test } from "node:test"
import type { ExaminedFile } from "../../classifiers/image/examine-file.ts"
import { png } from "../support/image-bytes.ts"
import { type Ended, runCommand, startCommand } from "../support/workspace-command.ts"

const pictures = 300

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "watchline-examine-"))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** Pictures in folders of folders, and among them what is none. Returns the files in the order of a walk. */
function fill(directory: string): string[] {
  const files: string[] = []
  for (let number = 0; number < pictures; number++) {
    const inside = join(directory, `a${Math.floor(number / 100)}`, `b${Math.floor(number / 10) % 10}`)
    mkdirSync(inside, { recursive: true })
    const file = join(inside, `gnome ${number % 10}.png`)
    const whole = png({ width: 20, height: 15, pixel: (x, y) => [x * 12, y * 16, number & 255] })
    writeFileSync(file, number % 50 === 7 ? whole.subarray(0, 70) : whole)
    files.push(file)
  }
  writeFileSync(join(directory, "z-empty.webp"), "")
  writeFileSync(join(directory, "z-note.jpg"), "no picture")
  symlinkSync(files[0]!, join(directory, "z-to-file.png"))
  symlinkSync(directory, join(directory, "z-to-folder"))
  symlinkSync(join(directory, "gone"), join(directory, "z-to-nothing"))
  return [...files, ...["z-empty.webp", "z-note.jpg", "z-to-file.png"].map((name) => join(directory, name))]
}

const place = (t: TestContext) => ({ home: join(folder(t), "none"), env: {} })

function rowsOf({ stdout }: Ended): ExaminedFile[] {
  assert.ok(stdout.endsWith("\n"))
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test("a folder is walked to its last file: a row for each in the order of names, whatever it holds, and exit 0", async (t) => {
  const directory = folder(t)
  const files = fill(directory)
  const ended = await runCommand(place(t), "examine", directory, "--jsonl")
  assert.deepEqual([ended.exit, ended.stderr], [0, ""])
  const rows = rowsOf(ended)
  assert.deepEqual(
    rows.map(({ file }) => relative(directory, file)),
    files.map((file) => relative(directory, file)),
  )
  for (const [number, row] of rows.slice(0, pictures).entries()) {
    const cut = number % 50 === 7
    assert.deepEqual(
      [row.format, row.width, row.height, row.error],
      ["png", 20, 15, cut ? "image_truncated" : undefined],
    )
    assert.equal(row.pdq === undefined, cut)
  }
  const [empty, note, link] = rows.slice(pictures)
  assert.deepEqual([empty!.bytes, empty!.error], [0, "image_not_image"])
  assert.equal(note!.sha256, createHash("sha256").update("no picture").digest("hex"))
  assert.equal(link!.pdq, rows[0]!.pdq)
})

test("people are shown what needs their eyes, and a sentence about the rest", async (t) => {
  const directory = folder(t)
  fill(directory)
  const { exit, stdout } = await runCommand(place(t), "examine", directory)
  assert.equal(exit, 0)
  const lines = stdout.trimEnd().split("\n")
  assert.equal(lines.length, 1 + 6 + 2 + 1, stdout)
  assert.match(
    lines.at(-1)!,
    /^303 files in [\d.]+ s: 295 hashed, 0 with signals of a generator, 8 that no picture could be decoded from, 0 not readable\.$/,
  )
})

test("paths that can't be read are rows too; the others are examined, then a sentence and exit 2", async (t) => {
  const directory = folder(t)
  const file = join(directory, "gnome.png")
  writeFileSync(file, png())
  const ended = await runCommand(place(t), "examine", join(directory, "gone.png"), "/dev/null", file, "--jsonl")
  assert.equal(ended.exit, 2)
  assert.deepEqual(
    rowsOf(ended).map((row) => row.error),
    ["not_found", "input_invalid", undefined],
  )
  assert.match(ended.stderr, /2 of 3 files could not be read; their rows say why\./)
})

test("Ctrl-C ends it at once, with whole rows and no more", async (t) => {
  const directory = folder(t)
  const files = fill(directory)
  const many = Array.from({ length: 40 }, () => directory)
  const running = startCommand(place(t), "examine", ...many, "--jsonl")
  const lines = createInterface({ input: running.process.stdout! })
  await once(lines, "line")
  running.process.kill("SIGINT")
  const ended = await running.ended
  assert.equal(ended.exit, 1)
  assert.match(ended.stderr, /Stopped on request/)
  const rows = rowsOf(ended)
  assert.ok(rows.length >= 1 && rows.length < files.length * many.length)
})
