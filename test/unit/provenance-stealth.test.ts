import assert from "node:assert/strict"
import { test } from "node:test"
import { gzipSync } from "node:zlib"
import sharp from "sharp"
import { examine } from "../../classifiers/image/examine.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import { png, pngOfPixels } from "../support/image-bytes.ts"
import { type Hidden, hide, landscape, stealthPng } from "../support/stealth-bytes.ts"

const width = 96
const height = 80
const secret = "a garden gnome on a toadstool"
const a1111 = `${secret}\nNegative prompt: blurry hedgehog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x512, Model hash: c0ffee1234, Model: gardenMix_v2, Version: v1.10.1`
const settings = { prompt: secret, steps: 28, sampler: "k_euler", seed: 1, scale: 5, uc: "hedgehog" }
const novelai = JSON.stringify({
  Description: secret,
  Software: "NovelAI",
  Source: "Stable Diffusion XL C1E1DE52",
  Comment: JSON.stringify(settings),
})

function examined(bytes: Uint8Array): Promise<Examination> {
  return examine(new Uint8Array(bytes))
}

function examinedWith(hidden: Hidden): Promise<Examination> {
  return examined(stealthPng(hidden, width, height))
}

for (const plane of ["alpha", "rgb"] as const) {
  for (const kind of ["info", "comp"] as const) {
    const magic = `stealth_${plane === "alpha" ? "png" : "rgb"}${kind}`
    const payload = (text: string) => (kind === "comp" ? gzipSync(text) : Buffer.from(text))

    test(`${magic} with AUTOMATIC1111's block is strong and gives no prompt away`, async () => {
      const { signals } = await examinedWith({ plane, magic, payload: payload(a1111) })
      assert.deepEqual(signals, [
        {
          family: "automatic1111",
          strength: "strong",
          carrier: `pixels:stealth-${plane}:parameters`,
          generator: "automatic1111",
          model: "gardenMix_v2",
          modelHash: "c0ffee1234",
          prompt: { length: secret.length },
        },
      ])
    })

    test(`${magic} with NovelAI's JSON is strong and gives no prompt away`, async () => {
      const { signals } = await examinedWith({ plane, magic, payload: payload(novelai) })
      assert.deepEqual(signals, [
        {
          family: "novelai",
          strength: "strong",
          carrier: `pixels:stealth-${plane}:Comment`,
          generator: "novelai",
          model: "Stable Diffusion XL",
          modelHash: "C1E1DE52",
          prompt: { length: secret.length },
        },
      ])
    })
  }
}

test("a stealth text in a lossless WebP's alpha is found, in a lossy one's pixels nothing is looked for", async () => {
  const hidden: Hidden = { plane: "alpha", magic: "stealth_pngcomp", payload: gzipSync(a1111) }
  const raw = sharp(hide(landscape(width, height, 4), width, 4, hidden), { raw: { width, height, channels: 4 } })
  const lossless = await raw.clone().webp({ lossless: true, exact: true, effort: 0 }).toBuffer()
  const lossy = await raw.clone().webp({ quality: 90, effort: 0 }).toBuffer()
  assert.equal((await examined(lossless)).signals[0]?.family, "automatic1111")
  assert.deepEqual((await examined(lossy)).signals, [])
})

test("alpha changes neither the fingerprint nor its quality", async () => {
  const opaque = await examined(pngOfPixels(landscape(width, height, 3), width, height, 3))
  const pixels = landscape(width, height, 4)
  for (let at = 3; at < pixels.length; at += 4) pixels[at] = (at * 7) & 255
  const clear = await examined(pngOfPixels(pixels, width, height, 4))
  assert.ok(opaque.pdqQuality! > 0)
  assert.deepEqual([clear.pdq, clear.pdqQuality], [opaque.pdq, opaque.pdqQuality])
})

const bomb = gzipSync(Buffer.alloc(5 << 20, "a"))
const payload = Buffer.from(a1111)
const harmless: Record<string, Hidden> = {
  "a magic of the other plane": { plane: "alpha", magic: "stealth_rgbinfo", payload },
  "a magic without its last letter": { plane: "rgb", magic: "stealth_rgbinf_", payload },
  "a length beyond the picture": { plane: "rgb", magic: "stealth_rgbinfo", payload, bits: 1 << 20 },
  "a length of four gigabits": { plane: "rgb", magic: "stealth_rgbinfo", payload, bits: 0xffffffff },
  "no length": { plane: "rgb", magic: "stealth_rgbinfo", payload, bits: 0 },
  "a text said to be packed": { plane: "rgb", magic: "stealth_rgbcomp", payload },
  "a cut gzip stream": { plane: "rgb", magic: "stealth_rgbcomp", payload: gzipSync(a1111).subarray(0, 60) },
  "a gzip bomb": { plane: "alpha", magic: "stealth_pngcomp", payload: bomb.subarray(0, 900) },
  "a caption that quotes parameters": {
    plane: "rgb",
    magic: "stealth_rgbinfo",
    payload: Buffer.from(JSON.stringify({ Description: a1111 })),
  },
  "prose that names a generator": {
    plane: "alpha",
    magic: "stealth_pnginfo",
    payload: Buffer.from("Not made with NovelAI, Steps: 3"),
  },
}
for (const [name, hidden] of Object.entries(harmless)) {
  test(`${name} in the lowest bits: no signal`, async () => {
    const { signals, error } = await examinedWith(hidden)
    assert.deepEqual([signals, error], [[], undefined])
  })
}

test("a gzip bomb in a picture large enough for it stays packed", async () => {
  const side = 256
  const bits = Buffer.concat([Buffer.from("stealth_pngcomp"), Buffer.alloc(4), bomb])
  bits.writeUInt32BE(bomb.length * 8, 15)
  const pixels = Buffer.alloc(side * side * 4, 255)
  for (let bit = 0; bit < bits.length * 8; bit++) {
    const value = (bits[bit >>> 3]! >> (7 - (bit & 7))) & 1
    pixels[((bit % side) * side + Math.floor(bit / side)) * 4 + 3] = 254 | value
  }
  const { signals, error } = await examined(pngOfPixels(pixels, side, side, 4))
  assert.deepEqual([signals, error], [[], undefined])
})

test("noise in the lowest bits, and plain pictures: no signal", async () => {
  let state = 1
  const random = () => {
    state = Math.imul(state, 1664525) + 1013904223
    return state >>> 24
  }
  for (let round = 0; round < 10; round++) {
    const pixels = landscape(width, height, 4).map((value) => (value & 0xfe) | (random() & 1))
    assert.deepEqual((await examined(pngOfPixels(pixels, width, height, 4))).signals, [])
  }
  assert.deepEqual((await examined(png())).signals, [])
})
