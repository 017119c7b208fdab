import { asciiAt, looseText, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { readExif } from "./exif.ts"
import { readPhotoshop } from "./iptc-iim.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"
import { readSamsungTrailer } from "./samsung-trailer.ts"

const xmpPrefix = "http://ns.adobe.com/xap/1.0/\0"
const extendedPrefix = "http://ns.adobe.com/xmp/extension/\0"

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const DQT = 0xdb
const APP1 = 0xe1
const APP11 = 0xeb
const APP13 = 0xed
const COM = 0xfe

/** Segments of a JPEG (ITU-T T.81, JPEG XT part 3 for JUMBF): EXIF, XMP with its extension, IPTC, comments, C2PA, size, end. */
export function readJpeg(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("jpeg")
  const view = viewOf(bytes)
  const boxes = new Map<number, JumbfBox>()
  const extension: Extension = { parts: [], length: 0 }
  found.truncated = true
  let at = 2
  for (let parts = 0; parts < Cap.parts; parts++) {
    at = nextMarker(bytes, at)
    if (at < 0) break
    const marker = bytes[at + 1]!
    at += 2
    if (marker === EOI) {
      found.truncated = false
      found.trailingBytes = bytes.length - at
      if (found.trailingBytes > 0) found.texts.push(...readSamsungTrailer(bytes, "jpeg:SEF"))
      break
    }
    // Markers without a length: restarts, TEM, and a second SOI.
    if ((marker >= 0xd0 && marker <= SOI) || marker === 0x01) continue
    if (at + 2 > bytes.length) break
    const length = view.getUint16(at)
    if (length < 2) continue
    readSegment(found, marker, bytes.subarray(at + 2, at + length), boxes, extension)
    if (at + length > bytes.length) break
    at += length
    if (marker === SOS) at = skipScan(bytes, at)
  }
  for (const box of boxes.values()) found.jumbf.push({ carrier: "jpeg:APP11", bytes: joined(box) })
  if (extension.parts.length > 0) found.xmp.push({ carrier: "jpeg:APP1", key: "extended", value: extended(extension) })
  return found
}

/** Index of the next 0xFF that starts a marker, or -1. Fill bytes and garbage between segments are passed over, as decoders do. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]!
    if (next !== 0xff && next !== 0) return at
  }
  return -1
}

/** Past the entropy-coded data: to the first marker that is neither a stuffed zero nor a restart. */
function skipScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]!
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  return bytes.length
}

function readSegment(
  found: Metadata,
  marker: number,
  data: Uint8Array,
  boxes: Map<number, JumbfBox>,
  extension: Extension,
): void {
  if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
    if (data.length < 5 || found.width !== undefined) return
    found.height = viewOf(data).getUint16(1)
    found.width = viewOf(data).getUint16(3)
  } else if (marker === DQT) {
    const quality = found.jpegQuality === undefined ? qualityOf(data) : undefined
    if (quality !== undefined) found.jpegQuality = quality
  } else if (marker === APP1) {
    readApp1(found, data, extension)
  } else if (marker === APP11) {
    readJumbfPart(boxes, data)
  } else if (marker === APP13) {
    if (found.texts.length < Cap.texts) found.texts.push(...readPhotoshop(data, "jpeg:APP13"))
  } else if (marker === COM && found.texts.length < Cap.texts) {
    found.texts.push({ carrier: "jpeg:COM", key: "comment", value: looseText(data) })
  }
}

/** Sum of the luminance table of ITU-T T.81, annex K.1, which libjpeg scales by its quality (jcparam.c). */
const annexK = 3685

/** The quality whose scaled table is as coarse as the first one here; most encoders scale annex K, for others it is what comes nearest. */
function qualityOf(data: Uint8Array): number | undefined {
  const wide = (data[0] ?? 0) >> 4 === 1
  if (((data[0] ?? 1) & 15) !== 0 || data.length < (wide ? 129 : 65)) return undefined
  let sum = 0
  for (let at = 1; at <= 64; at++) sum += wide ? data[2 * at - 1]! * 256 + data[2 * at]! : data[at]!
  const scale = (100 * sum) / annexK
  return Math.max(1, Math.min(100, Math.round(scale <= 100 ? 100 - scale / 2 : 5000 / scale)))
}

function readApp1(found: Metadata, data: Uint8Array, extension: Extension): void {
  if (asciiAt(data, 0, 5) === "Exif\0") {
    const exif = found.exif.length < 16 ? readExif(data.subarray(6), "jpeg:APP1") : undefined
    if (exif) found.exif.push(exif)
  } else if (asciiAt(data, 0, xmpPrefix.length) === xmpPrefix) {
    if (found.xmp.length < 16) {
      found.xmp.push({ carrier: "jpeg:APP1", key: "xmp", value: looseText(data.subarray(xmpPrefix.length)) })
    }
  } else if (asciiAt(data, 0, extendedPrefix.length) === extendedPrefix) {
    // Digest (32), full length (4), offset (4), part.
    const body = data.subarray(extendedPrefix.length)
    if (body.length <= 40 || extension.length + body.length > Cap.text) return
    extension.length += body.length
    extension.parts.push({ offset: viewOf(body).getUint32(36), bytes: body.subarray(40) })
  }
}

interface Extension {
  readonly parts: { offset: number; bytes: Uint8Array }[]
  length: number
}

function extended(extension: Extension): string {
  const parts = extension.parts.sort((a, b) => a.offset - b.offset).map((part) => part.bytes)
  return looseText(Buffer.concat(parts))
}

/** One JUMBF box, cut into segments: numbered from 1, each repeating the box's header. */
interface JumbfBox {
  readonly parts: Map<number, Uint8Array>
}

/** "JP", box instance (2), sequence number (4), box length (4), box type (4), extended length (8, if the length is 1), payload. */
function readJumbfPart(boxes: Map<number, JumbfBox>, data: Uint8Array): void {
  if (data.length < 16 || asciiAt(data, 0, 2) !== "JP" || asciiAt(data, 12, 4) !== "jumb") return
  const view = viewOf(data)
  const instance = view.getUint16(2)
  const box = boxes.get(instance) ?? { parts: new Map<number, Uint8Array>() }
  boxes.set(instance, box)
  const sequence = view.getUint32(4)
  if (!box.parts.has(sequence)) box.parts.set(sequence, data.subarray(8))
}

function joined(box: JumbfBox): Uint8Array {
  const inOrder = [...box.parts].sort(([a], [b]) => a - b).map(([, part]) => part)
  return Buffer.concat(inOrder.map((part, index) => (index === 0 ? part : part.subarray(headerLength(part)))))
}

function headerLength(part: Uint8Array): number {
  return viewOf(part).getUint32(0) === 1 ? 16 : 8
}
