/** The two forms in which the library's users pass pixels, which end on different lattices. */
export type WatermarkForm = "uint8" | "float"

const { fround, trunc } = Math

/**
 * Embeds bits as the library "invisible-watermark" does with method dwtDct: OpenCV's YUV of 8-bit values (fixed point, 14 bits) or of
 * float32, Haar transform of U, the largest of each block's 16 values but the first set to (⌊|v| / 36⌋ + 1/4 + bit / 2) · 36, and back.
 * Rounds where the library rounds, because that decides between values of equal size. Returns new RGB pixels.
 */
export function watermarked(rgb: Uint8Array, width: number, height: number, bits: string, form: WatermarkForm): Buffer {
  const [forward, back] = form === "uint8" ? [toYuv8, fromYuv8] : [toYuvFloat, fromYuvFloat]
  const u = new Float64Array(width * height)
  for (let at = 0; at < u.length; at++) u[at] = forward(rgb[at * 3]!, rgb[at * 3 + 1]!, rgb[at * 3 + 2]!)[1]
  const squares = squaresOf(u, width, height, form)
  // A last half block is left alone.
  const across = Math.floor(squares.across / 4)
  const down = Math.floor(squares.down / 4)
  for (let block = 0; block < across * down; block++) {
    embed(squares, Math.floor(block / across) * 4, (block % across) * 4, Number(bits[block % bits.length]))
  }
  restore(u, width, squares, form)
  const out = Buffer.alloc(rgb.length)
  for (let at = 0; at < u.length; at++) {
    const [y, , v] = forward(rgb[at * 3]!, rgb[at * 3 + 1]!, rgb[at * 3 + 2]!)
    out.set(back(y, u[at]!, v), at * 3)
  }
  return out
}

/** One level of the Haar transform: a value of each part for every 2 × 2 pixels of the picture, cut to a multiple of four. */
interface Squares {
  readonly across: number
  readonly down: number
  readonly low: Float64Array
  readonly rows: Float64Array
  readonly columns: Float64Array
  readonly diagonal: Float64Array
}

const weight = Math.SQRT1_2

function haar(form: WatermarkForm): (x: number, y: number) => number {
  if (form === "uint8") return (x, y) => weight * x + weight * y
  return (x, y) => fround(fround(fround(weight) * x) + fround(fround(weight) * y))
}

function squaresOf(u: Float64Array, width: number, height: number, form: WatermarkForm): Squares {
  const [across, down] = [(width & ~3) / 2, (height & ~3) / 2]
  const empty = () => new Float64Array(across * down)
  const squares = { across, down, low: empty(), rows: empty(), columns: empty(), diagonal: empty() }
  const sum = haar(form)
  for (let at = 0; at < across * down; at++) {
    const top = Math.floor(at / across) * 2 * width + (at % across) * 2
    const [a, b, c, d] = [u[top]!, u[top + 1]!, u[top + width]!, u[top + width + 1]!]
    squares.low[at] = sum(sum(a, c), sum(b, d))
    squares.rows[at] = sum(sum(a, -c), sum(b, -d))
    squares.columns[at] = sum(sum(a, c), -sum(b, d))
    squares.diagonal[at] = sum(sum(a, -c), -sum(b, -d))
  }
  return squares
}

function embed({ low, across }: Squares, row: number, column: number, bit: number): void {
  const cell = (n: number) => (row + (n >> 2)) * across + column + (n & 3)
  let largest = cell(1)
  for (let n = 2; n < 16; n++) if (Math.abs(low[cell(n)]!) > Math.abs(low[largest]!)) largest = cell(n)
  const value = low[largest]!
  const size = (Math.floor(Math.abs(value) / 36) + 0.25 + 0.5 * bit) * 36
  low[largest] = value < 0 ? -size : size
}

/** The library hands `rows` and `columns` back in the wrong order, which mirrors each square on its diagonal. */
function restore(u: Float64Array, width: number, squares: Squares, form: WatermarkForm): void {
  const sum = haar(form)
  for (let at = 0; at < squares.low.length; at++) {
    const top = Math.floor(at / squares.across) * 2 * width + (at % squares.across) * 2
    const [low, rows, columns] = [squares.low[at]!, squares.columns[at]!, squares.rows[at]!]
    const diagonal = squares.diagonal[at]!
    u[top] = sum(sum(low, columns), sum(rows, diagonal))
    u[top + 1] = sum(sum(low, -columns), sum(rows, -diagonal))
    u[top + width] = sum(sum(low, columns), -sum(rows, diagonal))
    u[top + width + 1] = sum(sum(low, -columns), -sum(rows, -diagonal))
  }
}

type Triple = readonly [number, number, number]

function toYuv8(red: number, green: number, blue: number): Triple {
  const y = (blue * 1868 + green * 9617 + red * 4899 + 8192) >> 14
  const u = ((blue - y) * 8061 + (128 << 14) + 8192) >> 14
  const v = ((red - y) * 14369 + (128 << 14) + 8192) >> 14
  return [y, clamp(u), clamp(v)]
}

/** The changed U is written into an array of bytes: cut, not rounded. */
function fromYuv8(y: number, u: number, v: number): Triple {
  const blueness = (trunc(u) & 255) - 128
  const redness = v - 128
  return [
    clamp(y + ((redness * 18678 + 8192) >> 14)),
    clamp(y + ((blueness * -6472 + redness * -9519 + 8192) >> 14)),
    clamp(y + ((blueness * 33292 + 8192) >> 14)),
  ]
}

const f = Object.fromEntries(
  [0.114, 0.587, 0.299, 0.492, 0.877, 2.032, -0.395, -0.581, 1.14].map((value) => [value, fround(value)]),
)

function toYuvFloat(red: number, green: number, blue: number): Triple {
  const y = fround(blue * f[0.114]! + fround(green * f[0.587]! + fround(red * f[0.299]!)))
  return [y, fround(fround(blue - y) * f[0.492]! + 0.5), fround(fround(red - y) * f[0.877]! + 0.5)]
}

function fromYuvFloat(y: number, u: number, v: number): Triple {
  const blueness = fround(fround(u) - 0.5)
  const redness = fround(v - 0.5)
  return [
    clamp(Math.round(fround(y + redness * f[1.14]!))),
    clamp(Math.round(fround(fround(y + redness * f[-0.581]!) + blueness * f[-0.395]!))),
    clamp(Math.round(fround(y + blueness * f[2.032]!))),
  ]
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, value))
}
