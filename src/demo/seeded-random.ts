import { createHash } from "node:crypto"

/** A reproducible stream of choices: the same parts give the same stream, other parts an unrelated one. */
export interface Seeded {
  /** In [0, 1). */
  float(): number
  /** A whole number, both ends included. */
  int(min: number, max: number): number
  between(min: number, max: number): number
  pick<T>(list: readonly T[]): T
  chance(probability: number): boolean
  shuffle<T>(list: readonly T[]): T[]
}

/** The demo world knows no other randomness and no clock, so that a seed names one forum, byte by byte. The generator is sfc32. */
export function seeded(...parts: readonly (string | number)[]): Seeded {
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest()
  let a = digest.readInt32LE(0)
  let b = digest.readInt32LE(4)
  let c = digest.readInt32LE(8)
  let d = digest.readInt32LE(12)
  const float = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4294967296
  }
  const int = (min: number, max: number) => min + Math.floor(float() * (max - min + 1))
  return {
    float,
    int,
    between: (min, max) => min + float() * (max - min),
    pick: (list) => list[int(0, list.length - 1)]!,
    chance: (probability) => float() < probability,
    shuffle(list) {
      const out = [...list]
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(0, i)
        const held = out[i]!
        out[i] = out[j]!
        out[j] = held
      }
      return out
    },
  }
}
