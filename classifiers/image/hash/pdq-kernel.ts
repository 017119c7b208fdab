import { readFileSync } from "node:fs"
import { SIDE } from "./jarosz-filter.ts"

/** What pdq-kernel.as.ts exports; addresses are bytes from the start of its memory. */
interface Kernel {
  readonly memory: WebAssembly.Memory
  cosinesAt(): number
  blockAt(): number
  coefficientsAt(): number
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
 * What `downsample` writes for pixels of 8 bits, the same bit for bit. False, with nothing written, where the kernel would need more than
 * 64 MB. No pixel stays in its memory.
 */
export function downsamplePixels(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  block: Float32Array,
): boolean {
  instance ??= start()
  const kernel = instance
  const input = kernel.prepare(width, height, channels)
  if (input === 0) return false
  const memory = new Uint8Array(kernel.memory.buffer)
  const stepBytes = ROWS * width * channels
  const steps = kernel.steps()
  for (let step = 0; step < steps; step++) {
    const rows = pixels.subarray(step * stepBytes, (step + 1) * stepBytes)
    memory.set(rows, input)
    if (rows.length < stepBytes) memory.fill(0, input + rows.length, input + stepBytes)
    kernel.step()
  }
  const result = new Float32Array(memory.buffer, kernel.blockAt(), SIDE * SIDE)
  block.set(result)
  result.fill(0)
  memory.fill(0, input, kernel.endOfPicture())
  if (memory.length > KEPT_BYTES) instance = undefined
  return true
}

function start(): Kernel {
  return new WebAssembly.Instance(compiled).exports as unknown as Kernel
}
