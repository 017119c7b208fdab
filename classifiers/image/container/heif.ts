import { latin1, looseText, viewOf } from "./bytes.ts"
import { readExif } from "./exif.ts"
import type { ImageFormat } from "./format.ts"
import { type HeifItem, readHeifItems } from "./heif-items.ts"
import { isoBoxes } from "./iso-boxes.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"

const c2paUuid = Buffer.from("d8fec3d61b0e483c92975828877ec481", "hex").toString("latin1")

/** Boxes of an AVIF or HEIC (ISO/IEC 23008-12): size of the largest picture, EXIF, XMP, C2PA. */
export function readHeif(bytes: Uint8Array, format: ImageFormat & ("avif" | "heic")): Metadata {
  const found = emptyMetadata(format)
  for (const { type, body, whole } of isoBoxes(bytes)) {
    if (!whole) found.truncated = true
    if (type === "meta" && body.length > 4) readMeta(found, body.subarray(4), bytes)
    else if (type === "uuid" && latin1(body.subarray(0, 16)) === c2paUuid) readC2pa(found, body.subarray(16))
  }
  return found
}

function readMeta(found: Metadata, meta: Uint8Array, file: Uint8Array): void {
  // A file has one such box; the items of a thousand would be copied a thousand times.
  if (found.exif.length + found.xmp.length === 0) for (const item of readHeifItems(meta, file)) readItem(found, item)
  for (const properties of inside(meta, "iprp")) {
    for (const container of inside(properties, "ipco")) {
      for (const extent of inside(container, "ispe")) {
        if (extent.length < 12) continue
        const [width, height] = [viewOf(extent).getUint32(4), viewOf(extent).getUint32(8)]
        if (width * height > (found.width ?? 0) * (found.height ?? 0)) [found.width, found.height] = [width, height]
      }
    }
  }
}

/** EXIF starts with the offset (4) of its TIFF header. */
function readItem(found: Metadata, { kind, bytes }: HeifItem): void {
  const carrier = `${found.format}:${kind === "exif" ? "Exif" : "mime"}`
  if (kind === "xmp") found.xmp.push({ carrier, key: "xmp", value: looseText(bytes) })
  else if (bytes.length > 4) {
    const exif =
      readExif(bytes.subarray(4 + viewOf(bytes).getUint32(0)), carrier) ?? readExif(bytes.subarray(4), carrier)
    if (exif) found.exif.push(exif)
  }
}

function* inside(bytes: Uint8Array, wanted: string): Generator<Uint8Array> {
  for (const { type, body } of isoBoxes(bytes)) if (type === wanted) yield body
}

/** Version and flags (4), purpose as a C string, offset (8) of the first auxiliary box, then the manifest store. */
function readC2pa(found: Metadata, body: Uint8Array): void {
  const end = body.indexOf(0, 4)
  if (end < 0 || end > 64 || latin1(body.subarray(4, end)) !== "manifest") return
  found.jumbf.push({ carrier: `${found.format}:uuid`, bytes: body.subarray(end + 9) })
}
