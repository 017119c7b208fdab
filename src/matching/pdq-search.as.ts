// AssemblyScript, compiled to pdq-search.wasm by `npm run build:kernel`; a test holds that both agree.
//
// Exact search for hashes of 256 bits within a radius, by multi-index hashing with the pigeonhole principle (Norouzi et al., "Fast Exact
// Search in Hamming Space with Multi-Index Hashing"; Qin et al., "GPH") and its stronger form on a ring (Qin, Xiao, "Pigeonring").
//
// A hash is cut into 16 chunks of 16 bits. With thresholds t(c) whose sum over all chunks of t(c) + 1 is radius + 1, a hash within the radius
// has a chunk c, with d(c) bits that differ, where d(c) ≤ t(c) and d(c) + d(c + 1) ≤ t(c) + t(c + 1) + 1; chunk 15 is followed by chunk 0. So there is
// a table for each chunk, with buckets by its value, and each entry has eight bits of the following chunk beside it: all buckets within
// t(c) bits are run through, 16 entries at a time, and what passes is compared in full.
//
// Which bits make a chunk: those of a PDQ hash are a square of 16 × 16 frequencies, whose rows and columns look alike in pictures with
// straight edges. Chunk c takes one of each row and column: the diagonal (row + column) mod 16 = c.
//
// Memory from `base` on, all little-endian: rows of 32 bytes in order of arrival, their keys, two bits for each row, and per table
// offsets of the 65,536 buckets, the eight bits, and the row numbers: the lower 16 bits, and the rest in unary (Elias, Fano), which takes 18
// bits a row instead of 32. The entries of a bucket are in order of their rows.

const CHUNKS: i32 = 16
const BUCKETS: i32 = 65536
const ROW: usize = 32
/** Probes of a query at most: 16 tables, all values within two bits of 16. */
const PROBES: i32 = 16 * 137
const CANDIDATES: i32 = 16384
/** Room for results behind everything else; more is taken when it is full. */
const SPARE: i32 = 65536
const LIMIT: f64 = 4294901760

const needle: usize = (__heap_base + 63) & ~63
const thresholds: usize = needle + ROW
const probeStarts: usize = thresholds + CHUNKS * 4
const probeEnds: usize = probeStarts + PROBES * 4
const probeInfos: usize = probeEnds + PROBES * 4
const candidates: usize = probeInfos + PROBES * 4
const cursors: usize = candidates + CANDIDATES * 4
const base: usize = (cursors + BUCKETS * 4 + 63) & ~63

let count: i32 = 0
let keys: usize = 0
let gone: usize = 0
let seen: usize = 0
let tables: usize = 0
let tableBytes: usize = 0
let filters: usize = 0
let lows: usize = 0
let highs: usize = 0
/** Values of a row number's upper bits. */
let uppers: u32 = 0
let end: usize = 0
/** Results: row, distance. They lie behind everything else and grow. */
let results: i32 = 0
let pending: i32 = 0

export function needleAt(): usize {
  return needle
}
export function rowsAt(): usize {
  return base
}
export function keysAt(): usize {
  return keys
}
export function resultsAt(): usize {
  return end
}
export function endOfData(): usize {
  return end
}
export function size(): i32 {
  return count
}

// @inline
function aligned(at: usize): usize {
  return (at + 63) & ~63
}

function ensure(bytes: usize): bool {
  const missing = i32((bytes + 0xffff) >>> 16) - memory.size()
  return missing <= 0 || memory.grow(missing) >= 0
}

/**
 * Lays out memory for so many rows, with tables if they are to be searched by them; what is stored moves along. False, with nothing
 * changed, if there is not so much memory: 4 GB.
 */
export function layOut(rows: i32, withTables: bool): bool {
  const n = usize(rows)
  const newKeys = aligned(base + n * ROW)
  const newGone = aligned(newKeys + n * 4)
  const newSeen = aligned(newGone + (n >> 3) + 8)
  const newTables = aligned(newSeen + (n >> 3) + 8)
  const newUppers = (u32(rows) >>> 16) + 1
  const newFilters: usize = (BUCKETS + 16) * 4
  const newLows = aligned(newFilters + n + 16)
  const newHighs = aligned(newLows + n * 2)
  const newTableBytes = withTables ? aligned(newHighs + ((n + usize(newUppers) * BUCKETS) >> 3) + 16) : 0
  if (f64(newTables) + f64(newTableBytes) * CHUNKS + SPARE > LIMIT) return false
  if (!ensure(newTables + newTableBytes * CHUNKS + SPARE)) return false
  const used = usize(count)
  if (newKeys > keys) {
    memory.copy(newGone, gone, (used >> 3) + 1)
    memory.copy(newKeys, keys, used * 4)
  } else {
    memory.copy(newKeys, keys, used * 4)
    memory.copy(newGone, gone, (used >> 3) + 1)
  }
  if (used === 0) store<u8>(newGone, 0)
  keys = newKeys
  gone = newGone
  seen = newSeen
  tables = newTables
  uppers = newUppers
  filters = newFilters
  lows = newLows
  highs = newHighs
  tableBytes = newTableBytes
  end = tables + tableBytes * CHUNKS
  memory.fill(keys + used * 4, 0, gone - keys - used * 4)
  const unused = gone + (used >> 3) + 1
  memory.fill(unused, 0, end - unused)
  return true
}

/** After rows and keys were written from outside. */
export function setSize(rows: i32): void {
  count = rows
}

/** Turns a hash as it is printed, as 16 words from the most significant on, into a row: rotate each, transpose the square. */
export function pack(from: usize, to: usize): void {
  // 32 bytes in printed order: word w is bytes 2w (high) and 2w + 1.
  for (let row = 0; row < CHUNKS; row++) {
    const word = (u32(load<u8>(from + row * 2)) << 8) | u32(load<u8>(from + row * 2 + 1))
    store<u16>(cursors + row * 2, u16((word << row) | (word >>> (16 - row))))
  }
  // Transposition: bit b of turned word r becomes bit r of chunk b.
  const low = v128.load(cursors)
  const high = v128.load(cursors, 16)
  const lowBytes = v128.shuffle<u8>(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
  const highBytes = v128.shuffle<u8>(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
  let a = lowBytes
  let b = highBytes
  for (let bit = 7; bit >= 0; bit--) {
    store<u16>(to + bit * 2, u16(i8x16.bitmask(a)))
    store<u16>(to + (bit + 8) * 2, u16(i8x16.bitmask(b)))
    a = i8x16.shl(a, 1)
    b = i8x16.shl(b, 1)
  }
}

/** Adds a row; the hash stands at `needle` as 32 bytes in printed order. The caller has laid out the room. */
export function append(key: u32): void {
  const to = base + usize(count) * ROW
  pack(needle, to)
  store<u32>(keys + usize(count) * 4, key)
  count++
}

export function isGone(row: u32): bool {
  return ((load<u8>(gone + (row >> 3)) >> u8(row & 7)) & 1) !== 0
}

export function setGone(row: u32): void {
  const at = gone + (row >> 3)
  store<u8>(at, load<u8>(at) | (u8(1) << u8(row & 7)))
}

/** Fills the tables from the rows: a counting sort for each chunk. They must be zero. */
export function buildTables(): void {
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const table = tables + tableBytes * chunk
    const following = ((chunk + 1) & 15) * 2
    memory.fill(cursors, 0, BUCKETS * 4)
    const stop = base + usize(count) * ROW
    for (let at = base + chunk * 2; at < stop; at += ROW) {
      const cursor = cursors + usize(load<u16>(at)) * 4
      store<u32>(cursor, load<u32>(cursor) + 1)
    }
    let sum: u32 = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const cursor = cursors + bucket * 4
      const inBucket = load<u32>(cursor)
      store<u32>(cursor, sum)
      store<u32>(table + bucket * 4, sum)
      sum += inBucket
    }
    store<u32>(table + BUCKETS * 4, sum)
    const filter = table + filters
    const low = table + lows
    const high = table + highs
    let row: u32 = 0
    for (let at = base; at < stop; at += ROW, row++) {
      const bucket = u32(load<u16>(at + chunk * 2))
      const cursor = cursors + usize(bucket) * 4
      const place = load<u32>(cursor)
      store<u32>(cursor, place + 1)
      store<u8>(filter + place, load<u8>(at + following))
      store<u16>(low + (usize(place) << 1), u16(row))
      const bit = place + bucket * uppers + (row >>> 16)
      const byte = high + (bit >>> 3)
      store<u8>(byte, load<u8>(byte) | (u8(1) << u8(bit & 7)))
    }
  }
}

/** All rows within `radius` of the hash at `needle` (printed order), by comparing each. Returns their number. */
export function scan(radius: i32): i32 {
  pack(needle, needle)
  return scanPacked(radius)
}

function scanPacked(radius: i32): i32 {
  results = 0
  const q0 = load<u64>(needle)
  const q1 = load<u64>(needle, 8)
  const q2 = load<u64>(needle, 16)
  const q3 = load<u64>(needle, 24)
  const limit = u64(radius)
  let at = base
  for (let row = 0; row < count; row++, at += ROW) {
    let distance = popcnt(load<u64>(at) ^ q0) + popcnt(load<u64>(at, 8) ^ q1)
    if (distance > limit) continue
    distance += popcnt(load<u64>(at, 16) ^ q2) + popcnt(load<u64>(at, 24) ^ q3)
    if (distance <= limit && !isGone(row)) keep(row, u32(distance))
  }
  return results
}

function keep(row: u32, distance: u32): void {
  const to = end + usize(results) * 8
  if ((results & 4095) === 0) ensure(to + SPARE)
  store<u32>(to, row)
  store<u32>(to, distance, 4)
  results++
}

/** The same by the tables. Radius 31 at most; larger ones, and queries whose buckets hold too much, are answered by `scan`. */
export function search(radius: i32): i32 {
  pack(needle, needle)
  if (radius > 47) return scanPacked(radius)
  const each = (radius + 1) / CHUNKS - 1
  const more = (radius + 1) % CHUNKS
  for (let chunk = 0; chunk < CHUNKS; chunk++) store<i32>(thresholds + chunk * 4, chunk < more ? each + 1 : each)
  const probes = listProbes()
  if (probes < 0) return scanPacked(radius)
  results = 0
  pending = 0
  const limit = u64(radius)
  for (let probe = 0; probe < probes; probe++) run(probe, limit)
  compare(limit)
  for (let result = 0; result < results; result++) {
    const row = load<u32>(end + usize(result) * 8)
    store<u8>(seen + (row >> 3), 0)
  }
  return results
}

/** Every bucket to run through that is not empty. -1 where they hold so much that comparing every row is less work. */
function listProbes(): i32 {
  let probes = 0
  let total: u64 = 0
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const threshold = load<i32>(thresholds + chunk * 4)
    if (threshold < 0) continue
    const table = tables + tableBytes * chunk
    const value = u32(load<u16>(needle + chunk * 2))
    const before = probes
    probes = addProbe(probes, table, chunk, value, 0)
    if (threshold > 0)
      for (let one: u32 = 1; one < 65536; one <<= 1) probes = addProbe(probes, table, chunk, value ^ one, 1)
    if (threshold > 1) {
      for (let one: u32 = 1; one < 65536; one <<= 1) {
        for (let two: u32 = one << 1; two < 65536; two <<= 1) {
          probes = addProbe(probes, table, chunk, value ^ one ^ two, 2)
        }
      }
    }
    for (let probe = before; probe < probes; probe++) {
      total += load<u32>(probeEnds + probe * 4) - load<u32>(probeStarts + probe * 4)
    }
  }
  return total * 2 > u64(count) + 1024 ? -1 : probes
}

// @inline
function addProbe(probe: i32, table: usize, chunk: i32, bucket: u32, distance: i32): i32 {
  const start = load<u32>(table + usize(bucket) * 4)
  const stop = load<u32>(table + usize(bucket) * 4, 4)
  store<u32>(probeStarts + probe * 4, start)
  store<u32>(probeEnds + probe * 4, stop)
  store<u32>(probeInfos + probe * 4, (u32(chunk) << 24) | (u32(distance) << 16) | bucket)
  return probe + i32(stop > start)
}

/** Entries of one bucket whose eight bits are near enough become candidates. */
function run(probe: i32, limit: u64): void {
  const start = load<u32>(probeStarts + probe * 4)
  const stop = load<u32>(probeEnds + probe * 4)
  const info = load<u32>(probeInfos + probe * 4)
  const chunk = info >>> 24
  const bucket = info & 0xffff
  const following = (chunk + 1) & 15
  const most = load<i32>(thresholds + chunk * 4) + load<i32>(thresholds + following * 4) + 1 - i32((info >>> 16) & 0xff)
  if (most < 0) return
  const table = tables + tableBytes * chunk
  const filter = table + filters
  const low = table + lows
  const wanted = i8x16.splat(load<i8>(needle + following * 2))
  const nearest = i8x16.splat(i8(most))
  // The upper bits in unary: the entry with number e of a bucket is the one-bit with number e from here on.
  const first = start + bucket * uppers
  const highAt = table + highs
  let word = first >>> 6
  let bits = load<u64>(highAt + (usize(word) << 3)) & (~u64(0) << u64(first & 63))
  let ones: u32 = 0
  let inWord = u32(popcnt(bits))
  for (let place = start; place < stop; place += 16) {
    let mask = i8x16.bitmask(i8x16.le_u(i8x16.popcnt(v128.xor(v128.load(filter + place), wanted)), nearest))
    if (stop - place < 16) mask &= (1 << (stop - place)) - 1
    while (mask) {
      const at = place + u32(ctz(mask))
      mask &= mask - 1
      const entry = at - start
      while (entry >= ones + inWord) {
        ones += inWord
        word++
        bits = load<u64>(highAt + (usize(word) << 3))
        inWord = u32(popcnt(bits))
      }
      const upper = (word << 6) + placeOfOne(bits, entry - ones) - first - entry
      if (pending === CANDIDATES) compare(limit)
      store<u32>(candidates + pending * 4, (upper << 16) | u32(load<u16>(low + (usize(at) << 1))))
      pending++
    }
  }
}

/** Place of the one-bit with this number, from the lowest, which is number 0. */
// @inline
function placeOfOne(bits: u64, number: u32): u32 {
  let left = number
  let place: u32 = 0
  let part = bits
  let below = u32(popcnt(part & 0xffffffff))
  if (left >= below) {
    left -= below
    place = 32
    part >>>= 32
  }
  below = u32(popcnt(part & 0xffff))
  if (left >= below) {
    left -= below
    place += 16
    part >>>= 16
  }
  below = u32(popcnt(part & 0xff))
  if (left >= below) {
    left -= below
    place += 8
    part >>>= 8
  }
  while (left > 0) {
    part &= part - 1
    left--
  }
  return place + u32(ctz(part))
}

/** Candidates in full, all at once, so that their memory is fetched side by side. A row found by several tables is kept once. */
function compare(limit: u64): void {
  const q0 = load<u64>(needle)
  const q1 = load<u64>(needle, 8)
  const q2 = load<u64>(needle, 16)
  const q3 = load<u64>(needle, 24)
  const stop: usize = candidates + pending * 4
  for (let from = candidates; from < stop; from += 4) {
    const row = load<u32>(from)
    const at = base + usize(row) * ROW
    const distance =
      popcnt(load<u64>(at) ^ q0) +
      popcnt(load<u64>(at, 8) ^ q1) +
      popcnt(load<u64>(at, 16) ^ q2) +
      popcnt(load<u64>(at, 24) ^ q3)
    if (distance > limit) continue
    const bit = u8(1) << u8(row & 7)
    const mark = seen + (row >> 3)
    if (load<u8>(mark) & bit) continue
    if (isGone(row)) continue
    store<u8>(mark, load<u8>(mark) | bit)
    keep(row, u32(distance))
  }
  pending = 0
}
