import { type Colour, type Point, packed, Raster } from "./raster.ts"
import { type Seeded, seeded } from "./seeded-random.ts"

/** How a scene is finished: `drawn` is flat and packs well without loss, `photo` has grain like a camera's picture. */
type Finish = "drawn" | "photo"

/** 8-bit RGB, row by row. */
interface Scene {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/**
 * A landscape with garden gnomes, made of simple shapes: the same scene name gives the same picture at any size.
 * Scenes differ in their large forms, not just in colour, because the perceptual hash only sees large forms.
 */
export function paintScene(scene: string, width: number, height: number, finish: Finish): Scene {
  const random = seeded("scene", scene)
  const picture = new Raster(width, height)
  sky(picture, random)
  const layers = random.int(2, 5)
  const horizon = random.between(0.15, 0.7)
  for (let layer = 0; layer < layers; layer++) {
    const top = horizon + ((1 - horizon) * layer) / layers + random.between(-0.06, 0.06)
    hills(picture, random, top)
    const things = random.int(1, 4)
    for (let i = 0; i < things; i++) thing(picture, random, top + random.between(0.02, 0.25))
  }
  const gnomes = random.int(1, 3)
  for (let i = 0; i < gnomes; i++) gnome(picture, random, random.between(0.6, 1.02), random.between(0.25, 0.75))
  const rgb = lit(picture, random)
  if (finish === "photo") grain(rgb, random)
  return { width, height, rgb }
}

/** A colour of a given lightness; greens, earths, blues and dusk tones. */
function tone(random: Seeded, lightness: number): Colour {
  const tints: readonly Colour[] = [
    [0.75, 1.15, 0.6],
    [1.15, 1, 0.7],
    [0.8, 1, 1.25],
    [1.2, 0.85, 0.8],
    [1, 1, 1],
  ]
  const [red, green, blue] = random.pick(tints)
  return [bounded(lightness * red), bounded(lightness * green), bounded(lightness * blue)]
}

function bounded(value: number): number {
  return Math.max(4, Math.min(251, Math.round(value)))
}

function sky(picture: Raster, random: Seeded): void {
  const { width, height } = picture
  const high = tone(random, random.between(50, 240))
  const low = tone(random, random.between(50, 240))
  const bands = random.int(6, 24)
  for (let y = 0; y < height; y++) {
    const share = Math.floor((y / height) * bands) / bands
    const mixed: Colour = [mix(high[0], low[0], share), mix(high[1], low[1], share), mix(high[2], low[2], share)]
    picture.span(y, 0, width, mixed)
  }
  const discs = random.int(0, 2)
  for (let i = 0; i < discs; i++) {
    const radius = random.between(0.05, 0.22) * height
    const x = random.float() * width
    const y = random.between(0.05, 0.5) * height
    picture.ellipse(x, y, radius * 1.3, radius * 1.3, tone(random, random.between(120, 230)))
    picture.ellipse(x, y, radius, radius, tone(random, random.pick([40, 245])))
  }
  const clouds = random.int(0, 5)
  for (let i = 0; i < clouds; i++) {
    const colour = tone(random, random.between(40, 250))
    const x = random.float() * width
    const y = random.between(0, 0.6) * height
    for (let puff = random.int(2, 5); puff > 0; puff--) {
      const across = random.between(0.05, 0.2) * width
      picture.ellipse(x + random.between(-0.15, 0.15) * width, y, across, across * random.between(0.2, 0.6), colour)
    }
  }
}

function mix(from: number, to: number, share: number): number {
  return Math.round(from + (to - from) * share)
}

/** A ridge: a few waves of random length and phase over a slope, in one tone with stripes of fields below it. */
function hills(picture: Raster, random: Seeded, top: number): void {
  const { width, height } = picture
  const base = tone(random, random.between(25, 225))
  const field = tone(random, random.between(25, 225))
  const stripes = random.chance(0.5) ? random.int(3, 9) : 0
  const tilt = random.between(-0.35, 0.35)
  const waves = Array.from({ length: 4 }, (_, i) => ({
    rate: random.between(0.6, 1.6) * 2 ** i,
    phase: random.between(0, 6.28),
    size: random.between(0.02, 0.16) / 1.5 ** i,
  }))
  const ridge = Int32Array.from({ length: width }, (_, x) => {
    const u = x / width
    return (
      waves.reduce((y, wave) => y + wave.size * Math.sin(wave.rate * u * 6.28 + wave.phase), top + tilt * (u - 0.5)) *
      height
    )
  })
  const fieldEvery = stripes > 0 ? height / (2 * stripes) : Number.POSITIVE_INFINITY
  const ground = packed(base)
  const strip = packed(field)
  const { pixels } = picture
  for (let y = Math.max(0, Math.min(...ridge)); y < height; y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const below = y - ridge[x]!
      if (below >= 0) pixels[at] = ((below / fieldEvery) & 1) === 1 ? strip : ground
    }
  }
}

/** Something standing in the landscape: a fir, a round tree, a rock, a pond, a hut or a fence. */
function thing(picture: Raster, random: Seeded, foot: number): void {
  const { width, height } = picture
  const x = random.float() * width
  const y = foot * height
  const size = random.between(0.08, 0.4) * height
  const dark = tone(random, random.between(15, 120))
  const pale = tone(random, random.between(110, 240))
  switch (random.pick(["fir", "tree", "rock", "pond", "hut", "fence"] as const)) {
    case "fir":
      picture.polygon(box(x, y, size * 0.1, size * 0.3), dark)
      for (let tier = 0; tier < 3; tier++) {
        const at = y - size * (0.2 + tier * 0.28)
        picture.polygon(
          [
            [x - size * (0.4 - tier * 0.1), at],
            [x + size * (0.4 - tier * 0.1), at],
            [x, at - size * 0.45],
          ],
          pale,
        )
      }
      break
    case "tree":
      picture.polygon(box(x, y, size * 0.12, size * 0.6), dark)
      for (let i = 0; i < 3; i++) {
        const crown = random.between(0.2, 0.35) * size
        picture.ellipse(x + random.between(-0.2, 0.2) * size, y - size * random.between(0.6, 0.95), crown, crown, pale)
      }
      break
    case "rock":
      picture.ellipse(x, y, size * 0.7, size * random.between(0.25, 0.6), dark)
      picture.ellipse(x - size * 0.12, y - size * 0.1, size * 0.4, size * 0.18, pale)
      break
    case "pond":
      picture.ellipse(x, y, size * 1.3, size * 0.35, pale)
      picture.ellipse(x, y, size * 1.1, size * 0.26, dark)
      break
    case "hut":
      picture.polygon(box(x, y, size * 0.8, size * 0.5), pale)
      picture.polygon(
        [
          [x - size * 0.5, y - size * 0.5],
          [x + size * 0.5, y - size * 0.5],
          [x, y - size],
        ],
        dark,
      )
      picture.polygon(box(x + size * 0.15, y, size * 0.18, size * 0.32), dark)
      break
    case "fence":
      for (let post = -3; post <= 3; post++)
        picture.polygon(box(x + post * size * 0.3, y, size * 0.08, size * 0.4), pale)
      picture.polygon(box(x, y - size * 0.22, size * 1.9, size * 0.07), pale)
      break
  }
}

/** Corners of a rectangle standing on its middle foot point. */
function box(x: number, y: number, width: number, height: number): Point[] {
  return [
    [x - width / 2, y],
    [x + width / 2, y],
    [x + width / 2, y - height],
    [x - width / 2, y - height],
  ]
}

function gnome(picture: Raster, random: Seeded, foot: number, share: number): void {
  const x = random.between(0.05, 0.95) * picture.width
  const y = foot * picture.height
  const size = share * picture.height
  const lean = random.between(-0.15, 0.15) * size
  const coat = tone(random, random.between(20, 200))
  const hat: Colour = random.pick<Colour>([
    [190, 30, 30],
    [40, 70, 170],
    [40, 120, 50],
    [230, 190, 40],
    [90, 40, 110],
  ])
  picture.ellipse(x - size * 0.12, y, size * 0.13, size * 0.06, [30, 24, 20])
  picture.ellipse(x + size * 0.12, y, size * 0.13, size * 0.06, [30, 24, 20])
  picture.polygon(
    [
      [x - size * 0.26, y],
      [x + size * 0.26, y],
      [x + size * 0.14, y - size * 0.45],
      [x - size * 0.14, y - size * 0.45],
    ],
    coat,
  )
  picture.ellipse(x, y - size * 0.52, size * 0.15, size * 0.14, [228, 182, 150])
  picture.polygon(
    [
      [x - size * 0.16, y - size * 0.5],
      [x + size * 0.16, y - size * 0.5],
      [x, y - size * 0.18],
    ],
    [244, 240, 232],
  )
  picture.ellipse(x, y - size * 0.5, size * 0.035, size * 0.035, [210, 130, 110])
  picture.polygon(
    [
      [x - size * 0.18, y - size * 0.58],
      [x + size * 0.18, y - size * 0.58],
      [x + lean, y - size],
    ],
    hat,
  )
}

/** The pixels under broad light and shade, in steps so that areas stay flat. */
function lit(picture: Raster, random: Seeded): Uint8Array {
  const { width, height, pixels } = picture
  const rgb = new Uint8Array(width * height * 3)
  const columns = random.int(3, 7)
  const rows = random.int(3, 6)
  const steps = random.int(4, 7)
  const depth = random.between(0.5, 0.9)
  const grid = Float64Array.from({ length: (columns + 1) * (rows + 1) }, () => random.float())
  // What each step makes of each channel value: a look-up costs less than a product and a bound for every byte.
  const levels = Uint8Array.from({ length: (steps + 1) * 256 }, (_, i) =>
    Math.min(251, (i & 255) * (1 - depth / 2 + (depth * (i >> 8)) / (steps - 1))),
  )
  const columnOf = Uint8Array.from({ length: width }, (_, x) => (x / width) * columns)
  const rightOf = Float64Array.from({ length: width }, (_, x) => smooth((x / width) * columns - columnOf[x]!))
  const nodes = new Float64Array(columns + 1)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y / height) * rows)
    const down = smooth((y / height) * rows - row)
    for (let i = 0; i <= columns; i++) {
      const above = grid[row * (columns + 1) + i]!
      nodes[i] = above + (grid[(row + 1) * (columns + 1) + i]! - above) * down
    }
    for (let x = 0, pixel = y * width, at = pixel * 3; x < width; x++, pixel++, at += 3) {
      const left = nodes[columnOf[x]!]!
      const table = ((left + (nodes[columnOf[x]! + 1]! - left) * rightOf[x]!) * steps) << 8
      const colour = pixels[pixel]!
      rgb[at] = levels[table + (colour & 255)]!
      rgb[at + 1] = levels[table + ((colour >> 8) & 255)]!
      rgb[at + 2] = levels[table + (colour >> 16)]!
    }
  }
  return rgb
}

function smooth(share: number): number {
  return share * share * (3 - 2 * share)
}

/** Fine noise, from one multiplication a pixel: a call of the generator for each would cost more than the scene. */
function grain(bytes: Uint8Array, random: Seeded): void {
  const strength = random.int(3, 6)
  const rgb = new Uint8ClampedArray(bytes.buffer)
  let state = random.int(1, 2 ** 31 - 1)
  for (let at = 0; at < rgb.length; at += 3) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    const noise = (((state >>> 16) * (2 * strength + 1)) >>> 16) - strength
    rgb[at] = rgb[at]! + noise
    rgb[at + 1] = rgb[at + 1]! + noise
    rgb[at + 2] = rgb[at + 2]! + noise
  }
}
