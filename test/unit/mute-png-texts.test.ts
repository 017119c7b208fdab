import assert from "node:assert/strict"
import { test } from "node:test"
import { crc32, deflateSync } from "node:zlib"
import { mutePngTexts } from "../../classifiers/image/container/mute-png-texts.ts"
import { examine } from "../../classifiers/image/examine.ts"
import { png, pngChunk, pngInternational, pngText, pngZipped } from "../support/image-bytes.ts"

const line = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 64x48, Model: gardenMix_v2"
const options = { width: 64, height: 48, pixel: (x: number, y: number) => [x * 4, y * 5, (x * y) & 255] as const }

/** Type of each chunk and whether its checksum is right. */
function chunksOf(file: Buffer): (readonly [string, boolean])[] {
  const chunks: (readonly [string, boolean])[] = []
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const end = at + 8 + file.readUInt32BE(at)
    chunks.push([file.toString("latin1", at + 4, at + 8), crc32(file.subarray(at + 4, end)) === file.readUInt32BE(end)])
  }
  return chunks
}

test("packed texts and profiles of a PNG get a name that decoders pass over, plain ones and the picture stay", () => {
  const profile = pngChunk("iCCP", Buffer.concat([Buffer.from("gnome\0\0"), deflateSync("profile")]))
  const file = png({
    before: [profile, pngText("a", "b"), pngZipped("c", "d")],
    after: [pngInternational("e", "f", true)],
  })
  mutePngTexts(file)
  assert.deepEqual(chunksOf(file), [
    ["IHDR", true],
    ["wlTx", true],
    ["tEXt", true],
    ["wlTx", true],
    ["IDAT", true],
    ["wlTx", true],
    ["IEND", true],
  ])
})

test("what such texts say is read all the same, and neither hash nor digests change", async () => {
  const plain = await examine(new Uint8Array(png(options)))
  const file = png({ ...options, before: [pngZipped("parameters", `a gnome\n${line}`)] })
  const found = await examine(new Uint8Array(file))
  assert.deepEqual([found.pdq, found.pdqQuality, found.signals.length], [plain.pdq, plain.pdqQuality, 1])
  const { createHash } = await import("node:crypto")
  assert.equal(found.sha256, createHash("sha256").update(file).digest("hex"))
})

test("two hundred texts that unpack to four megabytes each cost the decoder nothing", async () => {
  const bomb = pngChunk("zTXt", Buffer.concat([Buffer.from("note\0\0"), deflateSync(Buffer.alloc(4 << 20, "a"))]))
  const file = new Uint8Array(png({ ...options, before: Array.from({ length: 200 }, () => bomb) }))
  const before = process.memoryUsage().rss
  const { pdq, error } = await examine(file)
  assert.deepEqual([pdq?.length, error], [64, undefined])
  assert.ok(process.memoryUsage().rss - before < 150 << 20)
})

test("a PNG cut or changed anywhere is muted without harm", () => {
  const whole = png({ before: [pngZipped("c", "d")] })
  for (let at = 8; at < whole.length; at++) {
    mutePngTexts(Buffer.from(whole.subarray(0, at)))
    const changed = Buffer.from(whole)
    changed[at] = 0xff
    mutePngTexts(changed)
  }
})
