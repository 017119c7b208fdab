/** Part of every fingerprint's identity: raise it when the same bytes would be described differently. */
export const examinerVersion = "image@3"

/** What decoding may cost. */
export interface DecodeLimits {
  /** Pictures with more pixels are refused before anything is decoded. */
  readonly maxPixels: number
  /** Seconds after which decoding is given up. */
  readonly maxSeconds: number
}

export const defaultDecodeLimits: DecodeLimits = { maxPixels: 100_000_000, maxSeconds: 15 }
