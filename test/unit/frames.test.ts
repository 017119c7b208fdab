import assert from "node:assert/strict"
import { test } from "node:test"
import sharp from "sharp"
import Type from "typebox"
import Value from "typebox/value"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { examine } from "../../classifiers/image/examine.ts"
import { defaultDecodeLimits } from "../../classifiers/image/examiner-limits.ts"
import { decodeFrames, evenlySpaced } from "../../classifiers/image/frames.ts"
import { hammingDistance, pdqOfPixels } from "../../classifiers/image/hash/pdq.ts"
import { type Examination, examinationShape } from "../../src/model/fingerprint.ts"
import { type ApngPart, apng, png, webp } from "../support/image-bytes.ts"
import { seededRandom } from "../support/seeded-random.ts"

const [width, height, count] = [160, 120, 20]
const schema = Type.Object(examinationShape, { additionalProperties: false })

/** RGB of a field of soft hills; every seed gives another one. */
function field(seed: number, across = width, down = height): Uint8Array {
  const random = seededRandom(seed + 1)
  const waves = Array.from({ length: 5 }, () => [random() / 3, random() / 3, random() * 6, 30 + random() * 30] as const)
  return Uint8Array.from({ length: across * down * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3)
    const [x, y] = [pixel % across, Math.floor(pixel / across)]
    return (
      128 + waves.reduce((sum, [a, b, shift, size]) => sum + size * Math.sin(a * x + b * y + shift + (at % 3)), 0) / 2
    )
  })
}

const fields = Array.from({ length: count }, (_, frame) => field(frame))
const roll = Buffer.concat(fields)
const film = () => sharp(roll, { raw: { width, height: height * count, channels: 3, pageHeight: height } })
const hashOf = (pixels: Uint8Array, channels: 3 | 4 = 3) => pdqOfPixels(pixels, width, height, channels)

async function examined(content: Uint8Array, limits = defaultDecodeLimits): Promise<Examination> {
  const result = await examine(new Uint8Array(content), limits)
  assert.ok(Value.Check(schema, result), JSON.stringify(result))
  return result
}

const lossless: Record<string, () => Promise<Buffer>> = {
  webp: () => film().webp({ lossless: true }).toBuffer(),
  tiff: () => film().tiff({ compression: "deflate" }).toBuffer(),
}
for (const [format, make] of Object.entries(lossless)) {
  test(`the first of ${count} frames of a ${format.toUpperCase()} and seven more, evenly spaced, have the hash of their pixels`, async () => {
    const result = await examined(await make())
    assert.deepEqual([result.format, result.width, result.height], [format, width, height])
    assert.deepEqual([result.frameCount, result.pdq], [count, hashOf(fields[0]!).hash])
    const expected = [3, 5, 8, 11, 14, 16, 19].map((index) => {
      const { hash, quality } = hashOf(fields[index]!)
      return { index, pdq: hash, pdqQuality: quality }
    })
    assert.deepEqual(result.frames, expected)
  })
}

test("frames of a GIF are hashed as they are shown, each over those before it", async () => {
  const bytes = await film().gif().toBuffer()
  const all = await sharp(bytes, { pages: -1 }).removeAlpha().raw().toBuffer()
  const shownAt = (index: number) => all.subarray(index * width * height * 3, (index + 1) * width * height * 3)
  const { frames, frameCount, pdq } = await examined(bytes)
  assert.deepEqual([frameCount, pdq], [count, hashOf(shownAt(0)).hash])
  assert.deepEqual(
    frames!.map(({ index, pdq: hash }) => [index, hash]),
    [3, 5, 8, 11, 14, 16, 19].map((index) => [index, hashOf(shownAt(index)).hash]),
  )
})

test("a GIF's first frame is hashed in its palette's colours, also where they are declared transparent", async () => {
  const opaque = await sharp(field(4, 90, 70), { raw: { width: 90, height: 70, channels: 3 } })
    .gif()
    .toBuffer()
  const { pdq } = await examined(opaque)
  const control = opaque.indexOf(Buffer.from([0x21, 0xf9, 0x04]))
  assert.ok(control > 0 && (opaque[control + 3]! & 1) === 0)
  for (let colour = 0; colour < 8; colour++) {
    const transparent = Buffer.from(opaque)
    transparent[control + 3]! |= 1
    transparent[control + 6] = colour
    const result = await examined(transparent)
    assert.deepEqual([result.pdq, result.error], [pdq, undefined])
    assert.notEqual(result.sha256, (await examined(opaque)).sha256)
  }
})

test("pages of a TIFF may differ in size, and a damaged one costs itself alone", async () => {
  const pages = [field(1, 64, 200), field(2, 300, 50), field(3, 90, 90)]
  const sizes = [[64, 200], [300, 50], [90, 90]] as const // biome-ignore format: pairs
  const files = await Promise.all(
    pages.map((pixels, at) =>
      sharp(pixels, { raw: { width: sizes[at]![0], height: sizes[at]![1], channels: 3 } })
        .tiff({ compression: "none" })
        .toBuffer(),
    ),
  )
  const joined = joinTiffs(files)
  const whole = await examined(joined)
  assert.equal(whole.frameCount, 3)
  const hashes = pages.map((pixels, at) => pdqOfPixels(pixels, sizes[at]![0], sizes[at]![1], 3).hash)
  assert.deepEqual([whole.pdq, ...whole.frames!.map(({ pdq }) => pdq)], hashes)
  // The second page's directory says compression 9999.
  const damaged = Buffer.from(joined)
  const second = directories(damaged)[1]!
  for (let entry = second + 2; ; entry += 12) {
    if (damaged.readUInt16LE(entry) !== 259) continue
    damaged.writeUInt16LE(9999, entry + 8)
    break
  }
  const result = await examined(damaged)
  assert.deepEqual([result.frameCount, result.pdq], [3, hashes[0]])
  assert.deepEqual(
    result.frames!.map(({ index, pdq }) => [index, pdq]),
    [[2, hashes[2]]],
  )
})

/** Little-endian TIFF files behind one another: places moved, each directory pointing to the next. */
function joinTiffs(files: readonly Buffer[]): Buffer {
  const parts: Buffer[] = []
  let length = 0
  for (const file of files) {
    const own = Buffer.from(file)
    const at = own.readUInt32LE(4)
    const entries = own.readUInt16LE(at)
    const sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]
    for (let entry = at + 2; entry < at + 2 + entries * 12; entry += 12) {
      const [tag, type, number] = [own.readUInt16LE(entry), own.readUInt16LE(entry + 2), own.readUInt32LE(entry + 4)]
      const outside = sizes[type]! * number > 4
      if (tag === 273) {
        const strips = outside ? own.readUInt32LE(entry + 8) : entry + 8
        for (let strip = 0; strip < number; strip++) {
          own.writeUInt32LE(own.readUInt32LE(strips + strip * 4) + length, strips + strip * 4)
        }
      }
      if (outside) own.writeUInt32LE(own.readUInt32LE(entry + 8) + length, entry + 8)
    }
    if (parts.length > 0) {
      const last = parts.at(-1)!
      const lastAt = directories(Buffer.concat(parts)).at(-1)! - (length - last.length)
      last.writeUInt32LE(at + length, lastAt + 2 + last.readUInt16LE(lastAt) * 12)
    }
    parts.push(own)
    length += own.length
  }
  return Buffer.concat(parts)
}

function directories(file: Buffer): number[] {
  const found: number[] = []
  for (let at = file.readUInt32LE(4); at !== 0; at = file.readUInt32LE(at + 2 + file.readUInt16LE(at) * 12)) {
    found.push(at)
  }
  return found
}

/** RGBA of a seed's field; alpha in stripes from clear to opaque where asked for. */
function painted(seed: number, across: number, down: number, clear: boolean): Uint8Array {
  const rgb = field(seed, across, down)
  return Uint8Array.from({ length: across * down * 4 }, (_, at) => {
    const pixel = at >> 2
    if (at % 4 < 3) return rgb[pixel * 3 + (at % 4)]!
    return clear ? Math.min(255, (pixel % across) * 8) : 255
  })
}

const parts: ApngPart[] = [
  { x: 0, y: 0, width, height, pixels: painted(1, width, height, false) },
  { x: 40, y: 30, width: 100, height: 80, blend: 1, dispose: 2, pixels: painted(2, 100, 80, true) },
  { x: 10, y: 0, width: 90, height: 100, blend: 1, dispose: 1, pixels: painted(3, 90, 100, true) },
  { x: 0, y: 60, width: 160, height: 60, blend: 0, pixels: painted(4, 160, 60, true) },
  { x: 0, y: 0, width: 60, height: 60, blend: 1, pixels: painted(5, 60, 60, false) },
]

/** What the PNG specification says is shown, a picture at a time, in fractions. */
function shown(): Uint8Array[] {
  let canvas = new Float64Array(width * height * 4)
  return parts.map(({ x, y, width: across, height: down, dispose, blend, pixels }) => {
    const before = canvas.slice()
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        const from = (row * across + column) * 4
        const to = ((y + row) * width + x + column) * 4
        const above = blend ? pixels[from + 3]! / 255 : 1
        const below = (canvas[to + 3]! / 255) * (1 - above)
        for (let colour = 0; colour < 3; colour++) {
          const mixed = pixels[from + colour]! * above + canvas[to + colour]! * below
          if (above + below > 0) canvas[to + colour] = Math.round(mixed / (above + below))
        }
        canvas[to + 3] = blend ? Math.round((above + below) * 255) : pixels[from + 3]!
      }
    }
    const picture = Uint8Array.from(canvas)
    if (dispose === 2) canvas = before
    if (dispose === 1) {
      for (let row = y; row < y + down; row++) canvas.fill(0, (row * width + x) * 4, (row * width + x + across) * 4)
    }
    return picture
  })
}

test("frames of an animated PNG are put together as the specification says: placed, blended, cleared, restored", async () => {
  const result = await examined(apng(width, height, parts))
  const expected = shown().map((pixels) => hashOf(pixels, 4))
  assert.deepEqual([result.frameCount, result.pdq], [5, expected[0]!.hash])
  assert.deepEqual(
    result.frames!.map(({ index }) => index),
    [1, 2, 3, 4],
  )
  for (const { index, pdq, pdqQuality } of result.frames!) {
    assert.ok(hammingDistance(pdq, expected[index]!.hash) <= 2, `frame ${index}`)
    assert.ok(pdqQuality >= 50)
  }
})

test("a PNG's picture for readers without animations is the first, before the frames", async () => {
  const apart = painted(9, width, height, false)
  const result = await examined(apng(width, height, parts.slice(0, 2), apart))
  assert.deepEqual([result.frameCount, result.pdq], [3, hashOf(apart, 4).hash])
  assert.equal(result.frames![0]!.pdq, hashOf(parts[0]!.pixels, 4).hash)
})

test("an animated PNG that lies about its frames gives those before the lie, and the first picture in any case", async () => {
  const outside: ApngPart = { x: 1, y: 0, width, height, pixels: painted(2, width, height, false) }
  const result = await examined(apng(width, height, [...parts.slice(0, 2), outside, parts[3]!]))
  assert.deepEqual([result.error, result.frames!.map(({ index }) => index)], [undefined, [1]])
  const huge = Buffer.from(apng(width, height, parts))
  huge.writeUInt32BE(0xfffffff0, huge.indexOf("fcTL", huge.indexOf("fdAT")) + 8)
  assert.equal((await examined(huge)).pdq, hashOf(parts[0]!.pixels, 4).hash)
})

test("a still picture has no frames", async () => {
  for (const still of [
    png(),
    await sharp(png({ width: 70, height: 70 }))
      .gif()
      .toBuffer(),
  ]) {
    const { frames, frameCount } = await examined(still)
    assert.deepEqual([frames, frameCount], [undefined, undefined])
  }
})

test("a cut animation has the hashes of what is there", async () => {
  const whole = await film().webp({ lossless: true }).toBuffer()
  const result = await examined(whole.subarray(0, whole.length >> 1))
  assert.ok(result.error === "image_truncated" || result.frames!.length < 7, JSON.stringify(result))
})

test("frames are chosen evenly, the last among them", () => {
  assert.deepEqual(evenlySpaced(1, 7), [])
  assert.deepEqual(evenlySpaced(4, 7), [1, 2, 3])
  assert.deepEqual(evenlySpaced(101, 4), [25, 50, 75, 100])
  for (let all = 2; all < 300; all++) {
    const chosen = evenlySpaced(all, 7)
    assert.equal(new Set(chosen).size, Math.min(7, all - 1))
    assert.deepEqual([chosen.at(-1), chosen[0]! >= 1], [all - 1, true])
  }
})

test("frames lie within the limit of pixels together with those before them", async () => {
  const bytes = await film().webp({ lossless: true }).toBuffer()
  const { frames, frameCount } = await examined(bytes, { ...defaultDecodeLimits, maxPixels: width * height * 5.5 })
  assert.deepEqual([frameCount, frames!.map(({ index }) => index)], [count, [1, 2, 3, 4]])
})

test("an animation that claims a million frames costs no more than what is there", async () => {
  const empty = Buffer.alloc(16)
  const claimed = webp(Array.from({ length: 30_000 }, () => ["ANMF", empty] as const))
  const began = performance.now()
  const result = await examined(claimed)
  assert.ok(result.error !== undefined && result.frames === undefined)
  assert.ok(performance.now() - began < 5_000)
})

test("no pixel of a frame is left when the next one is asked for", async () => {
  for (const bytes of [await film().webp({ lossless: true }).toBuffer(), apng(width, height, parts)]) {
    const held: Uint8Array[] = []
    for await (const { pixels } of decodeFrames(bytes, readMetadata(bytes), defaultDecodeLimits)) {
      for (const earlier of held) if (earlier !== pixels.data) assert.ok(earlier.every((byte) => byte === 0))
      assert.ok(pixels.data.some((byte) => byte !== 0))
      held.push(pixels.data)
    }
    assert.ok(held.length >= 4 && held.every((data) => data.every((byte) => byte === 0)))
  }
})

test("an AVIF still is hashed; JPEG XL and a HEIC without a decoder keep digests, size and the reason", async () => {
  const avif = await sharp(fields[0]!, { raw: { width, height, channels: 3 } })
    .avif({ lossless: true })
    .toBuffer()
  const decoded = await examined(avif)
  assert.deepEqual([decoded.format, decoded.width, decoded.height, decoded.error], ["avif", width, height, undefined])
  assert.equal(decoded.pdq, hashOf(fields[0]!).hash)

  // The same boxes under the brand and item type of HEVC, which no decoder here reads.
  const heic = Buffer.from(
    Buffer.from(avif)
      .toString("latin1")
      .replaceAll("avif", "heic")
      .replaceAll("av01", "hvc1")
      .replaceAll("av1C", "hvcC"),
    "latin1",
  )
  const closed = await examined(heic)
  assert.deepEqual([closed.format, closed.width, closed.height], ["heic", width, height])
  assert.deepEqual([closed.error, closed.pdq, closed.sha256.length], ["image_undecodable", undefined, 64])

  // Signature, then the size header's bits: small, height 120, ratio 4:3.
  const jxl = Buffer.concat([Buffer.from([0xff, 0x0a, 0b11011101 & 0xff, 0]), Buffer.alloc(20)])
  const unread = await examined(jxl)
  assert.deepEqual([unread.format, unread.error, unread.pdq], ["jxl", "image_undecodable", undefined])
  assert.ok(unread.width! > 0 && unread.height! > 0)
})
