/** Side of the block that PDQ's transform works on. */
export const SIDE = 64

/** Writes the luma (0 to 255) of one row of the picture into `into`, from index `at` on. */
export type LumaRow = (row: number, into: Float32Array, at: number) => void

/** Rows that the row passes take at once: their running sums don't depend on each other, so the processor overlaps them. */
const LANES = 4

/**
 * PDQ's full-size filter and its point sampling in one: two repetitions of (moving mean along rows, then along columns), of which only
 * 64 × 64 samples are kept (`pdq/cpp/downscaling/downscaling.cpp`).
 *
 * The picture streams through: no buffer is larger than one window of rows, so all of it stays in the processor's cache. The second
 * row pass divides only at the 64 sampled columns and the second column pass runs only over them. Sums are taken in the reference's
 * order and rounded to float32 at every step, so the result is the same bit for bit. Dividing by a count is multiplying by its double
 * reciprocal: rounded to float32 both give the same, because a float32 quotient by an integer n below 2^20 is never a tie (n times an
 * odd 25-bit number needs more than 24 bits) and stays at least 2^-24/n away from one, far more than the product's error of 2^-52.
 */
export function downsample(width: number, height: number, luma: LumaRow, block: Float32Array): void {
  if (width === SIDE && height === SIDE) {
    for (let row = 0; row < SIDE; row++) luma(row, block, row * SIDE)
    return
  }
  const rowWindow = windowOf(width)
  const columns = Int32Array.from({ length: SIDE }, (_, j) => Math.trunc(((j + 0.5) * width) / SIDE))
  const rows = Int32Array.from({ length: SIDE }, (_, i) => Math.trunc(((i + 0.5) * height) / SIDE))

  const raw = new Float32Array(LANES * width)
  const tall = new ColumnMean(width, height)
  const smooth = new Float32Array(LANES * width)
  const sampled = new ColumnMean(SIDE, height)
  const result = new Float32Array(SIDE)
  let waiting = 0
  let emitted = 0
  let nextSample = 0

  const keep = () => {
    for (; nextSample < SIDE && rows[nextSample] === emitted; nextSample++) block.set(result, nextSample * SIDE)
    emitted++
  }
  const sampleWaiting = () => {
    meansAtColumns(smooth, sampled.batch, width, rowWindow, columns)
    for (let lane = 0; lane < waiting; lane++) if (sampled.push(lane, result, 0)) keep()
    waiting = 0
  }
  for (let row = 0; row < height; row += LANES) {
    const lanes = Math.min(LANES, height - row)
    for (let lane = 0; lane < lanes; lane++) luma(row + lane, raw, lane * width)
    meansAlongRows(raw, tall.batch, width, rowWindow)
    for (let lane = 0; lane < lanes; lane++) {
      if (tall.push(lane, smooth, waiting * width) && ++waiting === LANES) sampleWaiting()
    }
  }
  while (tall.drain(smooth, waiting * width)) if (++waiting === LANES) sampleWaiting()
  sampleWaiting()
  while (sampled.drain(result, 0)) keep()
  for (const used of [raw, smooth, result]) used.fill(0)
  tall.wipe()
  sampled.wipe()
}

/** Reference: `computeJaroszFilterWindowSize`. */
function windowOf(length: number): number {
  return Math.trunc((length + 2 * SIDE - 1) / (2 * SIDE))
}

/** Moving mean down the columns: rows go in by `push`, means come out as many rows later as half a window. */
class ColumnMean {
  /** Where the caller puts up to `LANES` rows before pushing them. */
  readonly batch: Float32Array
  readonly #width: number
  readonly #window: number
  readonly #ahead: number
  readonly #sums: Float32Array
  /** The rows inside the window; slot = row number modulo window. */
  readonly #ring: Float32Array
  #slot = 0
  #pushed = 0
  #count = 0

  constructor(width: number, height: number) {
    this.#width = width
    this.#window = windowOf(height)
    this.#ahead = Math.trunc((this.#window + 2) / 2) - 1
    this.batch = new Float32Array(LANES * width)
    this.#sums = new Float32Array(width)
    this.#ring = new Float32Array(this.#window * width)
  }

  /** Takes row `lane` of the batch; true if a row of means was written to `out`. */
  push(lane: number, out: Float32Array, at: number): boolean {
    const width = this.#width
    const sums = this.#sums
    const ring = this.#ring
    const batch = this.batch
    const slot = this.#slot * width
    const from = lane * width
    const full = this.#pushed >= this.#window
    if (full) {
      const inverse = 1 / this.#window
      for (let j = 0; j < width; j++) {
        const value = batch[from + j]!
        const sum = Math.fround(Math.fround(sums[j]! + value) - ring[slot + j]!)
        ring[slot + j] = value
        sums[j] = sum
        out[at + j] = sum * inverse
      }
    } else {
      const inverse = 1 / ++this.#count
      for (let j = 0; j < width; j++) {
        const value = batch[from + j]!
        const sum = Math.fround(sums[j]! + value)
        ring[slot + j] = value
        sums[j] = sum
        out[at + j] = sum * inverse
      }
    }
    if (++this.#slot === this.#window) this.#slot = 0
    return ++this.#pushed > this.#ahead
  }

  /** After the last row: the remaining means, over ever shorter windows; false when there are no more. */
  drain(out: Float32Array, at: number): boolean {
    if (this.#count <= this.#window - this.#ahead) return false
    const inverse = 1 / --this.#count
    const slot = this.#slot * this.#width
    for (let j = 0; j < this.#width; j++) {
      const sum = Math.fround(this.#sums[j]! - this.#ring[slot + j]!)
      this.#sums[j] = sum
      out[at + j] = sum * inverse
    }
    if (++this.#slot === this.#window) this.#slot = 0
    return true
  }

  wipe(): void {
    for (const used of [this.batch, this.#sums, this.#ring]) used.fill(0)
  }
}

/** Moving mean along `LANES` rows of `width` values. */
function meansAlongRows(input: Float32Array, output: Float32Array, width: number, window: number): void {
  const b = width
  const c = 2 * width
  const d = 3 * width
  const ahead = Math.trunc((window + 2) / 2) - 1
  let sumA = 0
  let sumB = 0
  let sumC = 0
  let sumD = 0
  let right = 0
  for (; right < ahead; right++) {
    sumA = Math.fround(sumA + input[right]!)
    sumB = Math.fround(sumB + input[b + right]!)
    sumC = Math.fround(sumC + input[c + right]!)
    sumD = Math.fround(sumD + input[d + right]!)
  }
  let out = 0
  for (; right < window; right++, out++) {
    const inverse = 1 / (right + 1)
    sumA = Math.fround(sumA + input[right]!)
    sumB = Math.fround(sumB + input[b + right]!)
    sumC = Math.fround(sumC + input[c + right]!)
    sumD = Math.fround(sumD + input[d + right]!)
    output[out] = sumA * inverse
    output[b + out] = sumB * inverse
    output[c + out] = sumC * inverse
    output[d + out] = sumD * inverse
  }
  let left = 0
  const inverse = 1 / window
  for (; right < width; right++, left++, out++) {
    sumA = Math.fround(Math.fround(sumA + input[right]!) - input[left]!)
    sumB = Math.fround(Math.fround(sumB + input[b + right]!) - input[b + left]!)
    sumC = Math.fround(Math.fround(sumC + input[c + right]!) - input[c + left]!)
    sumD = Math.fround(Math.fround(sumD + input[d + right]!) - input[d + left]!)
    output[out] = sumA * inverse
    output[b + out] = sumB * inverse
    output[c + out] = sumC * inverse
    output[d + out] = sumD * inverse
  }
  for (; out < width; left++, out++) {
    const inverse = 1 / (width - left - 1)
    sumA = Math.fround(sumA - input[left]!)
    sumB = Math.fround(sumB - input[b + left]!)
    sumC = Math.fround(sumC - input[c + left]!)
    sumD = Math.fround(sumD - input[d + left]!)
    output[out] = sumA * inverse
    output[b + out] = sumB * inverse
    output[c + out] = sumC * inverse
    output[d + out] = sumD * inverse
  }
}

/** The same moving mean, written only at the given ascending columns: `SIDE` values a row. */
function meansAtColumns(
  input: Float32Array,
  output: Float32Array,
  width: number,
  window: number,
  columns: Int32Array,
): void {
  const b = width
  const c = 2 * width
  const d = 3 * width
  const ahead = Math.trunc((window + 2) / 2) - 1
  let sumA = 0
  let sumB = 0
  let sumC = 0
  let sumD = 0
  let right = 0
  let left = 0
  for (let sample = 0; sample < SIDE; sample++) {
    const end = columns[sample]! + ahead + 1
    for (const stop = Math.min(end, window); right < stop; right++) {
      sumA = Math.fround(sumA + input[right]!)
      sumB = Math.fround(sumB + input[b + right]!)
      sumC = Math.fround(sumC + input[c + right]!)
      sumD = Math.fround(sumD + input[d + right]!)
    }
    for (const stop = Math.min(end, width); right < stop; right++, left++) {
      sumA = Math.fround(Math.fround(sumA + input[right]!) - input[left]!)
      sumB = Math.fround(Math.fround(sumB + input[b + right]!) - input[b + left]!)
      sumC = Math.fround(Math.fround(sumC + input[c + right]!) - input[c + left]!)
      sumD = Math.fround(Math.fround(sumD + input[d + right]!) - input[d + left]!)
    }
    for (; left < end - window; left++) {
      sumA = Math.fround(sumA - input[left]!)
      sumB = Math.fround(sumB - input[b + left]!)
      sumC = Math.fround(sumC - input[c + left]!)
      sumD = Math.fround(sumD - input[d + left]!)
    }
    const inverse = 1 / (right - left)
    output[sample] = sumA * inverse
    output[SIDE + sample] = sumB * inverse
    output[2 * SIDE + sample] = sumC * inverse
    output[3 * SIDE + sample] = sumD * inverse
  }
}
