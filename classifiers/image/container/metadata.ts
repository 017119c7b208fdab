import type { Exif } from "./exif.ts"
import type { ImageFormat } from "./format.ts"

/** A text that a container carries beside its pixels. `carrier` names the place, e.g. "png:tEXt". */
export interface TextField {
  readonly carrier: string
  readonly key: string
  readonly value: string
}

/** A block of bytes inside the file (a view, never a copy that outlives the file), e.g. a JUMBF store. */
interface Block {
  readonly carrier: string
  readonly bytes: Uint8Array
}

/**
 * What a walker found beside the pixels. Lives only while an image is examined: texts may hold prompts and blocks may hold pictures,
 * so nothing of it is ever stored or logged; readers take derived fields from it.
 */
export interface Metadata {
  readonly format: ImageFormat
  /** Pixels as stored, if the header says so. */
  width?: number
  height?: number
  /** Frames of an animation, or pages; 1 for a still picture. */
  frames: number
  /** The file ends before its own structure does. */
  truncated: boolean
  /** What is decoded are the very pixels that were written: a PNG, a still WebP of the lossless kind. */
  lossless: boolean
  /** The picture is red, green, blue and alpha of eight bits each. */
  alpha: boolean
  /** Of a JPEG, on libjpeg's scale from 1 to 100. */
  jpegQuality?: number
  /** Bytes after the end of the picture. */
  trailingBytes: number
  readonly texts: TextField[]
  readonly exif: Exif[]
  /** XMP packets as they came. */
  readonly xmp: TextField[]
  /** C2PA manifest stores. */
  readonly jumbf: Block[]
}

export function emptyMetadata(format: ImageFormat): Metadata {
  return {
    format,
    frames: 1,
    truncated: false,
    lossless: false,
    alpha: false,
    trailingBytes: 0,
    texts: [],
    exif: [],
    xmp: [],
    jumbf: [],
  }
}
