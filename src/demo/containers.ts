import { crc32 } from "node:zlib"

/** A chunk of a PNG (four letters) or of a WebP file. */
export interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

/** A segment of a JPEG: the second byte of its marker and what follows the length. */
export interface Segment {
  readonly marker: number
  readonly data: Uint8Array
}

/** PNG `tEXt`: Latin-1 keyword and text (ISO/IEC 15948, 11.3.3.2). Text beyond Latin-1 belongs into `iTXt`. */
export function pngText(keyword: string, text: string): Chunk {
  return { type: "tEXt", data: Buffer.from(`${keyword}\0${text}`, "latin1") }
}

/** PNG with chunks put in front of the first IDAT. */
export function withPngChunks(png: Uint8Array, chunks: readonly Chunk[]): Buffer {
  const file = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  let at = 8
  while (file.toString("latin1", at + 4, at + 8) !== "IDAT") at += 12 + file.readUInt32BE(at)
  const added = chunks.map(({ type, data }) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data])
    return Buffer.concat([uint32(data.length), body, uint32(crc32(body))])
  })
  return Buffer.concat([file.subarray(0, at), ...added, file.subarray(at)])
}

/** JPEG with segments put behind SOI and, where there is one, the JFIF segment. */
export function withJpegSegments(jpeg: Uint8Array, segments: readonly Segment[]): Buffer {
  const file = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  const at = file[3] === 0xe0 ? 4 + file.readUInt16BE(4) : 2
  const added = segments.map(({ marker, data }) => {
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(data.length + 2, 2)
    return Buffer.concat([head, data])
  })
  return Buffer.concat([file.subarray(0, at), ...added, file.subarray(at)])
}

const EXIF_FLAG = 0x08

/** Simple WebP (one VP8 or VP8L chunk) turned into the extended form with the chunks behind the picture (RFC 9649, 2.7). */
export function withWebpChunks(webp: Uint8Array, width: number, height: number, chunks: readonly Chunk[]): Buffer {
  const file = Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength)
  const head = Buffer.alloc(10)
  head[0] = chunks.some(({ type }) => type === "EXIF") ? EXIF_FLAG : 0
  head.writeUIntLE(width - 1, 4, 3)
  head.writeUIntLE(height - 1, 7, 3)
  const body = Buffer.concat([
    Buffer.from("WEBP", "latin1"),
    riff({ type: "VP8X", data: head }),
    file.subarray(12),
    ...chunks.map(riff),
  ])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length)
  return Buffer.concat([Buffer.from("RIFF", "latin1"), size, body])
}

function riff({ type, data }: Chunk): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(data.length)
  return Buffer.concat([Buffer.from(type, "latin1"), size, data, Buffer.alloc(data.length % 2)])
}

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}
