/** What one host may cost us, whatever it sends. Times in milliseconds, sizes in bytes. */
export interface FetchLimits {
  /** Body of a page, unpacked. */
  readonly pageBytes: number
  /** Body of a picture, unpacked. */
  readonly imageBytes: number
  /** Body of another attached file, unpacked. */
  readonly attachmentBytes: number
  /** Unpacked to packed length of a compressed body, once it has unpacked to more than `ratioFreeBytes`. */
  readonly ratio: number
  readonly ratioFreeBytes: number
  /** Status line and headers of one answer. */
  readonly headerBytes: number
  readonly urlLength: number
  /** Hops after the first address. */
  readonly redirects: number
  /** From the request to a stream through Tor; building circuits to an onion service is part of it. */
  readonly connectMs: number
  /** From the sent request to the end of the headers. */
  readonly firstByteMs: number
  /** A page or picture with all its redirects. */
  readonly pageMs: number
  readonly imageMs: number
  /** A body that brings fewer than `slowBytes` in any `slowMs` is a slow drip. */
  readonly slowBytes: number
  readonly slowMs: number
}

/**
 * Above what honest forums need. Ratio: deflate reaches 1032 at most, brotli and zstd far more, while repetitive HTML stays below 100.
 * Times: tor gives a stream up after 120 s (SocksTimeout); a slow onion service answers within half of it.
 */
export const defaultLimits: FetchLimits = {
  pageBytes: 8 * 1024 * 1024,
  imageBytes: 64 * 1024 * 1024,
  attachmentBytes: 32 * 1024 * 1024,
  ratio: 200,
  ratioFreeBytes: 64 * 1024,
  headerBytes: 64 * 1024,
  urlLength: 8192,
  redirects: 8,
  connectMs: 60_000,
  firstByteMs: 60_000,
  pageMs: 120_000,
  imageMs: 180_000,
  slowBytes: 1024,
  slowMs: 20_000,
}
