import { asciiAt, looseText, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { readExif } from "./exif.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"

/** Chunks of a WebP (RFC 9649): size, EXIF, XMP, C2PA. */
export function readWebp(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("webp")
  const view = viewOf(bytes)
  if (bytes.length < 12) return { ...found, truncated: true }
  const end = 8 + view.getUint32(4, true)
  found.truncated = end > bytes.length
  found.trailingBytes = Math.max(0, bytes.length - end)
  let at = 12
  let frames = 0
  for (let parts = 0; at + 8 <= bytes.length && at + 8 <= end && parts < Cap.parts; parts++) {
    const length = view.getUint32(at + 4, true)
    const data = bytes.subarray(at + 8, at + 8 + length)
    const type = asciiAt(bytes, at, 4)
    if (type === "ANMF") frames++
    else readChunk(found, type, data)
    if (data.length < length) found.truncated = true
    at += 8 + length + (length & 1)
  }
  found.frames = Math.max(1, frames)
  return found
}

function readChunk(found: Metadata, type: string, data: Uint8Array): void {
  if (type === "EXIF") {
    const exif = found.exif.length < 16 ? readExif(data, "webp:EXIF") : undefined
    if (exif) found.exif.push(exif)
  } else if (type === "XMP " || type === "XMP\0") {
    if (data.length <= Cap.text && found.xmp.length < 16)
      found.xmp.push({ carrier: "webp:XMP", key: "xmp", value: looseText(data) })
  } else if (type === "C2PA") {
    found.jumbf.push({ carrier: "webp:C2PA", bytes: data })
  } else {
    const size = sizeOf(type, data)
    if (size && found.width === undefined) [found.width, found.height] = size
    if (size && type === "VP8L") {
      found.lossless = true
      found.alpha = (data[4]! & 0x10) !== 0
    }
  }
}

function sizeOf(type: string, data: Uint8Array): [number, number] | undefined {
  if (data.length < 10) return undefined
  const view = viewOf(data)
  if (type === "VP8X") return [1 + (view.getUint32(3, true) >>> 8), 1 + (view.getUint32(6, true) >>> 8)]
  if (type === "VP8 ") return [view.getUint16(6, true) & 0x3fff, view.getUint16(8, true) & 0x3fff]
  if (type !== "VP8L") return undefined
  const bits = view.getUint32(1, true)
  return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)]
}
