import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import sharp from "sharp"
import { examine } from "../../classifiers/image/examine.ts"
import { watermarkTraces } from "../../classifiers/image/provenance/invisible-watermark.ts"
import { paintScene } from "../../src/demo/scenes.ts"
import { seeded } from "../../src/demo/seeded-random.ts"
import type { Signal } from "../../src/model/fingerprint.ts"
import { type WatermarkForm, watermarked } from "../support/dwt-dct-watermark.ts"
import { pngOfPixels } from "../support/image-bytes.ts"

const side = 256
const forms: readonly WatermarkForm[] = ["uint8", "float"]

function bitsOf(text: string): string {
  return [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, "0")).join("")
}

const messages: Record<string, string> = {
  "stable-diffusion-v1": bitsOf("StableDiffusionV1"),
  "stable-diffusion-v2": bitsOf("SDV2"),
  "stable-diffusion-xl": 0xb3ec907bb19en.toString(2),
  flux: BigInt("0b001010101111111010000111100111001111010100101110").toString(2),
}

/** A scene in mist: little colour, as the watermark needs it to come out whole; in strong colours it often does not. */
function misty(name: string, width = side, height = side): Buffer {
  const { rgb } = paintScene(name, width, height, "photo")
  const pixels = Buffer.alloc(rgb.length)
  for (let at = 0; at < rgb.length; at++) {
    const first = at - (at % 3)
    const grey = (rgb[first]! + rgb[first + 1]! + rgb[first + 2]!) / 3
    pixels[at] = 40 + 0.65 * (grey + (rgb[at]! - grey) * 0.1)
  }
  return pixels
}

function signalsOf(rgb: Uint8Array, width = side, height = side): Signal[] {
  return watermarkTraces({ data: Buffer.from(rgb), width, height, channels: 3 }).map(({ signal }) => signal)
}

function named(generator: string): Signal[] {
  return [{ family: "invisible-watermark", strength: "strong", carrier: "pixels:dwtDct", generator }]
}

function inverted(bits: string): string {
  return [...bits].map((bit) => (bit === "1" ? "0" : "1")).join("")
}

test("the messages have the lengths that are in the pictures", () => {
  assert.deepEqual(
    Object.values(messages).map(({ length }) => length),
    [136, 32, 48, 46],
  )
})

for (const [generator, bits] of Object.entries(messages)) {
  for (const form of forms) {
    test(`the watermark of ${generator} on the ${form} lattice is strong and named, upright or turned over`, () => {
      for (const scene of ["mist 1", "mist 2", "mist 3"]) {
        const host = misty(scene)
        assert.deepEqual(signalsOf(watermarked(host, side, side, bits, form)), named(generator), scene)
        assert.deepEqual(signalsOf(watermarked(host, side, side, inverted(bits), form)), named(generator), scene)
      }
    })
  }
}

test("the watermark is found in a PNG, with alpha or without, of any size", async () => {
  const [width, height] = [1021, 347]
  const rgb = watermarked(misty("wide", width, height), width, height, messages.flux!, "float")
  const rgba = Buffer.alloc(width * height * 4, 255)
  for (let at = 0; at < width * height; at++) rgba.set(rgb.subarray(at * 3, at * 3 + 3), at * 4)
  for (const file of [pngOfPixels(rgb, width, height, 3), pngOfPixels(rgba, width, height, 4)]) {
    assert.deepEqual((await examine(new Uint8Array(file))).signals, named("flux"))
  }
})

test("the watermark is found in a lossless WebP; in a lossy one nothing is looked for", async () => {
  const rgb = watermarked(misty("webp"), side, side, messages["stable-diffusion-xl"]!, "float")
  const raw = sharp(rgb, { raw: { width: side, height: side, channels: 3 } })
  const lossless = await raw.clone().webp({ lossless: true, effort: 0 }).toBuffer()
  const lossy = await raw.clone().webp({ quality: 100, effort: 0 }).toBuffer()
  assert.deepEqual((await examine(new Uint8Array(lossless))).signals, named("stable-diffusion-xl"))
  assert.deepEqual((await examine(new Uint8Array(lossy))).signals, [])
})

test("the test's encoder gives the library's own bytes", () => {
  const host = misty("known answer")
  assert.equal(sha256(host), "f95449ebbe3e82d64b6c4ce9d73044d2cee2154082b754e21b6056b9a2567c6f")
  assert.equal(
    sha256(watermarked(host, side, side, messages.flux!, "uint8")),
    "04cc5c6f91b49abb38744f5d21e317d3c86d8ea4e3b44828d4b5924dcf53d203",
  )
  assert.equal(
    sha256(watermarked(host, side, side, messages.flux!, "float")),
    "843e0406f139e722ff43dfcf2e2d8fdbf23610841f9c280a6e6d5dc677dd901d",
  )
})

test("a picture smaller than the encoder takes, and one in grey, have no watermark", () => {
  const [width, height] = [256, 248]
  const marked = watermarked(misty("small", width, height), width, height, messages.flux!, "float")
  assert.deepEqual(signalsOf(marked, width, height), [])
  assert.deepEqual(watermarkTraces({ data: Buffer.alloc(side * side), width: side, height: side, channels: 1 }), [])
})

test("another message of the same library is no signal", () => {
  for (const form of forms) {
    for (const text of ["Garden", "gnome42", "StableGardenGnome", "SDV9"]) {
      assert.deepEqual(signalsOf(watermarked(misty("other"), side, side, bitsOf(text), form)), [], text)
    }
  }
})

test("no plain picture has a watermark: scenes, mist, clouds, stripes, noise, flat colours", () => {
  const pictures: [string, Uint8Array][] = []
  for (let n = 0; n < 24; n++) {
    pictures.push([`scene ${n}`, paintScene(`plain ${n}`, side, side, n % 2 ? "photo" : "drawn").rgb])
    if (n < 12) pictures.push([`mist ${n}`, misty(`plain ${n}`)])
  }
  for (let n = 0; n < 16; n++) {
    const random = seeded("plain", n)
    const wave = Array.from({ length: 6 }, () => random.between(0.002, 0.1))
    const flat = [random.int(0, 255), random.int(0, 255), random.int(0, 255)]
    const period = random.int(2, 40)
    pictures.push([
      `clouds ${n}`,
      drawn((x, y, c) => 128 + 90 * Math.sin(x * wave[c]! + y * wave[5 - c]!) + random.int(-3, 3)),
    ])
    pictures.push([
      `stripes ${n}`,
      drawn((x, y, c) => (Math.floor((x + y * (n & 1)) / period) % 2 ? flat[c]! : 255 - flat[c]!)),
    ])
    pictures.push([`noise ${n}`, drawn(() => random.int(0, 255))])
    pictures.push([`flat ${n}`, drawn((_x, _y, c) => flat[c]!)])
    pictures.push([`noise in the lowest bits ${n}`, drawn((_x, _y, c) => (flat[c]! & 0xfe) | random.int(0, 1))])
  }
  assert.ok(pictures.length >= 60)
  for (const [name, rgb] of pictures) assert.deepEqual(signalsOf(rgb), [], name)
})

function drawn(value: (x: number, y: number, colour: number) => number): Buffer {
  const pixels = Buffer.alloc(side * side * 3)
  for (let at = 0; at < pixels.length; at++) {
    const pixel = Math.floor(at / 3)
    pixels[at] = Math.max(0, Math.min(255, value(pixel % side, Math.floor(pixel / side), at % 3)))
  }
  return pixels
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}
