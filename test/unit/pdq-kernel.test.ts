import assert from "node:assert/strict"
import { test } from "node:test"
import { stepSum, transform } from "../../classifiers/image/hash/block-transform.ts"
import { downsample } from "../../classifiers/image/hash/jarosz-filter.ts"
import { pdqOfLuma, pdqOfPixels } from "../../classifiers/image/hash/pdq.ts"
import { downsamplePixels, transformBlock } from "../../classifiers/image/hash/pdq-kernel.ts"
import { seededRandom } from "../support/seeded-random.ts"

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  blockAt(): number
}

/** Every instance that this process makes: what lies in its memory is seen from outside, as a dump would show it. */
const instances: KernelExports[] = []
const api = (globalThis as unknown as { WebAssembly: { Instance: new (module: object) => { exports: unknown } } })
  .WebAssembly
const Instance = api.Instance
api.Instance = class extends Instance {
  constructor(module: object) {
    super(module)
    instances.push(this.exports as KernelExports)
  }
}

const depths = [1, 3, 4] as const
type Depth = (typeof depths)[number]

/** Luma as the reference takes it: in double precision, rounded to float32 once. */
function lumaOf(pixels: Uint8Array, depth: Depth): Float32Array {
  return Float32Array.from({ length: pixels.length / depth }, (_, at) => {
    if (depth === 1) return pixels[at]!
    const [r, g, b] = [pixels[at * depth]!, pixels[at * depth + 1]!, pixels[at * depth + 2]!]
    return r * 0.299 + g * 0.587 + b * 0.114
  })
}

/** Noise, soft shapes, two levels, and almost flat. */
const textures: readonly ((random: () => number) => (x: number, y: number, channel: number) => number)[] = [
  (random) => () => random() * 256,
  (random) => {
    const [a, b, c] = [random() / 9, random() / 9, random() * 7]
    return (x, y, channel) => 128 + 127 * Math.sin(a * x + b * y + c * channel)
  },
  (random) => {
    const size = 1 + random() * 40
    return (x, y) => ((Math.trunc(x / size) + Math.trunc(y / size)) % 2) * 255
  },
  (random) => (_x, _y, channel) => 200 + channel + (random() < 0.01 ? 1 : 0),
]

function picture(width: number, height: number, depth: Depth, seed: number): Uint8Array<ArrayBuffer> {
  const texture = textures[seed % textures.length]!(seededRandom(seed))
  const pixels = new Uint8Array(width * height * depth)
  for (let at = 0; at < pixels.length; at++) {
    const pixel = Math.trunc(at / depth)
    pixels[at] = texture(pixel % width, Math.trunc(pixel / width), at % depth)
  }
  return pixels
}

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length)

test("the kernel gives TypeScript's block, coefficients and hash bit for bit: 600 pictures of any size, depth and texture", () => {
  const random = seededRandom(5)
  const side = () => Math.trunc(5 * 90 ** random())
  const edges = [5, 7, 63, 64, 65, 127, 128, 129, 256, 257, 384, 385]
  for (let n = 0; n < 600; n++) {
    const [width, height] = n < 144 ? [edges[n % 12]!, edges[Math.trunc(n / 12)]!] : [side(), side()]
    const depth = depths[n % 3]!
    const pixels = picture(width, height, depth, n)
    const luma = lumaOf(pixels, depth)
    const [block, expected] = [new Float32Array(64 * 64), new Float32Array(64 * 64)]
    downsample(width, height, (row, to, at) => to.set(luma.subarray(row * width, (row + 1) * width), at), expected)
    if (width !== 64 || height !== 64) {
      assert.ok(downsamplePixels(pixels, width, height, depth, block))
      assert.deepEqual(bitsOf(block), bitsOf(expected), `block of ${width}×${height}×${depth}`)
    }
    const { coefficients, steps } = transformBlock(expected)
    assert.deepEqual(bitsOf(coefficients), bitsOf(transform(expected)), `coefficients of ${width}×${height}×${depth}`)
    assert.equal(steps, stepSum(expected))
    const hash = pdqOfPixels(pixels, width, height, depth)
    assert.deepEqual(hash, pdqOfLuma(luma, width, height), `${width}×${height}×${depth}`)
  }
})

test("a picture of the block's own size is not filtered, in grey or in colour", () => {
  for (const depth of depths) {
    for (let seed = 0; seed < 12; seed++) {
      const pixels = picture(64, 64, depth, seed)
      assert.equal(downsamplePixels(pixels, 64, 64, depth, new Float32Array(64 * 64)), false)
      assert.deepEqual(pdqOfPixels(pixels, 64, 64, depth), pdqOfLuma(lumaOf(pixels, depth), 64, 64))
    }
  }
})

test("no trace of a picture stays in the kernel's memory", () => {
  pdqOfPixels(picture(500, 300, 3, 0), 500, 300, 3)
  pdqOfPixels(picture(97, 811, 4, 0), 97, 811, 4)
  assert.ok(instances.length > 0)
  for (const { memory, blockAt } of instances) {
    const afterTables = new Uint8Array(memory.buffer, blockAt())
    assert.ok(afterTables.length > 100_000)
    assert.ok(afterTables.every((byte) => byte === 0))
  }
})

test("a kernel that a wide picture made large is wiped and left", () => {
  const wide = 100_000
  pdqOfPixels(picture(wide, 9, 1, 0), wide, 9, 1)
  const grown = instances.find(({ memory }) => memory.buffer.byteLength > 8 << 20)!
  assert.ok(new Uint8Array(grown.memory.buffer, grown.blockAt()).every((byte) => byte === 0))
  pdqOfPixels(picture(200, 100, 1, 0), 200, 100, 1)
  assert.notEqual(instances.at(-1), grown)
  assert.ok(instances.at(-1)!.memory.buffer.byteLength < 1 << 20)
})

test("a picture for which the kernel would need more than 64 MB is hashed in TypeScript, to the same hash", () => {
  const [width, height] = [600_000, 5]
  const pixels = picture(width, height, 1, 0)
  assert.equal(downsamplePixels(pixels, width, height, 1, new Float32Array(64 * 64)), false)
  assert.deepEqual(pdqOfPixels(pixels, width, height, 1), pdqOfLuma(lumaOf(pixels, 1), width, height))
  assert.ok(instances.at(-1)!.memory.buffer.byteLength < 1 << 20)
})
