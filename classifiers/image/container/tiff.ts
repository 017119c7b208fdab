import { looseText } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { readExif } from "./exif.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"

/** First directory of a TIFF 6.0 file: size, texts, XMP (tag 700), C2PA (tag 0xCD41). BigTIFF gives its type only. */
export function readTiff(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("tiff")
  const big = bytes[2] === 43 || bytes[3] === 43
  const exif = big ? undefined : readExif(bytes, "tiff:IFD0")
  if (!exif) return found
  found.exif.push(exif)
  if (exif.width !== undefined) found.width = exif.width
  if (exif.height !== undefined) found.height = exif.height
  if (exif.xmp && exif.xmp.length <= Cap.text)
    found.xmp.push({ carrier: "tiff:700", key: "xmp", value: looseText(exif.xmp) })
  if (exif.c2pa) found.jumbf.push({ carrier: "tiff:C2PA", bytes: exif.c2pa })
  return found
}
