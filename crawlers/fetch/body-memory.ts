import { WatchlineError } from "../../src/errors.ts"

/** Beyond this nothing is reserved on a peer's word alone. */
const trusted = 4 * 1024 * 1024

export interface BodyMemory {
  readonly length: number
  /** Copies and overwrites `chunk`. Errors: `body_too_large`. */
  append(chunk: Uint8Array): void
  /** The bytes, in memory of exactly their length that nobody else holds; what they were gathered in is overwritten. */
  take(): Uint8Array<ArrayBuffer>
  /** Overwrites everything. */
  wipe(): void
}

/**
 * Gathers a body of unknown length, leaving no copy behind.
 *
 * @param expected length that the peer announced, if it did
 */
export function bodyMemory(limit: number, expected: number | undefined): BodyMemory {
  let memory = new Uint8Array(Math.min(expected ?? 64 * 1024, limit, trusted))
  let length = 0

  function resize(size: number): void {
    const larger = new Uint8Array(size)
    larger.set(memory.subarray(0, length))
    memory.fill(0)
    memory = larger
  }

  return {
    get length() {
      return length
    },
    append(chunk) {
      const end = length + chunk.length
      if (end > limit) {
        chunk.fill(0)
        throw new WatchlineError("body_too_large", { message: `The answer is larger than ${limit} bytes.` })
      }
      if (end > memory.length) resize(Math.min(limit, Math.max(end, memory.length * 2)))
      memory.set(chunk, length)
      chunk.fill(0)
      length = end
    },
    take() {
      if (memory.length !== length) resize(length)
      return memory
    },
    wipe() {
      memory.fill(0)
      length = 0
    },
  }
}
