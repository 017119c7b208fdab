import { asciiAt, isUtf8, latin1, looseText, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"

/** The fields of an EXIF block that tell where a picture comes from. Thumbnails (IFD1) are never followed, MakerNotes never parsed. */
export interface Exif {
  /** Where the block stood, e.g. "jpeg:APP1". */
  readonly carrier: string
  /** Texts by tag number: those of type ASCII in IFD0 and the Exif IFD, UserComment, and Windows' XP fields. */
  readonly texts: ReadonlyMap<number, string>
  /** Numbers of the tags present in IFD0 and the Exif IFD. */
  readonly tags: ReadonlySet<number>
  readonly width?: number
  readonly height?: number
  /** XMP (tag 700) and C2PA (tag 0xCD41) of a TIFF file. */
  readonly xmp?: Uint8Array
  readonly c2pa?: Uint8Array
}

/** EXIF 2.32 tag numbers that readers ask for. */
export const Tag = {
  ImageDescription: 0x010e,
  Make: 0x010f,
  Model: 0x0110,
  Software: 0x0131,
  Artist: 0x013b,
  ExposureTime: 0x829a,
  FNumber: 0x829d,
  Iso: 0x8827,
  FocalLength: 0x920a,
  MakerNote: 0x927c,
  UserComment: 0x9286,
  LensModel: 0xa434,
} as const

const ImageWidth = 0x0100
const ImageLength = 0x0101
const Xmp = 0x02bc
const ExifIfd = 0x8769
const XpTitle = 0x9c9b
const XpSubject = 0x9c9f
const C2pa = 0xcd41

const Ascii = 2
/** Bytes of a value by TIFF field type; 0 for types that don't exist. */
const sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]
/** EXIF 3.0 has a type for UTF-8. */
const Utf8 = 129
const maxEntries = 1000
/** A MakerNote that is a short text is a generator's mark; a camera's is binary and longer. */
const maxMakerNote = 512

/** Reads a TIFF block, with or without the "Exif\0\0" prefix; undefined where it is none. Never throws. */
export function readExif(data: Uint8Array, carrier: string): Exif | undefined {
  const tiff = asciiAt(data, 0, 6) === "Exif\0\0" ? data.subarray(6) : data
  const order = asciiAt(tiff, 0, 2)
  if (tiff.length < 8 || (order !== "II" && order !== "MM")) return undefined
  const reader = new DirectoryReader(tiff, order === "II")
  reader.read(viewOf(tiff).getUint32(4, order === "II"), true)
  return { carrier, ...reader.found }
}

class DirectoryReader {
  readonly found: {
    texts: Map<number, string>
    tags: Set<number>
    width?: number
    height?: number
    xmp?: Uint8Array
    c2pa?: Uint8Array
  } = { texts: new Map(), tags: new Set() }
  readonly #tiff: Uint8Array
  readonly #view: DataView
  readonly #little: boolean
  #textLeft: number = Cap.text

  constructor(tiff: Uint8Array, little: boolean) {
    this.#tiff = tiff
    this.#view = viewOf(tiff)
    this.#little = little
  }

  /** Only IFD0 leads on, and only to the Exif IFD, so there is nothing to loop through. */
  read(at: number, first: boolean): void {
    if (at + 2 > this.#tiff.length) return
    const count = Math.min(this.#view.getUint16(at, this.#little), maxEntries)
    for (let entry = at + 2; entry < at + 2 + count * 12 && entry + 12 <= this.#tiff.length; entry += 12) {
      this.#readEntry(entry, first)
    }
  }

  #readEntry(entry: number, first: boolean): void {
    const tag = this.#view.getUint16(entry, this.#little)
    const type = this.#view.getUint16(entry + 2, this.#little)
    const length = this.#view.getUint32(entry + 4, this.#little) * (type === Utf8 ? 1 : (sizes[type] ?? 0))
    const at = length <= 4 ? entry + 8 : this.#view.getUint32(entry + 8, this.#little)
    if (length === 0 || at >= this.#tiff.length) return
    this.found.tags.add(tag)
    if (tag === ExifIfd) {
      if (first && type !== Ascii && at + 4 <= this.#tiff.length)
        this.read(this.#view.getUint32(at, this.#little), false)
    } else if (tag === ImageWidth || tag === ImageLength) {
      const size = this.#number(type, at)
      if (first && size !== undefined) this.found[tag === ImageWidth ? "width" : "height"] ??= size
    } else {
      this.#readBytes(tag, type, this.#tiff.subarray(at, at + length))
    }
  }

  #readBytes(tag: number, type: number, value: Uint8Array): void {
    if (tag === Xmp) this.found.xmp ??= value
    else if (tag === C2pa) this.found.c2pa ??= value
    else if (value.length > this.#textLeft || this.found.texts.has(tag)) return
    else if (tag === Tag.UserComment) this.#keep(tag, userComment(value, this.#little))
    else if (tag === Tag.MakerNote) this.#keep(tag, value.length <= maxMakerNote ? printable(value) : undefined)
    else if (tag >= XpTitle && tag <= XpSubject) this.#keep(tag, utf16(value, true))
    else if (type === Ascii || type === Utf8) this.#keep(tag, withoutNul(looseText(value)))
  }

  #keep(tag: number, text: string | undefined): void {
    if (!text) return
    this.#textLeft -= text.length
    this.found.texts.set(tag, text)
  }

  #number(type: number, at: number): number | undefined {
    if (type === 3 && at + 2 <= this.#tiff.length) return this.#view.getUint16(at, this.#little)
    if (type === 4 && at + 4 <= this.#tiff.length) return this.#view.getUint32(at, this.#little)
    return undefined
  }
}

function withoutNul(text: string): string {
  const end = text.indexOf("\0")
  return end < 0 ? text : text.slice(0, end)
}

function printable(value: Uint8Array): string | undefined {
  const text = withoutNul(latin1(value)).trim()
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined
}

/**
 * UserComment starts with eight bytes that name its character set (EXIF 2.32, 4.6.5). Writers differ: some leave them out, and after
 * "UNICODE" stands UTF-16 of either byte order whatever the block's order is.
 */
function userComment(value: Uint8Array, little: boolean): string | undefined {
  const charset = asciiAt(value, 0, 8)
  const body = value.subarray(8)
  if (charset.startsWith("UNICODE")) return unicode(body, little)
  if (charset === "ASCII\0\0\0" || charset === "JIS\0\0\0\0\0" || charset === "\0".repeat(8))
    return withoutNul(looseText(body)).trim()
  return withoutNul(looseText(value)).trim()
}

function unicode(body: Uint8Array, little: boolean): string {
  if (body[0] === 0xfe && body[1] === 0xff) return utf16(body.subarray(2), false)
  if (body[0] === 0xff && body[1] === 0xfe) return utf16(body.subarray(2), true)
  const zeros = [0, 0]
  const sample = Math.min(body.length & ~1, 4096)
  for (let at = 0; at < sample; at++) if (body[at] === 0) zeros[at & 1]!++
  // No zero byte at all: single bytes under the wrong name, or ideographs in UTF-16. Every text that matters here has ASCII in it.
  if (zeros[0] === 0 && zeros[1] === 0 && body.subarray(0, sample).some(isPlain) && isUtf8(body)) return looseText(body)
  return utf16(body, zeros[0] === zeros[1] ? little : zeros[1]! > zeros[0]!)
}

function isPlain(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function utf16(body: Uint8Array, little: boolean): string {
  const even = body.subarray(0, body.length & ~1)
  return withoutNul(new TextDecoder(little ? "utf-16le" : "utf-16be").decode(even))
}
