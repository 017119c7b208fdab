import { readBmp } from "./bmp.ts"
import { formatOf, type ImageFormat } from "./format.ts"
import { readGif } from "./gif.ts"
import { readHeif } from "./heif.ts"
import { readJpeg } from "./jpeg.ts"
import { readJxl } from "./jxl.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"
import { readPng } from "./png.ts"
import { readTiff } from "./tiff.ts"
import { readWebp } from "./webp.ts"

const walkers: Record<ImageFormat, (bytes: Uint8Array) => Metadata> = {
  png: readPng,
  jpeg: readJpeg,
  webp: readWebp,
  gif: readGif,
  avif: (bytes) => readHeif(bytes, "avif"),
  heic: (bytes) => readHeif(bytes, "heic"),
  tiff: readTiff,
  jxl: readJxl,
  bmp: readBmp,
  svg: () => emptyMetadata("svg"),
  unknown: () => emptyMetadata("unknown"),
}

/** What a file's container says beside its pixels. Never throws: a walker that stumbles leaves the type alone. */
export function readMetadata(bytes: Uint8Array): Metadata {
  const format = formatOf(bytes)
  try {
    return walkers[format](bytes)
  } catch {
    return { ...emptyMetadata(format), truncated: true }
  }
}
