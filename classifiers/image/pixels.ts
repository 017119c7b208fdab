/**
 * Eight-bit pixels, row by row, as stored: EXIF orientation not applied, one channel if grey. A fourth channel is alpha, kept of lossless
 * files that have it; of others it says nothing.
 */
export interface Pixels {
  readonly data: Buffer<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}
