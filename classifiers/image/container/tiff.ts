import { looseText, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { readExif } from "./exif.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"

/** First directory of a TIFF 6.0 file: size, texts, XMP (tag 700), C2PA (tag 0xCD41); number of pages. BigTIFF gives its type only. */
export function readTiff(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("tiff")
  const big = bytes[2] === 43 || bytes[3] === 43
  const exif = big ? undefined : readExif(bytes, "tiff:IFD0")
  if (!exif) return found
  found.exif.push(exif)
  found.frames = Math.max(1, countDirectories(bytes))
  if (exif.width !== undefined) found.width = exif.width
  if (exif.height !== undefined) found.height = exif.height
  if (exif.xmp && exif.xmp.length <= Cap.text)
    found.xmp.push({ carrier: "tiff:700", key: "xmp", value: looseText(exif.xmp) })
  if (exif.c2pa) found.jumbf.push({ carrier: "tiff:C2PA", bytes: exif.c2pa })
  return found
}

/** Directories in a row: number of entries (2), entries (12 each), place of the next directory (4). One that was there before ends it. */
function countDirectories(bytes: Uint8Array): number {
  const view = viewOf(bytes)
  const little = bytes[0] === 0x49
  const seen = new Set<number>()
  let at = view.getUint32(4, little)
  while (at !== 0 && at + 2 <= bytes.length && !seen.has(at) && seen.size < Cap.parts) {
    seen.add(at)
    const next = at + 2 + view.getUint16(at, little) * 12
    at = next + 4 <= bytes.length ? view.getUint32(next, little) : 0
  }
  return seen.size
}
