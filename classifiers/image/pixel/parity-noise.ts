/** Noise that every language makes alike: xorshift32, the lowest byte of each step. */
export function noiseOf(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length)
  let state = seed >>> 0 || 1
  for (let at = 0; at < length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    out[at] = state & 255
  }
  return out
}
