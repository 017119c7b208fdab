import assert from "node:assert/strict"
import { test } from "node:test"
import { hammingDistance, pdqOfLuma, pdqOfPixels, pdqWithSiblings } from "../../classifiers/image/hash/pdq.ts"
import { type Turn, turns } from "../../src/model/turn.ts"

type Luma = (row: number, column: number) => number

/** Linear congruential generator of the published vectors. */
function noise(seed: number): Luma {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  }
}

/** Checked against the compiled C++ reference: width, height, luma of row i and column j, quality, hash. */
const vectors: [string, number, number, Luma, number, string][] = [
  ["flat", 100, 100, () => 128, 0, "000000002c4b11342c4b2c4b0000554b00002c4b113411342c4b585e2c4b017e"],
  ["noise 64×64", 64, 64, noise(1), 100, "310f1cabcc242ac3ae25fbf5cd39023dead340103a11c336abde3a5bb555f2c5"],
  ["noise 200×150", 200, 150, noise(1), 100, "69d1e8a0de35aec64531845f53354ef5595a06c0bbefef8dacc1b8449646f282"],
  ["noise 333×1000", 333, 1000, noise(7), 100, "5d45fc7eea9083784e9710ce0e763e73fe48341b6bb3d9c815ed21e8418c781c"],
  [
    "ramp",
    512,
    512,
    (i, j) => (3 * i + 5 * j) & 255,
    100,
    "5551088045100880aaaa7fff45105dd55555ffff4510ffff55555dd545105dd5",
  ],
  [
    "quadratic",
    128,
    128,
    (i, j) => (i * i + 3 * j * j + i * j) % 251,
    100,
    "77c5bd90a5cdb42dc525bc4bb5bf2a817149950c9e3d130ddc44e1e6d2c50cf8",
  ],
  [
    "tiles",
    400,
    300,
    (i, j) => ((Math.trunc(i / 17) * 7 + Math.trunc(j / 23) * 13) % 29) * 8,
    100,
    "53c7f9f72b47e646388de7e770b07bffd5b18903ca368910ed40a0009f80b52e",
  ],
  ["smallest", 5, 5, (i, j) => i * 40 + j * 9, 51, "ce736c5bc673398e61d8390e9e2791a564d93d8d93a4c0f13c0fc47394a5d346"],
  ["too small", 9, 4, (i, j) => i + j, 0, "0".repeat(64)],
]

for (const [name, width, height, luma, quality, hash] of vectors) {
  test(`PDQ of the reference vector "${name}" is exact to the bit`, () => {
    const values = new Float32Array(width * height)
    for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) values[i * width + j] = luma(i, j)
    assert.deepEqual(pdqOfLuma(values, width, height), { hash, quality })
    const bytes = Uint8Array.from(values)
    assert.deepEqual(pdqOfPixels(bytes, width, height, 1), { hash, quality })
  })
}

/** The algorithm as the reference writes it down: whole passes over the whole picture. */
function plainFilter(values: Float32Array, width: number, height: number): Float32Array {
  const box = (input: Float32Array, start: number, stride: number, length: number, out: Float32Array) => {
    const window = Math.trunc((length + 127) / 128)
    const half = Math.trunc((window + 2) / 2)
    let [sum, count, right, left, to] = [0, 0, 0, 0, 0]
    const add = () => {
      sum = Math.fround(sum + input[start + right++ * stride]!)
    }
    const subtract = () => {
      sum = Math.fround(sum - input[start + left++ * stride]!)
    }
    const write = () => {
      out[start + to++ * stride] = sum / count
    }
    for (let n = 0; n < half - 1; n++, count++) add()
    for (let n = 0; n < window - half + 1; n++) {
      add()
      count++
      write()
    }
    for (let n = 0; n < length - window; n++) {
      add()
      subtract()
      write()
    }
    for (let n = 0; n < half - 1; n++) {
      subtract()
      count--
      write()
    }
  }
  let [from, to] = [values.slice(), new Float32Array(values.length)]
  for (let pass = 0; pass < 4; pass++) {
    if (pass % 2 === 0) for (let i = 0; i < height; i++) box(from, i * width, 1, width, to)
    else for (let j = 0; j < width; j++) box(from, j, width, height, to)
    ;[from, to] = [to, from]
  }
  const block = new Float32Array(64 * 64)
  for (let i = 0; i < 64; i++) {
    for (let j = 0; j < 64; j++) {
      block[i * 64 + j] = from[Math.trunc(((i + 0.5) * height) / 64) * width + Math.trunc(((j + 0.5) * width) / 64)]!
    }
  }
  return block
}

test("the streaming filter gives the same hash as whole passes, at every size around the window's steps", () => {
  const sizes = [5, 6, 7, 31, 63, 64, 65, 127, 128, 129, 130, 255, 256, 257, 258, 385, 641]
  const next = noise(3)
  for (const [at, width] of sizes.entries()) {
    for (const height of [sizes[(at * 5 + 3) % sizes.length]!, sizes[sizes.length - 1 - at]!, 9]) {
      if (width === 64 && height === 64) continue
      const values = Float32Array.from({ length: width * height }, () => next(0, 0) * 0.9371)
      const block = plainFilter(values, width, height)
      assert.deepEqual(pdqOfLuma(values, width, height), pdqOfLuma(block, 64, 64), `${width}×${height}`)
    }
  }
})

test("luma of RGB weighs 0.299, 0.587 and 0.114 and is rounded to single precision once", () => {
  const [width, height] = [90, 70]
  const next = noise(11)
  const rgb = Uint8Array.from({ length: width * height * 3 }, () => next(0, 0))
  const luma = Float32Array.from({ length: width * height }, (_, at) => {
    const [r, g, b] = [rgb[at * 3]!, rgb[at * 3 + 1]!, rgb[at * 3 + 2]!]
    return r * 0.299 + g * 0.587 + b * 0.114
  })
  assert.deepEqual(pdqOfPixels(rgb, width, height, 3), pdqOfLuma(luma, width, height))
})

/** Where the reference's forms take the pixel of row i and column j from, in a picture of this height and width. */
const turned: Record<Turn, (i: number, j: number, height: number, width: number) => [number, number]> = {
  quarter: (i, j, _height, width) => [j, width - 1 - i],
  half: (i, j, height, width) => [height - 1 - i, width - 1 - j],
  "three-quarter": (i, j, height) => [height - 1 - j, i],
  "flip-x": (i, j, height) => [height - 1 - i, j],
  "flip-y": (i, j, _height, width) => [i, width - 1 - j],
  transpose: (i, j) => [j, i],
  transverse: (i, j, height, width) => [height - 1 - j, width - 1 - i],
}

const allTurns = Object.keys(turned) as Turn[]

for (const [place, form] of allTurns.entries()) {
  test(`the sibling ${form} is the hash of the picture in that form: within a few bits, for its samples lie elsewhere`, () => {
    const [width, height] = [320, 240]
    const next = noise(23)
    const pixels = Uint8Array.from({ length: width * height }, (_, at) => {
      const [x, y] = [at % width, Math.trunc(at / width)]
      const wave = Math.sin(x / 9 + Math.cos(y / 31)) + Math.sin(y / 13 + x / 47) + Math.cos((x * y) / 4000)
      return 128 + 38 * wave + next(0, 0) / 32
    })
    const { transposed } = turns[form]
    const [across, down] = transposed ? [height, width] : [width, height]
    const other = Uint8Array.from({ length: width * height }, (_, at) => {
      const [row, column] = turned[form](Math.trunc(at / across), at % across, height, width)
      return pixels[row * width + column]!
    })
    const { hash, quality, siblings } = pdqWithSiblings(pixels, width, height, 1)
    assert.deepEqual({ hash, quality }, pdqOfPixels(pixels, width, height, 1))
    assert.ok(quality >= 50)
    const expected = pdqOfPixels(other, across, down, 1).hash
    const distances = siblings.map((sibling) => hammingDistance(sibling, expected))
    assert.ok(distances[place]! <= 22, `${distances}`)
    for (const [at, distance] of distances.entries()) assert.ok(at === place || distance > 60, `${distances}`)
    assert.ok(hammingDistance(hash, expected) > 60)
  })
}

test("siblings are exact where no sample is taken: the hashes of a turned picture of 64 × 64, but for what rounding moves", () => {
  const next = noise(5)
  const pixels = Uint8Array.from({ length: 64 * 64 }, () => next(0, 0))
  const { siblings } = pdqWithSiblings(pixels, 64, 64, 1)
  for (const [place, form] of allTurns.entries()) {
    const other = Uint8Array.from({ length: 64 * 64 }, (_, at) => {
      const [row, column] = turned[form](at >> 6, at & 63, 64, 64)
      return pixels[row * 64 + column]!
    })
    assert.ok(hammingDistance(siblings[place]!, pdqOfPixels(other, 64, 64, 1).hash) <= 2, form)
  }
})

test("a grey picture has one hash, in one channel, in three, or in four", () => {
  for (const [width, height] of [
    [32, 32],
    [64, 64],
    [333, 129],
  ] as const) {
    // biome-ignore format: pairs
    const grey = Uint8Array.from({ length: width * height }, (_, at) => ((at % width) * 3 + Math.trunc(at / width) * 5) & 255)
    const { hash } = pdqOfPixels(grey, width, height, 1)
    for (const channels of [3, 4] as const) {
      const wide = Uint8Array.from({ length: grey.length * channels }, (_, at) => grey[Math.trunc(at / channels)]!)
      assert.equal(pdqOfPixels(wide, width, height, channels).hash, hash)
    }
  }
})

type Colours = (x: number, y: number) => [number, number, number]

/** So regular that rounding decides their bits; hashed by PyPI's pdqhash 0.2.8, which is ThreatExchange's C++. */
const regular: [string, number, number, Colours, number, string][] = [
  [
    "corners",
    32,
    32,
    (x, y) => [255 - x * 8, 255 - y * 8, (x * y) & 255],
    35,
    "68aad34aa5504ad595b5292553696ecb992a73568ea5384dc3991c73e1c71f3e",
  ],
  [
    "bars",
    96,
    64,
    (x, y) => [((x >> 3) * 21) & 255, ((y >> 3) * 31) & 255, (((x >> 3) + (y >> 3)) * 17) & 255],
    58,
    "f46525b5db5a2ca952d5ad6a52a6a5555a835aaaad595295ad2ad35624a5da4a",
  ],
  [
    "board",
    300,
    200,
    (x, y) => ((Math.trunc(x / 25) + Math.trunc(y / 25)) % 2 ? [250, 40, 10] : [5, 60, 200]),
    100,
    "855fa55f857f05dd0fdd055507d78f57522a50a88f5ff00a8777f028855d7080",
  ],
  [
    "ramp",
    512,
    384,
    (x, y) => [(3 * x + 5 * y) & 255, (x + y) & 255, (7 * x + y) & 255],
    100,
    "5808f2aae7ff808022aa7fff580872aa27ff5580f72a7a7705587f7245055455",
  ],
]

for (const [name, width, height, colours, quality, hash] of regular) {
  test(`PDQ of the regular colours "${name}" is the reference's to the bit`, () => {
    const rgb = new Uint8Array(width * height * 3)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgb.set(colours(x, y), (y * width + x) * 3)
    assert.deepEqual(pdqOfPixels(rgb, width, height, 3), { hash, quality })
  })
}

test("siblings are the reference's dihedral hashes to the bit", () => {
  const next = noise(1)
  const pixels = Uint8Array.from({ length: 200 * 150 }, () => next(0, 0))
  assert.deepEqual(pdqWithSiblings(pixels, 200, 150, 1).siblings, [
    "743f946e903ddd58f1bcd6b53373754fd1796a556920527f0490c9cd048350c7",
    "7cc4e20a9b60866e10642ef74670e47f0c0fac6aeebb4d27f99692eec31378a8",
    "216a3ec4856857f2a4e9680f6626dfe5842c40bb3c75f8d551c5626741d6fa6d",
    "2991175fce35513945317ba05305b10a595af93fbbe51072acc147bf96460d7d",
    "7c849df58b60ff911064d50a06501ba40c0f53d5eeb0bed8f994ed55c313a7d7",
    "743feb91d03d22a7f1bc3d5a33738ab0d17995ee6b20af8004b0373614a3af38",
    "716ec33bc569a80da4f997f07626201a842dbf443f75072a51e59d9c55fe05b2",
  ])
})

test("the distance of two hashes is the number of bits that differ", () => {
  assert.equal(hammingDistance("0".repeat(64), "f".repeat(64)), 256)
  assert.equal(hammingDistance(`8${"0".repeat(63)}`, `${"0".repeat(63)}1`), 2)
  assert.equal(hammingDistance(vectors[1]![5], vectors[1]![5]), 0)
  assert.throws(() => hammingDistance("00", "00"), RangeError)
})
