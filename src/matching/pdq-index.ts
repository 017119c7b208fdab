import { PdqSegment, segmentCapacity } from "./pdq-segment.ts"

/** Two PDQ hashes at most this far apart show the same picture (ThreatExchange, PDQ_CONFIDENT_MATCH_THRESHOLD). */
export const matchRadius = 31

/** A PDQ hash of lower quality says nothing and is never matched (ThreatExchange, PdqSignal.QUALITY_THRESHOLD). */
export const matchQuality = 50

export interface PdqEntry {
  /** What the hash stands for: a whole number below 2³², each used once. */
  readonly key: number
  /** 64 hexadecimal digits. */
  readonly pdq: string
}

/** One neighbour: its key and the number of differing bits. */
export interface Neighbour {
  readonly key: number
  readonly distance: number
}

/** So many hashes are compared one by one; beyond that, tables cost less than they save (infra/decisions/0016). */
const openLimit = 32_768
/** A segment is built again together with those behind it when they are not this much smaller. */
const growth = 4

/**
 * PDQ hashes in memory, 85 bytes each in tables, searched exactly: every hash within the radius is found, none beyond it. New hashes go into
 * an open segment that is searched one by one; full ones are sealed with tables and merged in growing steps.
 *
 * It lives in one process and is not stored by itself: `index-file.ts` does that.
 */
export class PdqIndex {
  #sealed: PdqSegment[]
  #open: PdqSegment

  constructor(sealed: readonly PdqSegment[] = [], open = new PdqSegment()) {
    this.#sealed = [...sealed]
    this.#open = open
  }

  get size(): number {
    return this.segments.reduce((sum, { size }) => sum + size, 0)
  }

  /** Bytes of the hashes, their keys and their tables. */
  get bytes(): number {
    return this.segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** The sealed ones, largest first, and the open one. */
  get segments(): readonly PdqSegment[] {
    return [...this.#sealed, this.#open]
  }

  add(key: number, pdq: string): void {
    this.#open.append(key, pdq)
    if (this.#open.rows >= openLimit) this.#settle()
  }

  /** The same for many at once, with one construction of tables at the end. */
  addAll(entries: Iterable<PdqEntry>): void {
    for (const { key, pdq } of entries) {
      this.#open.append(key, pdq)
      if (this.#open.rows >= segmentCapacity) this.#settle()
    }
    if (this.#open.rows >= openLimit) this.#settle()
  }

  /** @returns false if there was no such entry */
  remove(key: number, pdq: string): boolean {
    for (const segment of this.segments) {
      const hit = segment.within(pdq, 0).find((one) => one.key === key)
      if (!hit) continue
      segment.takeOut(hit.row)
      return true
    }
    return false
  }

  /** Every key within `radius` differing bits, nearest first, equals by key. */
  within(pdq: string, radius: number): Neighbour[] {
    const found: Neighbour[] = []
    const ask = (segment: PdqSegment) => {
      if (segment.rows === 0) return
      for (const { key, distance } of segment.within(pdq, radius)) found.push({ key, distance })
    }
    for (const segment of this.#sealed) ask(segment)
    ask(this.#open)
    return found.sort((a, b) => a.distance - b.distance || a.key - b.key)
  }

  /** Everything in as few segments as can be, without what was removed. */
  compact(): void {
    if (this.#sealed.length === 0 || (this.#sealed.length === 1 && this.#open.rows === 0)) return
    const all = [...this.#sealed, this.#open]
    this.#sealed = []
    this.#open = new PdqSegment()
    this.#merge(all)
  }

  #settle(): void {
    const merging = [this.#open]
    let rows = this.#open.rows
    for (let last = this.#sealed.at(-1); last && last.size < growth * rows; last = this.#sealed.at(-1)) {
      if (last.size + rows > segmentCapacity) break
      merging.unshift(this.#sealed.pop()!)
      rows += last.size
    }
    this.#open = new PdqSegment()
    this.#merge(merging)
  }

  #merge(parts: PdqSegment[]): void {
    // Alone and complete it needs no copy.
    const merged = parts.length === 1 && parts[0]!.size === parts[0]!.rows ? parts[0]! : new PdqSegment()
    for (const part of parts.splice(0)) if (part !== merged) merged.takeFrom(part)
    if (merged.rows === 0) return
    merged.seal()
    this.#sealed.push(merged)
  }
}
