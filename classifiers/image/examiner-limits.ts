/** Part of every fingerprint's identity: raise it when the same bytes would be described differently. */
export const examinerVersion = "image@4"

/** What decoding may cost. */
export interface DecodeLimits {
  /** Pictures with more pixels are refused before anything is decoded; the frames of an animation may have as many together. */
  readonly maxPixels: number
  /** Seconds after which decoding is given up. */
  readonly maxSeconds: number
  /** Frames of an animation, or pages, that get a hash beside the first. */
  readonly maxFrames: number
}

export const defaultDecodeLimits: DecodeLimits = { maxPixels: 100_000_000, maxSeconds: 15, maxFrames: 7 }
