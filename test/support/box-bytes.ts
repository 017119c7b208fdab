import { brotliCompressSync } from "node:zlib"
import { box } from "./image-bytes.ts"

/** Files of boxes and Photoshop's resources, made byte by byte. */

export interface HeifItemPlan {
  /** "Exif", or "mime" with a media type. */
  readonly type: string
  readonly mediaType?: string
  readonly data: Uint8Array
  /** Where it stands: in the `mdat` box (construction method 0) or in `idat` (1). */
  readonly in: "mdat" | "idat"
  /** Number of extents that it is cut into. */
  readonly extents?: number
}

/** A HEIF file with these items, of whose pictures only the size is there; `more` are boxes after it. */
export function heif(
  brand: string,
  items: readonly HeifItemPlan[],
  more: readonly Uint8Array[] = [],
  version = 1,
): Buffer {
  const ftyp = box("ftyp", Buffer.from(`${brand}\0\0\0\0mif1${brand}`))
  // Offsets have a fixed width, so the second round knows where `mdat` starts.
  const start = ftyp.length + metaBox(items, 0, version).length + 8
  const mdat = box("mdat", ...items.filter((item) => item.in === "mdat").map(({ data }) => data))
  return Buffer.concat([ftyp, metaBox(items, start, version), mdat, ...more])
}

function metaBox(items: readonly HeifItemPlan[], mdatStart: number, version: number): Buffer {
  const extent = box("ispe", Buffer.from([0, 0, 0, 0, 0, 0, 2, 128, 0, 0, 1, 224]))
  const entries = items.map(({ type, mediaType }, index) =>
    box(
      "infe",
      Buffer.from([2, 0, 0, 0]),
      uint16(index + 1),
      uint16(0),
      Buffer.from(`${type}\0${mediaType ? `${mediaType}\0` : ""}`),
    ),
  )
  const wide = version === 2
  const id = wide ? uint32 : uint16
  const next = { mdat: mdatStart, idat: 0 }
  const places = items.map(({ data, in: place, extents = 1 }, index) => {
    const step = Math.ceil(data.length / extents)
    const cuts = Array.from({ length: extents }, (_, n) => {
      const length = Math.min(step, data.length - n * step)
      const at = next[place] + n * step
      return Buffer.concat([uint32(at), uint32(length)])
    })
    next[place] += data.length
    const method = version === 0 ? [] : [uint16(place === "idat" ? 1 : 0)]
    return Buffer.concat([id(index + 1), ...method, uint16(0), uint16(extents), ...cuts])
  })
  return box(
    "meta",
    Buffer.alloc(4),
    box("hdlr", Buffer.concat([Buffer.alloc(8), Buffer.from("pict"), Buffer.alloc(13)])),
    box("iinf", Buffer.alloc(4), uint16(items.length), ...entries),
    box("iloc", Buffer.from([version, 0, 0, 0, 0x44, 0]), id(items.length), ...places),
    box("idat", ...items.filter((item) => item.in === "idat").map(({ data }) => data)),
    box("iprp", box("ipco", extent)),
  )
}

/** EXIF as HEIF and JPEG XL hold it: the offset of its TIFF header, here past the six bytes that JPEG has too. */
export function exifItem(tiff: Uint8Array): Buffer {
  return Buffer.concat([uint32(6), Buffer.from("Exif\0\0"), tiff])
}

/** The box of a C2PA store in ISO-BMFF (C2PA 2.2, A.5): purpose "manifest", no auxiliary box. */
export function c2paUuid(store: Uint8Array): Buffer {
  const uuid = Buffer.from("d8fec3d61b0e483c92975828877ec481", "hex")
  return box("uuid", uuid, Buffer.alloc(4), Buffer.from("manifest\0"), Buffer.alloc(8), store)
}

export function jxl(...boxes: readonly Uint8Array[]): Buffer {
  const codestream = Buffer.concat([Buffer.from([0xff, 0x0a, 1 | (5 << 1) | (3 << 6), 0]), Buffer.alloc(12)])
  return Buffer.concat([
    box("JXL ", Buffer.from("\r\n\x87\n", "latin1")),
    box("ftyp", Buffer.from("jxl \0\0\0\0jxl ")),
    ...boxes,
    box("jxlc", codestream),
  ])
}

/** A box packed with Brotli (ISO/IEC 18181-2, 9.5). */
export function brob(type: string, data: Uint8Array): Buffer {
  return box("brob", Buffer.from(type), brotliCompressSync(data))
}

/** Photoshop's resources as JPEG's APP13 holds them: a thumbnail's number first, then IPTC-IIM with these fields of record 2. */
export function photoshop(fields: readonly (readonly [number, string])[]): Buffer {
  const iim = fields.map(([field, value]) =>
    Buffer.concat([Buffer.from([0x1c, 2, field]), uint16(Buffer.byteLength(value)), Buffer.from(value)]),
  )
  return Buffer.concat([Buffer.from("Photoshop 3.0\0"), resource(0x040c, Buffer.from("odd")), resource(0x0404, ...iim)])
}

function resource(number: number, ...parts: readonly Uint8Array[]): Buffer {
  const data = Buffer.concat(parts)
  const padding = Buffer.alloc(data.length & 1)
  return Buffer.concat([Buffer.from("8BIM"), uint16(number), Buffer.alloc(2), uint32(data.length), data, padding])
}

/** A GIF with one application block: its name of eight and code of three bytes, then data in sub-blocks or as it stands. */
export function gifApplication(name: string, data: Uint8Array, inBlocks: boolean): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; inBlocks && at < data.length; at += 255) {
    const part = data.subarray(at, at + 255)
    parts.push(Buffer.from([part.length]), Buffer.from(part))
  }
  // XMP's trailer leads readers of sub-blocks to the end from wherever they land in it.
  const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, n) => 255 - n)])
  return Buffer.concat([
    Buffer.from("GIF89a\x01\0\x01\0\0\0\0!\xff\x0b", "latin1"),
    Buffer.from(name, "latin1"),
    ...(inBlocks ? parts : [Buffer.from(data), trailer]),
    Buffer.from("\0;"),
  ])
}

/** A file with the block behind it that Samsung's gallery writes: entries, directory, its length. */
export function withSamsungTrailer(file: Uint8Array, entries: Readonly<Record<string, string>>): Buffer {
  const little = (value: number) => uint32(value).swap32()
  const kind = Buffer.from([0, 0, 0x91, 0x0d])
  const blocks = Object.entries(entries).map(([name, value]) =>
    Buffer.concat([kind, little(name.length), Buffer.from(name), Buffer.from(value)]),
  )
  let distance = blocks.reduce((sum, block) => sum + block.length, 0)
  const lines = blocks.map((block) => {
    const line = Buffer.concat([kind, little(distance), little(block.length)])
    distance -= block.length
    return line
  })
  const directory = Buffer.concat([Buffer.from("SEFH"), little(107), little(lines.length), ...lines])
  return Buffer.concat([file, ...blocks, directory, little(directory.length), Buffer.from("SEFT")])
}

function uint16(value: number): Buffer {
  return Buffer.from([value >>> 8, value & 255])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
