import assert from "node:assert/strict"
import { before, describe, test } from "node:test"
import sharp from "sharp"
import { hammingDistance, type Pdq, pdqOfPixels } from "../../classifiers/image/hash/pdq.ts"
import { planForum } from "../../src/demo/forum-plan.ts"
import { canaryOf, makePictures } from "../../src/demo/pictures.ts"

const forum = planForum(20261123)
/** Every third picture with its reposts: enough to show the properties, and the whole demo is run elsewhere. */
const plan = { seed: forum.seed, images: forum.images.filter(({ family }) => Number(family.slice(-3)) % 3 === 0) }

async function pixelsOf(bytes: Uint8Array, size?: readonly [number, number]): Promise<Pixels> {
  const image = sharp(bytes).removeAlpha()
  if (size) image.resize(...size, { fit: "fill" })
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

interface Pixels {
  readonly data: Buffer
  readonly width: number
  readonly height: number
}

async function pdqOf(bytes: Uint8Array, size?: readonly [number, number]): Promise<Pdq> {
  const { data, width, height } = await pixelsOf(bytes, size)
  return pdqOfPixels(data, width, height, 3)
}

describe("the pictures of the demo forum", () => {
  let pictures: Map<string, Uint8Array>
  const bytesOf = (name: string) => Buffer.from(pictures.get(name)!)

  before(async () => {
    pictures = await makePictures(plan)
  })

  test("have the planned formats and sizes, and 400 of them weigh less than 40 MB", async () => {
    assert.deepEqual([...pictures.keys()].sort(), plan.images.map(({ name }) => name).sort())
    const total = [...pictures.values()].reduce((sum, bytes) => sum + bytes.length, 0)
    assert.ok((total * forum.images.length) / plan.images.length < 40_000_000, `${total} bytes`)
    for (const { name, format, width, height } of plan.images) {
      const found = await sharp(bytesOf(name)).metadata()
      assert.deepEqual([found.format, found.width, found.height], [format, width, height], name)
    }
  })

  test("all carry their canary as bytes of the file", () => {
    for (const { name } of plan.images) assert.ok(bytesOf(name).includes(canaryOf(name)), name)
    assert.equal(new Set(forum.images.map(({ name }) => canaryOf(name))).size, 380)
  })

  test("carry their canary in 64 or more pixels where the file is lossless", async () => {
    for (const { name } of plan.images.filter(({ lossless }) => lossless)) {
      const { data } = await pixelsOf(bytesOf(name))
      assert.ok(data.includes(canaryOf(name).repeat(6)), name)
    }
  })

  test("come byte by byte again where the plan says copy, and nowhere else", () => {
    const files = Map.groupBy(plan.images, ({ name }) => bytesOf(name).toString("latin1"))
    assert.equal(files.size, plan.images.filter(({ role }) => role !== "copy").length)
    for (const { role, source, name } of plan.images) {
      if (role === "copy") assert.ok(bytesOf(name).equals(bytesOf(source!)), name)
    }
  })

  test("are near to their original where they are reposts: at most 20 of 256 bits", async () => {
    for (const { name, source } of plan.images.filter(({ role }) => role === "reencoded")) {
      const [own, first] = await Promise.all([name, source!].map((file) => pdqOf(bytesOf(file))))
      assert.ok(own!.quality >= 60, name)
      assert.ok(hammingDistance(own!.hash, first!.hash) <= 20, name)
    }
  })

  test("differ in more than 60 bits from every other picture, and all hash well", async () => {
    // Small copies hash within a few bits of the full picture and in a tenth of the time; the gap to be shown is far wider.
    const originals = plan.images.filter(({ role }) => role === "original")
    const hashes = await Promise.all(originals.map(({ name }) => pdqOf(bytesOf(name), [256, 192])))
    assert.ok(hashes.length > 100)
    for (const { quality } of hashes) assert.ok(quality >= 60)
    const nearest = hashes.map(({ hash }, i) =>
      Math.min(256, ...hashes.slice(0, i).map((other) => hammingDistance(hash, other.hash))),
    )
    assert.ok(Math.min(...nearest) > 60, `${Math.min(...nearest)}`)
  })
})

test("the same plan makes the same bytes, whatever is in work at once", async () => {
  const some = { seed: plan.seed, images: plan.images.filter(({ source }) => source === undefined).slice(0, 12) }
  const seen: number[] = []
  const one = await makePictures(some, { concurrency: 1, onProgress: (made, total) => seen.push(made / total) })
  const four = await makePictures(some, { concurrency: 4 })
  assert.deepEqual(one, new Map([...four].sort(([a], [b]) => [...one.keys()].indexOf(a) - [...one.keys()].indexOf(b))))
  assert.equal(seen.length, 12)
  assert.equal(seen.at(-1), 1)
})
