import assert from "node:assert/strict"
import { test } from "node:test"
import sharp, { type WebpOptions } from "sharp"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { decodePage } from "../../classifiers/image/decode.ts"
import { defaultDecodeLimits } from "../../classifiers/image/examiner-limits.ts"
import type { Pixels } from "../../classifiers/image/pixels.ts"
import { decodeStillWebp, openLibwebp } from "../../classifiers/image/webp-decoder.ts"
import { seededRandom } from "../support/seeded-random.ts"

const kinds: readonly WebpOptions[] = [
  { quality: 30 },
  { quality: 95, smartSubsample: true },
  { quality: 80, alphaQuality: 50 },
  { lossless: true },
  { nearLossless: true, quality: 60 },
]

for (const kind of kinds) {
  test(`pixels of a WebP of the kind ${JSON.stringify(kind)} are sharp's, of any size, with alpha and without`, async () => {
    for (const width of [1, 2, 17, 333]) {
      for (const height of [1, 16, 129]) {
        for (const channels of [3, 4] as const) {
          const bytes = await webp(width, height, channels, kind)
          const metadata = readMetadata(bytes)
          const ours = await decodeStillWebp(bytes, metadata)
          const theirs = await decodePage(bytes, 0, defaultDecodeLimits, { alpha: metadata.lossless && metadata.alpha })
          assert.ok(ours && theirs)
          for (let channel = 0; channel < theirs.channels; channel++) {
            const plane = (pixels: Pixels) => pixels.data.filter((_, at) => at % pixels.channels === channel)
            assert.deepEqual(plane(ours), plane(theirs), `${width} x ${height}, channel ${channel} of ${channels}`)
          }
        }
      }
    }
  })
}

test("nothing of a picture stays in the sandbox, be it whole, cut, or no picture", async () => {
  const { libwebp, initial } = await openLibwebp()
  for (const kind of kinds) {
    const bytes = await webp(400, 300, 4, kind)
    const metadata = readMetadata(bytes)
    for (const file of [bytes, bytes.subarray(0, bytes.length >> 1), bytes.fill(0xa5, 30, 60)]) {
      await decodeStillWebp(file, metadata)
      assert.equal(libwebp.HEAPU8.findLastIndex((byte) => byte !== 0) + 1, initial.length)
      assert.deepEqual(libwebp.HEAPU8.subarray(0, initial.length), initial)
    }
  }
})

test("a picture that would make the sandbox grow is left to sharp", async () => {
  const metadata = { width: 16_000, height: 16_000, lossless: false }
  assert.equal(await decodeStillWebp(await webp(8, 8, 3, { quality: 80 }), metadata), undefined)
})

function webp(width: number, height: number, channels: 3 | 4, kind: WebpOptions) {
  const random = seededRandom(width * 1000 + height)
  const data = Uint8Array.from(
    { length: width * height * channels },
    (_, at) => Math.sin(at / 7) * 60 + random() * 100 + 80,
  )
  return sharp(data, { raw: { width, height, channels } }).webp(kind).toBuffer()
}
