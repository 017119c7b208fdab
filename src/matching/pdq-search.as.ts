// AssemblyScript, compiled to pdq-search.wasm by `npm run build:kernel`; a test holds that both agree.
//
// Exact search for hashes of 256 bits within a radius: multi-index hashing with the pigeonhole principle (Norouzi et al., "Fast Exact Search
// in Hamming Space with Multi-Index Hashing"; Qin et al., "GPH"), in its stronger form on a ring (Qin, Xiao, "Pigeonring").
//
// A hash is cut into 16 chunks of 16 bits, of which 15 is followed by 0. Let thresholds t(c) be such that the sum of t(c) + 1 over all
// chunks is radius + 1. A hash within the radius then has a chunk from which on every sum of distances d(c) + d(c + 1) + … stays below the
// sum of the t + 1 of the same chunks: a start. So there is a table for each chunk, with buckets by its value. A query runs through all
// buckets within t(c) bits of its own chunk, eight entries at a time, comparing the following chunk, which each entry has beside it.
//
// What passes is followed into the table of the next chunk, where the entry of the same hash has the chunk after that beside it, and so on
// around the ring to table 0, whose entries are the rows themselves: links instead of row numbers. A link is one byte, the entry's
// number within its bucket, which its value already names; in a bucket of more than 256 it names a few neighbours, and all are followed. Almost everything ends after one
// step, so the cost is that of the buckets, which are read in sequence. A hash with several starts is followed from the last one only.
//
// Which bits make a chunk: those of a PDQ hash are a square of 16 × 16 frequencies, whose rows and columns look alike in pictures with
// straight edges. Chunk c takes one of each row and column: the diagonal (row + column) mod 16 = c.
//
// Memory from `base` on, all little-endian: rows of 32 bytes, their keys, two bits for each row, and per table the offsets of its 65,536
// buckets, the following chunks, and the links.

const CHUNKS: i32 = 16
const BUCKETS: i32 = 65536
const ROW: usize = 32
/** Probes of a query at most: 16 tables, all values within two bits of 16. */
const PROBES: i32 = 16 * 137
const CANDIDATES: i32 = 16384
/**
 * More steps than these and a thirty-second of the rows are more work than comparing every row. Only hundreds of hashes that are nearly the same
 * come to that: their links name each other's neighbours.
 */
const STEPS: i32 = 4096
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
/** Where the following chunks and the links begin in a table. */
let filters: usize = 0
let links: usize = 0
let end: usize = 0
/** Results: row, distance. They lie behind everything else and grow. */
let results: i32 = 0
let pending: i32 = 0
/** Steps along links that a query may still take. */
let steps: i32 = 0

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
  const newFilters: usize = (BUCKETS + 16) * 4
  const newLinks = newFilters + n * 2
  // Vectors are read beyond the last entry.
  const newTableBytes = withTables ? aligned(newLinks + n + 16) : 0
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
  filters = newFilters
  links = newLinks
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

/**
 * Orders the rows by chunk 0 and fills the tables: a counting sort for each chunk. Nothing must be taken out. Temporary data lie in tables
 * that are not filled yet, so that building needs no memory of its own: hence at most 2²⁴ rows.
 */
export function buildTables(): void {
  sortRows()
  const rowsEnd = base + usize(count) * ROW
  // Place of each row in the table of the following chunk, three bytes each; in table 0 it is the row's number.
  const places = tables + filters
  for (let row: u32 = 0; row < u32(count); row++) storePlace(places, row, row)
  for (let chunk = CHUNKS - 1; chunk > 0; chunk--) {
    const table = tables + tableBytes * chunk
    const following = (chunk + 1) & 15
    const nextTable = tables + tableBytes * following
    countBuckets(table, chunk)
    let row: u32 = 0
    for (let at = base; at < rowsEnd; at += ROW, row++) {
      const cursor = cursors + usize(load<u16>(at + chunk * 2)) * 4
      const place = load<u32>(cursor)
      store<u32>(cursor, place + 1)
      const value = load<u16>(at + following * 2)
      store<u16>(table + filters + (usize(place) << 1), value)
      const bucket = nextTable + usize(value) * 4
      const start = load<u32>(bucket)
      const number = loadPlace(places, row) - start
      store<u8>(table + links + place, u8(number >>> blur(load<u32>(bucket, 4) - start)))
      storePlace(places, row, place)
    }
  }
  let to = tables + filters
  for (let at = base; at < rowsEnd; at += ROW, to += 2) store<u16>(to, load<u16>(at + 2))
}

// @inline
function loadPlace(places: usize, row: u32): u32 {
  const at = places + usize(row) * 3
  return u32(load<u16>(at)) | (u32(load<u8>(at, 2)) << 16)
}

// @inline
function storePlace(places: usize, row: u32, place: u32): void {
  const at = places + usize(row) * 3
  store<u16>(at, u16(place))
  store<u8>(at, u8(place >>> 16), 2)
}

/** How many bits of an entry's number in its bucket a link leaves out. */
// @inline
function blur(inBucket: u32): u32 {
  return inBucket <= 256 ? 0 : 32 - u32(clz((inBucket - 1) >>> 8))
}

/** Offsets of a table's buckets, and cursors at their starts. */
function countBuckets(table: usize, chunk: i32): void {
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
}

/** Rows and keys in the order of table 0. */
function sortRows(): void {
  countBuckets(tables, 0)
  const rowsCopy = tables + tableBytes
  const keysCopy = rowsCopy + usize(count) * ROW
  memory.copy(rowsCopy, base, usize(count) * ROW)
  memory.copy(keysCopy, keys, usize(count) * 4)
  for (let row = 0; row < count; row++) {
    const from = rowsCopy + usize(row) * ROW
    const cursor = cursors + usize(load<u16>(from)) * 4
    const place = load<u32>(cursor)
    store<u32>(cursor, place + 1)
    const to = base + usize(place) * ROW
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    store<u32>(keys + usize(place) * 4, load<u32>(keysCopy + usize(row) * 4))
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
  steps = STEPS + (count >> 5)
  for (let chunk = 0, probe = 0; chunk < CHUNKS && steps > 0; chunk++) probe = runTable(chunk, probe, probes, limit)
  const complete = steps > 0
  if (complete) compare(limit)
  for (let result = 0; result < results; result++) {
    const row = load<u32>(end + usize(result) * 8)
    store<u8>(seen + (row >> 3), 0)
  }
  return complete ? results : scanPacked(radius)
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
  return total > u64(count) * 2 + 1024 ? -1 : probes
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

/** Follows the entries of a table's buckets whose following chunk is near enough. Returns the first probe of the next table. */
function runTable(chunk: i32, first: i32, probes: i32, limit: u64): i32 {
  const following = (chunk + 1) & 15
  const most = threshold(chunk) + threshold(following) + 1
  const table = tables + tableBytes * chunk
  const filter = table + filters
  const wanted = load<u16>(needle + following * 2)
  const wantedByAll = i16x8.splat(i16(wanted))
  let probe = first
  for (; probe < probes; probe++) {
    const info = load<u32>(probeInfos + probe * 4)
    if (i32(info >>> 24) !== chunk) break
    const own = i32((info >>> 16) & 0xff)
    if (own > most) continue
    const nearest = i16x8.splat(i16(most - own))
    const stop = load<u32>(probeEnds + probe * 4)
    for (let place = load<u32>(probeStarts + probe * 4); place < stop; place += 8) {
      const different = v128.xor(v128.load(filter + (usize(place) << 1)), wantedByAll)
      const near = i16x8.le_u(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(different)), nearest)
      if (!v128.any_true(near)) continue
      let mask = i16x8.bitmask(near)
      if (stop - place < 8) mask &= (1 << (stop - place)) - 1
      while (mask && steps > 0) {
        const at = place + u32(ctz(mask))
        mask &= mask - 1
        if (chunk === 0) {
          propose(at, limit)
          continue
        }
        const value = load<u16>(filter + (usize(at) << 1))
        const distance = popcnt<i32>(value ^ wanted)
        follow(chunk, following, value, load<u8>(table + links + at), own, distance, own, limit)
      }
    }
  }
  return probe
}

// @inline
function threshold(chunk: i32): i32 {
  return load<i32>(thresholds + chunk * 4)
}

/**
 * Into the table of a chunk, whose value and distance are known, from a start.
 *
 * @param before distance of the chunk before
 * @param sum of the distances from the start up to the chunk before
 */
function follow(from: i32, chunk: i32, value: u32, link: u32, before: i32, own: i32, sum: i32, limit: u64): void {
  const table = tables + tableBytes * chunk
  const first = load<u32>(table + usize(value) * 4)
  const stop = load<u32>(table + usize(value) * 4, 4)
  const shift = blur(stop - first)
  const start = first + (link << shift)
  const end = min(stop, start + (1 << shift))
  if (chunk === 0) {
    for (let row = start; row < end; row++) propose(row, limit)
    return
  }
  const following = (chunk + 1) & 15
  const previous = chunk - 1
  const wanted = load<u16>(needle + following * 2)
  // With these three chunks alone the previous one may be a start itself.
  const pair = threshold(previous) + threshold(chunk) + 1
  const three = pair + threshold(following) + 1
  const startsAnew = before <= threshold(previous) && before + own <= pair
  const most = previous === from ? three - before - own : i32(limit) - sum - own
  for (let place = start; place < end && steps > 0; place++) {
    steps--
    const next = load<u16>(table + filters + (usize(place) << 1))
    const distance = popcnt<i32>(next ^ wanted)
    if (distance > most) continue
    // Then it is found from there.
    if (previous > from && startsAnew && before + own + distance <= three) continue
    follow(from, following, next, load<u8>(table + links + place), own, distance, sum + own, limit)
  }
}

// @inline
function propose(row: u32, limit: u64): void {
  if (pending === CANDIDATES) compare(limit)
  store<u32>(candidates + pending * 4, row)
  pending++
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
