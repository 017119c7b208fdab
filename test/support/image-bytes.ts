import { constants, crc32, deflateRawSync, deflateSync } from "node:zlib"

/** Image files made byte by byte: real structure, harmless content. */

export function pngChunk(type: string, data: Uint8Array | string): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), Buffer.from(data as Uint8Array)])
  return Buffer.concat([uint32(body.length - 4), body, uint32(crc32(body))])
}

export function pngText(key: string, value: string): Buffer {
  return pngChunk("tEXt", `${key}\0${value}`)
}

export function pngZipped(key: string, value: string): Buffer {
  return pngChunk("zTXt", Buffer.concat([Buffer.from(`${key}\0\0`), deflateSync(value)]))
}

export function pngInternational(key: string, value: string, zipped = false): Buffer {
  const head = Buffer.from(`${key}\0${zipped ? "\x01" : "\0"}\0\0\0`)
  return pngChunk("iTXt", Buffer.concat([head, zipped ? deflateSync(value) : Buffer.from(value)]))
}

export interface PngOptions {
  readonly width?: number
  readonly height?: number
  /** Chunks before the picture data. */
  readonly before?: readonly Uint8Array[]
  /** Chunks after it. */
  readonly after?: readonly Uint8Array[]
  /** Three bytes for a pixel. */
  readonly pixel?: (x: number, y: number) => readonly [number, number, number]
}

/** A valid 8-bit RGB PNG. */
export function png({ width = 8, height = 8, before = [], after = [], pixel = gradient }: PngOptions = {}): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0, at = 0; y < height; y++) {
    at++
    for (let x = 0; x < width; x++) for (const value of pixel(x, y)) rows[at++] = value
  }
  return pngOf(width, height, 2, [...before, pngChunk("IDAT", deflateSync(rows)), ...after])
}

/** A valid 8-bit PNG of these pixels, row by row: RGB or RGBA. */
export function pngOfPixels(pixels: Uint8Array, width: number, height: number, channels: 3 | 4): Buffer {
  const rows = Buffer.alloc(height * (1 + width * channels))
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * width * channels, (y + 1) * width * channels), y * (1 + width * channels) + 1)
  }
  return pngOf(width, height, channels === 4 ? 6 : 2, [pngChunk("IDAT", deflateSync(rows, { level: 1 }))])
}

export interface ApngPart {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** 0 keeps, 1 clears, 2 restores what was there. */
  readonly dispose?: 0 | 1 | 2
  /** 0 replaces, 1 blends. */
  readonly blend?: 0 | 1
  /** RGBA, row by row. */
  readonly pixels: Uint8Array
}

/** An animated 8-bit RGBA PNG. With `apart`, that picture comes first and is no frame; otherwise the first frame is what others show. */
export function apng(width: number, height: number, parts: readonly ApngPart[], apart?: Uint8Array): Buffer {
  let sequence = 0
  const packed = (pixels: Uint8Array, across: number) => {
    const rows = Buffer.alloc((pixels.length / (across * 4)) * (1 + across * 4))
    for (let y = 0; y * across * 4 < pixels.length; y++)
      rows.set(pixels.subarray(y * across * 4, (y + 1) * across * 4), y * (1 + across * 4) + 1)
    return deflateSync(rows)
  }
  const frames = parts.flatMap((part, index) => {
    const control = [sequence++, part.width, part.height, part.x, part.y].map(uint32)
    const rest = Buffer.from([0, 1, 0, 10, part.dispose ?? 0, part.blend ?? 0])
    const data = packed(part.pixels, part.width)
    // In two pieces, as writers with small buffers make them.
    const pieces = [data.subarray(0, data.length >> 1), data.subarray(data.length >> 1)]
    return [
      pngChunk("fcTL", Buffer.concat([...control, rest])),
      ...pieces.map((piece) =>
        index === 0 && !apart ? pngChunk("IDAT", piece) : pngChunk("fdAT", Buffer.concat([uint32(sequence++), piece])),
      ),
    ]
  })
  const animation = pngChunk("acTL", Buffer.concat([uint32(parts.length), uint32(0)]))
  const first = apart ? [pngChunk("IDAT", packed(apart, width))] : []
  return pngOf(width, height, 6, [animation, ...first, ...frames])
}

/** A valid black 8-bit grey PNG of any size that weighs a thousandth of its pixels. */
export function blackPng(width: number, height: number): Buffer {
  const length = height * (1 + width)
  const block = 1 << 20
  const zeros = deflateRawSync(Buffer.alloc(block), { finishFlush: constants.Z_FULL_FLUSH })
  const rest = deflateRawSync(Buffer.alloc(length % block))
  const checksum = uint32((((length % 65521) << 16) | 1) >>> 0)
  const blocks = Array.from({ length: Math.floor(length / block) }, () => zeros)
  return pngOf(width, height, 0, [
    pngChunk("IDAT", Buffer.concat([Buffer.from([0x78, 0x01]), ...blocks, rest, checksum])),
  ])
}

function pngOf(width: number, height: number, colour: number, chunks: readonly Uint8Array[]): Buffer {
  const header = Buffer.concat([uint32(width), uint32(height), Buffer.from([8, colour, 0, 0, 0])])
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", header),
    ...chunks,
    pngChunk("IEND", ""),
  ])
}

function gradient(x: number, y: number): readonly [number, number, number] {
  return [(x * 7) & 255, (y * 5) & 255, (x * 3 + y * 11) & 255]
}

export function jpegSegment(marker: number, data: Uint8Array | string): Buffer {
  const body = Buffer.from(data as Uint8Array)
  return Buffer.concat([Buffer.from([0xff, marker]), uint16(body.length + 2), body])
}

/** Structure of a JPEG without decodable picture data: segments, frame header, a scan with stuffed bytes and a restart, end. */
export function jpeg(segments: readonly Uint8Array[], width = 64, height = 48): Buffer {
  const frame = Buffer.concat([Buffer.from([8]), uint16(height), uint16(width), Buffer.from([1, 1, 0x11, 0])])
  const scan = Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 5])
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...segments,
    jpegSegment(0xc0, frame),
    jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    scan,
    Buffer.from([0xff, 0xd9]),
  ])
}

export function jpegExif(tiff: Uint8Array): Buffer {
  return jpegSegment(0xe1, Buffer.concat([Buffer.from("Exif\0\0"), tiff]))
}

export function jpegXmp(packet: string): Buffer {
  return jpegSegment(0xe1, `http://ns.adobe.com/xap/1.0/\0${packet}`)
}

/** A JUMBF box in APP11 segments of at most `step` payload bytes, each repeating the box header. */
export function jpegJumbf(store: Uint8Array, step: number): Buffer[] {
  const header = store.subarray(0, 8)
  const segments: Buffer[] = []
  for (let at = 8; at < store.length; at += step) {
    const head = Buffer.concat([Buffer.from("JP"), uint16(1), uint32(segments.length + 1), header])
    segments.push(jpegSegment(0xeb, Buffer.concat([head, store.subarray(at, at + step)])))
  }
  return segments
}

export function webp(chunks: readonly (readonly [string, Uint8Array | string])[], width = 64, height = 48): Buffer {
  const extended = Buffer.alloc(10)
  extended.writeUIntLE(width - 1, 4, 3)
  extended.writeUIntLE(height - 1, 7, 3)
  const body = Buffer.concat(
    ([["VP8X", extended], ...chunks] as const).map(([type, data]) => {
      const bytes = Buffer.from(data as Uint8Array)
      return Buffer.concat([Buffer.from(type), uint32le(bytes.length), bytes, Buffer.alloc(bytes.length & 1)])
    }),
  )
  return Buffer.concat([Buffer.from("RIFF"), uint32le(body.length + 4), Buffer.from("WEBP"), body])
}

/** A TIFF block with one directory of ASCII (text) and UNDEFINED (bytes) values, and an Exif directory for tags from 0x8298 on. */
export function tiff(tags: Readonly<Record<number, string | Uint8Array>>, order: "II" | "MM" = "MM"): Buffer {
  const little = order === "II"
  const short = (value: number) => (little ? uint16le(value) : uint16(value))
  const long = (value: number) => (little ? uint32le(value) : uint32(value))
  const all = Object.entries(tags).map(([tag, value]) => [Number(tag), value] as const)
  const main = all.filter(([tag]) => tag < 0x8298)
  const sub = all.filter(([tag]) => tag >= 0x8298)
  const data: Buffer[] = []
  const mainAt = 8
  const subAt = mainAt + 2 + (main.length + 1) * 12 + 4
  let free = subAt + 2 + sub.length * 12 + 4
  const entry = (tag: number, value: string | Uint8Array) => {
    const bytes = typeof value === "string" ? Buffer.from(`${value}\0`) : Buffer.from(value)
    const head = [short(tag), short(typeof value === "string" ? 2 : 7), long(bytes.length)]
    if (bytes.length <= 4) return Buffer.concat([...head, bytes, Buffer.alloc(4 - bytes.length)])
    data.push(bytes)
    free += bytes.length
    return Buffer.concat([...head, long(free - bytes.length)])
  }
  const mainEntries = main.map(([tag, value]) => entry(tag, value))
  const subEntries = sub.map(([tag, value]) => entry(tag, value))
  const link = Buffer.concat([short(0x8769), short(4), long(1), long(subAt)])
  return Buffer.concat([
    Buffer.from(order),
    short(42),
    long(mainAt),
    short(main.length + 1),
    ...mainEntries,
    link,
    long(0),
    short(sub.length),
    ...subEntries,
    long(0),
    ...data,
  ])
}

/** UserComment as piexif writes it: "UNICODE", then UTF-16. */
export function userComment(text: string, order: "be" | "le" = "be"): Buffer {
  const body = Buffer.from(text, "utf16le")
  return Buffer.concat([Buffer.from("UNICODE\0"), order === "be" ? body.swap16() : body])
}

/** A GIF of one pixel's screen with a comment. */
export function gif(comment: string): Buffer {
  const blocks: Buffer[] = []
  const bytes = Buffer.from(comment)
  for (let at = 0; at < bytes.length; at += 255) {
    const part = bytes.subarray(at, at + 255)
    blocks.push(Buffer.from([part.length]), part)
  }
  return Buffer.concat([Buffer.from("GIF89a\x01\0\x01\0\0\0\0!\xfe", "latin1"), ...blocks, Buffer.from("\0;")])
}

export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([uint32(body.length + 8), Buffer.from(type, "latin1"), body])
}

/** A labelled JUMBF superbox. */
export function superbox(label: string, ...parts: readonly Uint8Array[]): Buffer {
  return box("jumb", box("jumd", Buffer.alloc(16), Buffer.from([3]), Buffer.from(`${label}\0`)), ...parts)
}

export function xmp(description: string): string {
  return `<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ${description}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
}

/** IPTC's term for a picture made by a trained model. */
export const tam = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

/** An XMP packet that declares a digital source type. */
export function sourceType(value: string): string {
  return xmp(`xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" e:DigitalSourceType="${value}"/>`)
}

function uint16(value: number): Buffer {
  return Buffer.from([value >>> 8, value & 255])
}

function uint16le(value: number): Buffer {
  return uint16(value).swap16()
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function uint32le(value: number): Buffer {
  return uint32(value).swap32()
}
