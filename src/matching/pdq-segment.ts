import { readFileSync } from "node:fs"
import { WatchlineError } from "../errors.ts"

/** The part of the standard that is used here; only browsers' types declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/** What pdq-search.as.ts exports; addresses are bytes from the start of its memory. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer }
  needleAt(): number
  rowsAt(): number
  keysAt(): number
  resultsAt(): number
  endOfData(): number
  layOut(rows: number, withTables: boolean): number
  setSize(rows: number): void
  append(key: number): void
  isGone(row: number): number
  setGone(row: number): void
  buildTables(): void
  scan(radius: number): number
  search(radius: number): number
}

const compiled = new WebAssembly.Module(readFileSync(new URL("./pdq-search.wasm", import.meta.url)))

/** Changes when the layout of a sealed segment's memory does: files of another layout are built anew. */
export const segmentLayout = 1

const rowBytes = 32
const firstRoom = 1024

/** Tables number their rows with 24 bits while they are built. */
export const segmentCapacity = 2 ** 24

export interface Hit {
  readonly row: number
  readonly key: number
  readonly distance: number
}

/**
 * Hashes in one WebAssembly memory. An open segment grows and compares every hash; a sealed one has tables and takes no more. Rows are
 * numbered from 0; sealing may order them anew.
 */
export class PdqSegment {
  readonly #kernel = new WebAssembly.Instance(compiled).exports as Kernel
  readonly #needle = Buffer.alloc(rowBytes)
  #place: Uint8Array | undefined
  #room = 0
  #rows = 0
  #gone = 0
  #sealed = false

  constructor() {
    this.#layOut(0, false)
  }

  /** Rows, without those taken out. */
  get size(): number {
    return this.#rows - this.#gone
  }

  get rows(): number {
    return this.#rows
  }

  get sealed(): boolean {
    return this.#sealed
  }

  /** Bytes that hold the segment's data: without what WebAssembly needs besides. */
  get bytes(): number {
    return this.#kernel.endOfData() - this.#kernel.rowsAt()
  }

  /** @param pdq 64 hexadecimal digits */
  append(key: number, pdq: string): void {
    this.#reserve(this.#rows + 1)
    this.#setNeedle(pdq)
    this.#kernel.append(key)
    this.#rows += 1
  }

  /** Takes over all rows of another segment that were not taken out. */
  takeFrom(other: PdqSegment): void {
    this.#reserve(this.#rows + other.size)
    const kernel = other.#kernel
    const from = new Uint8Array(kernel.memory.buffer, kernel.rowsAt(), other.#rows * rowBytes)
    const keys = new Uint32Array(kernel.memory.buffer, kernel.keysAt(), other.#rows)
    const to = new Uint8Array(this.#kernel.memory.buffer, this.#kernel.rowsAt(), this.#room * rowBytes)
    const toKeys = new Uint32Array(this.#kernel.memory.buffer, this.#kernel.keysAt(), this.#room)
    let end = this.#rows
    for (let row = 0; row < other.#rows; ) {
      // Whole stretches at once.
      let stop = row
      while (stop < other.#rows && !(other.#gone > 0 && kernel.isGone(stop))) stop++
      to.set(from.subarray(row * rowBytes, stop * rowBytes), end * rowBytes)
      toKeys.set(keys.subarray(row, stop), end)
      end += stop - row
      row = stop + 1
    }
    this.#rows = end
    this.#kernel.setSize(end)
  }

  /** Nothing must have been taken out. */
  seal(): void {
    if (this.#gone > 0) throw new Error("pdq-segment: rows without a hash cannot be sealed")
    this.#layOut(this.#rows, true)
    this.#kernel.buildTables()
    this.#sealed = true
  }

  takeOut(row: number): void {
    if (this.#kernel.isGone(row)) return
    this.#kernel.setGone(row)
    this.#gone += 1
  }

  within(pdq: string, radius: number): Hit[] {
    this.#setNeedle(pdq)
    const kernel = this.#kernel
    const found = this.#sealed ? kernel.search(radius) : kernel.scan(radius)
    if (found === 0) return []
    const results = new Uint32Array(kernel.memory.buffer, kernel.resultsAt(), found * 2)
    const keys = new Uint32Array(kernel.memory.buffer, kernel.keysAt(), this.#rows)
    return Array.from({ length: found }, (_, at) => {
      const row = results[at * 2]!
      return { row, key: keys[row]!, distance: results[at * 2 + 1]! }
    })
  }

  /** The data as it lies in memory, to be written to a file. It is valid until the segment changes. */
  image(): Uint8Array {
    if (this.#room !== this.#rows) this.#layOut(this.#rows, this.#sealed)
    return new Uint8Array(this.#kernel.memory.buffer, this.#kernel.rowsAt(), this.bytes)
  }

  /** An empty segment whose `image` is to be filled with that of another of so many rows; then it is that one. */
  static toFill(rows: number, gone: number, sealed: boolean): PdqSegment {
    const segment = new PdqSegment()
    segment.#layOut(rows, sealed)
    segment.#kernel.setSize(rows)
    segment.#rows = rows
    segment.#gone = gone
    segment.#sealed = sealed
    return segment
  }

  #reserve(rows: number): void {
    if (rows > this.#room) this.#layOut(Math.max(rows, firstRoom, Math.ceil(this.#room * 1.5)), false)
  }

  #layOut(rows: number, withTables: boolean): void {
    if (rows > segmentCapacity || !this.#kernel.layOut(rows, withTables)) {
      throw new WatchlineError("engine_unavailable", {
        message: `There is no memory for the search of ${rows} hashes.`,
        remedy: "Give the machine more memory, or withdraw sets that are not needed.",
      })
    }
    this.#room = rows
  }

  #setNeedle(pdq: string): void {
    if (this.#needle.write(pdq, "hex") !== rowBytes) throw new RangeError("a PDQ hash has 64 hexadecimal digits")
    const { buffer } = this.#kernel.memory
    // A memory that grows is another buffer.
    if (this.#place?.buffer !== buffer) this.#place = new Uint8Array(buffer, this.#kernel.needleAt(), rowBytes)
    this.#place.set(this.#needle)
  }
}
