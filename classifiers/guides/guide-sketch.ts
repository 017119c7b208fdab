import { createHmac } from "node:crypto"

/** Words of a text that its sketch is made of, and how many stand together in a shingle. */
const wordLimit = 4_000
const shingleSize = 3
/** Of fewer shingles a sketch says nothing: short posts are alike by chance. */
const fewestShingles = 12

/**
 * What is kept of a guide's text so that its copies are recognised: a SimHash (Charikar 2002) of 256 bits over keyed shingles, as 64
 * hexadecimal digits. Each three words in a row vote, with the bits of their HMAC-SHA-256, for the bits of the sketch; texts that share
 * most of their shingles differ in few bits. Without the key a sketch tells nothing of the text, and no guess can be tried on it.
 *
 * Case, compatible characters, punctuation, layout and the numbers of steps count for nothing. Undefined for texts that are too short.
 */
export function guideSketch(text: string, key: Uint8Array): string | undefined {
  const words = wordsOf(text)
  const shingles = new Set<string>()
  for (let at = 0; at + shingleSize <= words.length; at++) shingles.add(words.slice(at, at + shingleSize).join(" "))
  if (shingles.size < fewestShingles) return undefined
  const votes = new Int32Array(256)
  for (const shingle of shingles) {
    const bits = createHmac("sha256", key).update(shingle, "utf8").digest()
    for (let bit = 0; bit < 256; bit++) votes[bit]! += (bits[bit >> 3]! >> (7 - (bit & 7))) & 1 ? 1 : -1
  }
  const sketch = Buffer.alloc(32)
  for (let bit = 0; bit < 256; bit++) if (votes[bit]! > 0) sketch[bit >> 3]! |= 1 << (7 - (bit & 7))
  return sketch.toString("hex")
}

/** Words without marks; characters of scripts that put no spaces between words stand alone. */
function wordsOf(text: string): string[] {
  const plain = text.slice(0, 100_000).normalize("NFKC").toLowerCase()
  const unnumbered = plain.replaceAll(/^[\s>*•#-]{0,8}(?:\d{1,2}[.):、]|[-*•])\s*/gm, "")
  return (
    unnumbered
      .match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\p{L}\p{M}]+|\d+(?:[.,]\d+)?/gu)
      ?.slice(0, wordLimit) ?? []
  )
}
