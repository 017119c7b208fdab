import { readFileSync } from "node:fs"
import { cosines, FREQUENCIES } from "./block-transform.ts"
import { SIDE } from "./jarosz-filter.ts"

/** The part of the standard that is used here; only browsers' types declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/** What pdq-kernel.as.ts exports; addresses are bytes from the start of its memory. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer }
  cosinesAt(): number
  blockAt(): number
  coefficientsAt(): number
  endOfTransform(): number
  endOfPicture(): number
  steps(): number
  prepare(width: number, height: number, channels: number): number
  step(): void
  transposeCosines(): void
  transform(): void
  stepSum(): number
}

/** Rows that the kernel takes in one step. */
const ROWS = 8
/** Memory never shrinks, so an instance that grew beyond this is left to the garbage collector after its picture. */
const KEPT_BYTES = 8 << 20

const compiled = new WebAssembly.Module(readFileSync(new URL("./pdq-kernel.wasm", import.meta.url)))
let instance: Kernel | undefined

/**
 * What `downsample` writes for pixels of 8 bits, the same bit for bit. False, with nothing written, for a picture of the block's size,
 * which is not filtered, and where the kernel would need more than 64 MB. No pixel stays in its memory.
 */
export function downsamplePixels(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  block: Float32Array,
): boolean {
  if (width === SIDE && height === SIDE) return false
  instance ??= start()
  const kernel = instance
  const input = kernel.prepare(width, height, channels)
  if (input === 0) return false
  const memory = new Uint8Array(kernel.memory.buffer)
  const stepBytes = ROWS * width * channels
  const steps = kernel.steps()
  const result = new Float32Array(memory.buffer, kernel.blockAt(), SIDE * SIDE)
  try {
    for (let step = 0; step < steps; step++) {
      const rows = pixels.subarray(step * stepBytes, (step + 1) * stepBytes)
      memory.set(rows, input)
      if (rows.length < stepBytes) memory.fill(0, input + rows.length, input + stepBytes)
      kernel.step()
    }
    block.set(result)
  } finally {
    result.fill(0)
    memory.fill(0, input, kernel.endOfPicture())
  }
  if (memory.length > KEPT_BYTES) instance = undefined
  return true
}

/** What `transform` and `stepSum` say of a block, the same bit for bit. */
export function transformBlock(block: Float32Array): { coefficients: Float32Array; steps: number } {
  instance ??= start()
  const { memory, blockAt, coefficientsAt, endOfTransform, transform, stepSum } = instance
  const own = new Float32Array(memory.buffer, blockAt(), SIDE * SIDE)
  own.set(block)
  transform()
  const coefficients = new Float32Array(memory.buffer, coefficientsAt(), FREQUENCIES * FREQUENCIES).slice()
  const steps = stepSum()
  new Uint8Array(memory.buffer, blockAt(), endOfTransform() - blockAt()).fill(0)
  return { coefficients, steps }
}

function start(): Kernel {
  const kernel = new WebAssembly.Instance(compiled).exports as Kernel
  new Float32Array(kernel.memory.buffer, kernel.cosinesAt(), cosines.length).set(cosines)
  kernel.transposeCosines()
  return kernel
}
