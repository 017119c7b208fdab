// AssemblyScript, compiled to pdq-kernel.wasm by `npm run build:kernel`; a test holds that both agree.
//
// The loops of jarosz-filter.ts and pdq.ts on four lanes, with the same float32 operations in the same order for every output, so the
// result is the same bit for bit. A lane is a row where the sum runs along rows, and a column where it runs down columns; 4 × 4 squares
// are transposed in between. Windows that reach over an edge read zeros there: adding or subtracting zero changes no sum, so edges need
// no code of their own, only their divisor.
//
// Memory from `__heap_base` on: the tables and results of the transform, then the buffers of one picture, which lie zeroed in between.

const SIDE: i32 = 64
const FREQUENCIES: i32 = 16
/** Rows taken at once: two vectors whose sums don't wait for each other. */
const ROWS: i32 = 8
const LIMIT: f64 = 67108864

const cosines: usize = (__heap_base + 15) & ~15
const transposed: usize = cosines + FREQUENCIES * SIDE * 4
const block: usize = transposed + FREQUENCIES * SIDE * 4
const half: usize = block + SIDE * SIDE * 4
const coefficients: usize = half + FREQUENCIES * SIDE * 4
const picture: usize = coefficients + FREQUENCIES * FREQUENCIES * 4

let width: i32 = 0
let height: i32 = 0
let channels: i32 = 0
/** Width as a multiple of four. */
let padded: i32 = 0
let rowWindow: i32 = 0
let rowAhead: i32 = 0
let columnWindow: i32 = 0
let columnAhead: i32 = 0
/** Next row that goes in, and its place in the rings. */
let row: i32 = 0
let slot: i32 = 0
let nextSample: i32 = 0

let input: usize = 0
let rawA: usize = 0
let rawB: usize = 0
let batchA: usize = 0
let batchB: usize = 0
let smoothA: usize = 0
let smoothB: usize = 0
let divisors: usize = 0
let sums: usize = 0
let ring: usize = 0
let samples: usize = 0
let sampleRows: usize = 0
let sampleSums: usize = 0
let sampleRing: usize = 0
let end: usize = 0

export function cosinesAt(): usize {
  return cosines
}

export function blockAt(): usize {
  return block
}

export function coefficientsAt(): usize {
  return coefficients
}

export function endOfTransform(): usize {
  return picture
}

export function endOfPicture(): usize {
  return end
}

/** Number of `step` calls that bring out the whole block. */
export function steps(): i32 {
  return (height + 2 * columnAhead + ROWS - 1) / ROWS
}

/** Lays the buffers out, which must be zero. Returns where each eight rows of pixels go, or 0 if they would need too much memory. */
export function prepare(ofWidth: i32, ofHeight: i32, ofChannels: i32): usize {
  width = ofWidth
  height = ofHeight
  channels = ofChannels
  padded = (width + 3) & ~3
  rowWindow = (width + 2 * SIDE - 1) / (2 * SIDE)
  rowAhead = (rowWindow + 2) / 2 - 1
  columnWindow = (height + 2 * SIDE - 1) / (2 * SIDE)
  columnAhead = (columnWindow + 2) / 2 - 1
  row = 0
  slot = 0
  nextSample = 0
  const strip = f64(rowWindow + padded + rowAhead) * 16
  const bytes =
    f64(picture) +
    (f64(ROWS) * f64(width) * f64(channels) + 32) +
    4 * strip +
    f64(padded) * (2 * 16 + 4 + 4) +
    f64(columnWindow) * f64(padded) * 4 +
    f64(SIDE) * (2 * 16 + ROWS * 4 + 4) +
    f64(columnWindow) * f64(SIDE) * 4
  if (bytes > LIMIT) return 0

  input = picture
  rawA = (input + ROWS * width * channels + 32 + 15) & ~15
  // Each strip begins with a window of zeros and ends with the zeros that the sums read ahead.
  const stripBytes: usize = (rowWindow + padded + rowAhead) * 16
  rawA += rowWindow * 16
  rawB = rawA + stripBytes
  smoothA = rawB + stripBytes
  smoothB = smoothA + stripBytes
  batchA = smoothB + (padded + rowAhead) * 16
  batchB = batchA + padded * 16
  divisors = batchB + padded * 16
  sums = divisors + padded * 4
  ring = sums + padded * 4
  samples = ring + columnWindow * padded * 4
  sampleRows = samples + 2 * SIDE * 16
  sampleSums = sampleRows + ROWS * SIDE * 4
  sampleRing = sampleSums + SIDE * 4
  end = sampleRing + columnWindow * SIDE * 4
  const missing = i32((end + 0xffff) >>> 16) - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) return 0
  for (let x = 0; x < width; x++) store<f32>(divisors + x * 4, countAt(x, width, rowWindow, rowAhead))
  return input
}

/** Takes eight rows from the input; rows below the picture must be zero. */
export function step(): void {
  if (channels === 1) luma(1)
  else if (channels === 3) luma(3)
  else luma(4)
  meansAlongRows()
  meansDownColumns()
  sumsAtSamples()
  sampleMeans()
  row += ROWS
  slot = (slot + ROWS) % columnWindow
}

/** How many values the window around `at` holds; 1 outside, where nothing is kept. */
function countAt(at: i32, length: i32, window: i32, ahead: i32): f32 {
  if (at < 0 || at >= length) return 1
  return f32(min(at + ahead + 1, length) - max(0, at + ahead + 1 - window))
}

// @inline
function sampleAt(sample: i32, length: i32): i32 {
  return i32((i64(2 * sample + 1) * length) / (2 * SIDE))
}

/** Stores four rows of four values as four vectors whose lanes are the rows, or the other way round. */
// @inline
function storeTransposed(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2))
  v128.store(to, v128.shuffle<f64>(ab, cd, 1, 3), 16)
  v128.store(to, v128.shuffle<f64>(abHigh, cdHigh, 0, 2), 32)
  v128.store(to, v128.shuffle<f64>(abHigh, cdHigh, 1, 3), 48)
}

/** Four pixels of a row, one in each 32 bits: red or grey lowest. */
// @inline
function pixelsAt(at: usize, depth: i32): v128 {
  if (depth === 1) {
    return i8x16.swizzle(v128.load32_zero(at), i8x16(0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3, -1, -1, -1))
  }
  if (depth === 3) {
    return i8x16.swizzle(v128.load(at), i8x16(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1))
  }
  return v128.load(at)
}

// @inline
function lumaOf(pixels: v128, depth: i32, byte: v128, ofRed: v128, ofGreen: v128, ofBlue: v128, thousand: v128): v128 {
  if (depth === 1) return f32x4.convert_i32x4_s(pixels)
  const red = f32x4.convert_i32x4_s(v128.and(pixels, byte))
  const green = f32x4.convert_i32x4_s(v128.and(i32x4.shr_u(pixels, 8), byte))
  const blue = f32x4.convert_i32x4_s(v128.and(i32x4.shr_u(pixels, 16), byte))
  // Whole numbers below 2^24: exact up to the division, which rounds once.
  const sum = f32x4.add(f32x4.add(f32x4.mul(ofRed, red), f32x4.mul(ofGreen, green)), f32x4.mul(ofBlue, blue))
  return f32x4.div(sum, thousand)
}

/** Four pixels of four rows to luma, lanes being rows. Transposed as bytes: three times less to move than as floats of each colour. */
// @inline
function lumaOfSquare(
  to: usize,
  at: usize,
  stride: usize,
  depth: i32,
  byte: v128,
  red: v128,
  green: v128,
  blue: v128,
  thousand: v128,
): void {
  const a = pixelsAt(at, depth)
  const b = pixelsAt(at + stride, depth)
  const c = pixelsAt(at + 2 * stride, depth)
  const d = pixelsAt(at + 3 * stride, depth)
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, lumaOf(v128.shuffle<f64>(ab, cd, 0, 2), depth, byte, red, green, blue, thousand))
  v128.store(to, lumaOf(v128.shuffle<f64>(ab, cd, 1, 3), depth, byte, red, green, blue, thousand), 16)
  v128.store(to, lumaOf(v128.shuffle<f64>(abHigh, cdHigh, 0, 2), depth, byte, red, green, blue, thousand), 32)
  v128.store(to, lumaOf(v128.shuffle<f64>(abHigh, cdHigh, 1, 3), depth, byte, red, green, blue, thousand), 48)
}

/** Red, green and blue in thousandths, and the lowest byte. Loaded, since V8 builds constants anew at every use: a fifth of the whole time. */
const weights = memory.data<f32>([299, 587, 114, 1000])
const lowest = memory.data<i32>([0xff])

// @inline
function luma(depth: i32): void {
  const byte = v128.load32_splat(lowest)
  const red = v128.load32_splat(weights)
  const green = v128.load32_splat(weights, 4)
  const blue = v128.load32_splat(weights, 8)
  const thousand = v128.load32_splat(weights, 12)
  const stride: usize = width * depth
  let from = input
  let a = rawA
  let b = rawB
  for (let x = 0; x < width; x += 4) {
    lumaOfSquare(a, from, stride, depth, byte, red, green, blue, thousand)
    lumaOfSquare(b, from + 4 * stride, stride, depth, byte, red, green, blue, thousand)
    from += 4 * depth
    a += 64
    b += 64
  }
  // The last four may have read into the next row.
  for (let x = width; x < padded; x++) {
    v128.store(rawA + x * 16, f32x4.splat(0))
    v128.store(rawB + x * 16, f32x4.splat(0))
  }
}

/** Lanes are rows. */
function meansAlongRows(): void {
  const back: usize = rowWindow * 16
  let a = rawA
  let b = rawB
  let sumA = f32x4.splat(0)
  let sumB = f32x4.splat(0)
  for (const stop: usize = a + rowAhead * 16; a < stop; a += 16, b += 16) {
    sumA = f32x4.add(sumA, v128.load(a))
    sumB = f32x4.add(sumB, v128.load(b))
  }
  let toA = batchA
  let toB = batchB
  let divisor = divisors
  for (const stop: usize = toA + width * 16; toA < stop; ) {
    sumA = f32x4.sub(f32x4.add(sumA, v128.load(a)), v128.load(a - back))
    sumB = f32x4.sub(f32x4.add(sumB, v128.load(b)), v128.load(b - back))
    const count = v128.load32_splat(divisor)
    v128.store(toA, f32x4.div(sumA, count))
    v128.store(toB, f32x4.div(sumB, count))
    a += 16
    b += 16
    toA += 16
    toB += 16
    divisor += 4
  }
}

// @inline
function ringRow(base: usize, ofRow: i32, bytes: usize): usize {
  return base + usize((slot + ofRow) % columnWindow) * bytes
}

/** Lanes are columns inside, rows outside. */
function meansDownColumns(): void {
  const bytes: usize = padded * 4
  fourDownColumns(
    batchA,
    smoothA,
    ringRow(ring, 0, bytes),
    ringRow(ring, 1, bytes),
    ringRow(ring, 2, bytes),
    ringRow(ring, 3, bytes),
    row - columnAhead,
  )
  fourDownColumns(
    batchB,
    smoothB,
    ringRow(ring, 4, bytes),
    ringRow(ring, 5, bytes),
    ringRow(ring, 6, bytes),
    ringRow(ring, 7, bytes),
    row + 4 - columnAhead,
  )
}

function fourDownColumns(from: usize, to: usize, a: usize, b: usize, c: usize, d: usize, out: i32): void {
  const countA = f32x4.splat(countAt(out, height, columnWindow, columnAhead))
  const countB = f32x4.splat(countAt(out + 1, height, columnWindow, columnAhead))
  const countC = f32x4.splat(countAt(out + 2, height, columnWindow, columnAhead))
  const countD = f32x4.splat(countAt(out + 3, height, columnWindow, columnAhead))
  for (let at = sums, stop: usize = sums + padded * 4; at < stop; at += 16) {
    const column0 = v128.load(from)
    const column1 = v128.load(from, 16)
    const column2 = v128.load(from, 32)
    const column3 = v128.load(from, 48)
    const low01 = v128.shuffle<f32>(column0, column1, 0, 4, 1, 5)
    const low23 = v128.shuffle<f32>(column2, column3, 0, 4, 1, 5)
    const high01 = v128.shuffle<f32>(column0, column1, 2, 6, 3, 7)
    const high23 = v128.shuffle<f32>(column2, column3, 2, 6, 3, 7)
    const rowA = v128.shuffle<f64>(low01, low23, 0, 2)
    const rowB = v128.shuffle<f64>(low01, low23, 1, 3)
    const rowC = v128.shuffle<f64>(high01, high23, 0, 2)
    const rowD = v128.shuffle<f64>(high01, high23, 1, 3)
    // Rings shorter than four rows meet the same slot again, so each is read after the row before was written.
    const sumA = f32x4.sub(f32x4.add(v128.load(at), rowA), v128.load(a))
    v128.store(a, rowA)
    const sumB = f32x4.sub(f32x4.add(sumA, rowB), v128.load(b))
    v128.store(b, rowB)
    const sumC = f32x4.sub(f32x4.add(sumB, rowC), v128.load(c))
    v128.store(c, rowC)
    const sumD = f32x4.sub(f32x4.add(sumC, rowD), v128.load(d))
    v128.store(d, rowD)
    v128.store(at, sumD)
    storeTransposed(
      to,
      f32x4.div(sumA, countA),
      f32x4.div(sumB, countB),
      f32x4.div(sumC, countC),
      f32x4.div(sumD, countD),
    )
    from += 64
    to += 64
    a += 16
    b += 16
    c += 16
    d += 16
  }
}

/** Lanes are rows; only the sampled columns are divided and kept, and only rows of the picture. */
function sumsAtSamples(): void {
  const first = row - columnAhead
  const keepA = i32x4.lt_u(i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3)), i32x4.splat(height))
  const keepB = i32x4.lt_u(i32x4.add(i32x4.splat(first), i32x4(4, 5, 6, 7)), i32x4.splat(height))
  const back: usize = rowWindow * 16
  let a = smoothA
  let b = smoothB
  let sumA = f32x4.splat(0)
  let sumB = f32x4.splat(0)
  for (let sample = 0; sample < SIDE; sample++) {
    const column = sampleAt(sample, width)
    for (const stop: usize = smoothA + (column + rowAhead + 1) * 16; a < stop; a += 16, b += 16) {
      sumA = f32x4.sub(f32x4.add(sumA, v128.load(a)), v128.load(a - back))
      sumB = f32x4.sub(f32x4.add(sumB, v128.load(b)), v128.load(b - back))
    }
    const count = v128.load32_splat(divisors + column * 4)
    v128.store(samples + sample * 16, v128.and(f32x4.div(sumA, count), keepA))
    v128.store(samples + (SIDE + sample) * 16, v128.and(f32x4.div(sumB, count), keepB))
  }
}

/** Lanes are columns; a row of means is kept where a sample lies. */
function sampleMeans(): void {
  for (let x = 0; x < SIDE; x += 4) {
    for (let lane = 0; lane < 4; lane++) {
      for (let column = 0; column < 4; column++) {
        const from = samples + (x + column) * 16 + lane * 4
        const to = sampleRows + (lane * SIDE + x + column) * 4
        store<f32>(to, load<f32>(from))
        store<f32>(to + 4 * SIDE * 4, load<f32>(from + SIDE * 16))
      }
    }
  }
  for (let lane = 0; lane < ROWS; lane++) {
    const from = sampleRows + lane * SIDE * 4
    const old = ringRow(sampleRing, lane, SIDE * 4)
    for (let at = 0; at < SIDE * 4; at += 16) {
      const value = v128.load(from + at)
      v128.store(sampleSums + at, f32x4.sub(f32x4.add(v128.load(sampleSums + at), value), v128.load(old + at)))
      v128.store(old + at, value)
    }
    const out = row + lane - 2 * columnAhead
    if (out < 0) continue
    const count = f32x4.splat(countAt(out, height, columnWindow, columnAhead))
    for (; nextSample < SIDE && sampleAt(nextSample, height) === out; nextSample++) {
      const to = block + nextSample * SIDE * 4
      for (let at = 0; at < SIDE * 4; at += 16) {
        v128.store(to + at, f32x4.div(v128.load(sampleSums + at), count))
      }
    }
  }
}

/** Once, after the cosines were written. */
export function transposeCosines(): void {
  for (let i = 0; i < FREQUENCIES; i++) {
    for (let k = 0; k < SIDE; k++) {
      store<f32>(transposed + (k * FREQUENCIES + i) * 4, load<f32>(cosines + (i * SIDE + k) * 4))
    }
  }
}

/** Frequencies 1 to 16 both ways of the block: each element sums over k in order, lanes are elements. */
export function transform(): void {
  for (let i = 0; i < FREQUENCIES; i++) {
    for (let j = 0; j < SIDE; j += 16) {
      let a = f32x4.splat(0)
      let b = f32x4.splat(0)
      let c = f32x4.splat(0)
      let d = f32x4.splat(0)
      let from: usize = block + j * 4
      let cosine: usize = cosines + i * SIDE * 4
      for (let k = 0; k < SIDE; k++, from += SIDE * 4, cosine += 4) {
        const factor = v128.load32_splat(cosine)
        a = f32x4.add(a, f32x4.mul(factor, v128.load(from)))
        b = f32x4.add(b, f32x4.mul(factor, v128.load(from, 16)))
        c = f32x4.add(c, f32x4.mul(factor, v128.load(from, 32)))
        d = f32x4.add(d, f32x4.mul(factor, v128.load(from, 48)))
      }
      const to: usize = half + (i * SIDE + j) * 4
      v128.store(to, a)
      v128.store(to, b, 16)
      v128.store(to, c, 32)
      v128.store(to, d, 48)
    }
  }
  for (let i = 0; i < FREQUENCIES; i++) {
    let a = f32x4.splat(0)
    let b = f32x4.splat(0)
    let c = f32x4.splat(0)
    let d = f32x4.splat(0)
    let from: usize = half + i * SIDE * 4
    let cosine: usize = transposed
    for (let k = 0; k < SIDE; k++, from += 4, cosine += FREQUENCIES * 4) {
      const factor = v128.load32_splat(from)
      a = f32x4.add(a, f32x4.mul(factor, v128.load(cosine)))
      b = f32x4.add(b, f32x4.mul(factor, v128.load(cosine, 16)))
      c = f32x4.add(c, f32x4.mul(factor, v128.load(cosine, 32)))
      d = f32x4.add(d, f32x4.mul(factor, v128.load(cosine, 48)))
    }
    const to: usize = coefficients + i * FREQUENCIES * 4
    v128.store(to, a)
    v128.store(to, b, 16)
    v128.store(to, c, 32)
    v128.store(to, d, 48)
  }
}

/** Sum of the quantised steps between neighbours in the block. */
export function stepSum(): i32 {
  let sum = i32x4.splat(0)
  let at: usize = block
  for (; at < block + SIDE * (SIDE - 1) * 4; at += 16) {
    sum = i32x4.add(sum, stepOf(v128.load(at), v128.load(at, SIDE * 4)))
  }
  // The last column has no neighbour to the right.
  const notLast = i32x4(-1, -1, -1, 0)
  at = block
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE - 4; j += 4, at += 16) {
      sum = i32x4.add(sum, stepOf(v128.load(at), v128.load(at, 4)))
    }
    sum = i32x4.add(sum, v128.and(notLast, stepOf(v128.load(at), v128.load(at, 4))))
    at += 16
  }
  return (
    i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3)
  )
}

// @inline
function stepOf(u: v128, v: v128): v128 {
  return i32x4.abs(i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.mul(f32x4.sub(u, v), f32x4.splat(100)), f32x4.splat(255))))
}
