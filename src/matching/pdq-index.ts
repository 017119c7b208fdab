/** One neighbour: its key and the number of differing bits. */
export interface Neighbour {
  readonly key: string
  readonly distance: number
}

/** Two PDQ hashes at most this far apart show the same picture (ThreatExchange, PDQ_CONFIDENT_MATCH_THRESHOLD). */
export const matchRadius = 31

/** A PDQ hash of lower quality says nothing and is never matched (ThreatExchange, PdqSignal.QUALITY_THRESHOLD). */
export const matchQuality = 50

const words = 8

/**
 * All PDQ hashes in memory, 32 bytes each, searched one after the other: exact, and fast enough for some hundred thousand. One hash per
 * key; adding a key again replaces its hash.
 */
export interface PdqIndex {
  readonly size: number
  /** @param pdq 64 hexadecimal digits */
  add(key: string, pdq: string): void
  remove(key: string): void
  /** Every key within `radius` differing bits, nearest first, equals by key. */
  within(pdq: string, radius: number): Neighbour[]
}

export function createPdqIndex(): PdqIndex {
  let packed = new Uint32Array(1024 * words)
  const keys: string[] = []
  const places = new Map<string, number>()

  return {
    get size() {
      return keys.length
    },
    add(key, pdq) {
      let place = places.get(key)
      if (place === undefined) {
        place = keys.length
        keys.push(key)
        places.set(key, place)
        if (keys.length * words > packed.length) {
          const larger = new Uint32Array(packed.length * 2)
          larger.set(packed)
          packed = larger
        }
      }
      packed.set(pdqWords(pdq), place * words)
    },
    remove(key) {
      const place = places.get(key)
      if (place === undefined) return
      const last = keys.length - 1
      const lastKey = keys[last]!
      packed.copyWithin(place * words, last * words, (last + 1) * words)
      keys[place] = lastKey
      places.set(lastKey, place)
      keys.pop()
      places.delete(key)
    },
    within(pdq, radius) {
      const needle = pdqWords(pdq)
      const found: Neighbour[] = []
      for (let place = 0, at = 0; place < keys.length; place++, at += words) {
        let distance = 0
        for (let word = 0; word < words && distance <= radius; word++) {
          distance += bitCount(packed[at + word]! ^ needle[word]!)
        }
        if (distance <= radius) found.push({ key: keys[place]!, distance })
      }
      return found.sort((a, b) => a.distance - b.distance || (a.key < b.key ? -1 : 1))
    },
  }
}

function pdqWords(hex: string): Uint32Array {
  const result = new Uint32Array(words)
  for (let word = 0; word < words; word++) result[word] = Number.parseInt(hex.slice(word * 8, word * 8 + 8), 16)
  return result
}

/** Set bits of a 32-bit word (Hacker's Delight, figure 5-2). */
function bitCount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}
