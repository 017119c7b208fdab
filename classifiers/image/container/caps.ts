/** Caps on what is taken from one file; a file that exceeds one is read up to it. */
export const Cap = {
  /** Chunks, segments, boxes or directory entries walked. */
  parts: 20_000,
  /** Texts kept. */
  texts: 256,
  /** Bytes of one text, inflated or not. */
  text: 4 << 20,
  /** Bytes of all texts of a PNG together. */
  allTexts: 8 << 20,
} as const
