import { asciiAt } from "./bytes.ts"

/** File types told by their first bytes; "unknown" is everything else. */
export type ImageFormat = "png" | "jpeg" | "webp" | "gif" | "avif" | "heic" | "tiff" | "jxl" | "bmp" | "svg" | "unknown"

/** True type of a file, from its bytes alone: names and declared media types lie. */
export function formatOf(bytes: Uint8Array): ImageFormat {
  const head = asciiAt(bytes, 0, 16)
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png"
  if (head.startsWith("\xff\xd8\xff")) return "jpeg"
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "webp"
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif"
  if (["II*\0", "II+\0", "MM\0*", "MM\0+"].includes(head.slice(0, 4))) return "tiff"
  if (head.startsWith("\xff\x0a") || head.startsWith("\0\0\0\x0cJXL \r\n\x87\n")) return "jxl"
  if (head.slice(4, 8) === "ftyp") return heifBrand(bytes)
  if (head.startsWith("BM") && bytes.length >= 26 && asciiAt(bytes, 6, 4) === "\0\0\0\0") return "bmp"
  return isSvg(bytes) ? "svg" : "unknown"
}

/** The first image brand of an ISO-BMFF file, major brand first; films and documents are unknown. */
function heifBrand(bytes: Uint8Array): ImageFormat {
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
  const brands = asciiAt(bytes, 8, Math.min(size, 256) - 8)
  for (let at = 0; at < brands.length; at += 4) {
    const brand = brands.slice(at, at + 4)
    if (brand === "avif" || brand === "avis") return "avif"
    if (/^(?:hei[cmsx]|hev[cmx])$/.test(brand)) return "heic"
  }
  return /mif1|msf1/.test(brands) ? "heic" : "unknown"
}

/** An SVG element after nothing but white space, a byte order mark, comments, declarations and processing instructions. */
function isSvg(bytes: Uint8Array): boolean {
  const text = asciiAt(bytes, 0, 4096)
  let at = text.startsWith("\xef\xbb\xbf") ? 3 : 0
  for (;;) {
    while (at < text.length && " \t\r\n".includes(text[at]!)) at++
    const end = text.startsWith("<!--", at) ? "-->" : text.startsWith("<?", at) ? "?>" : ">"
    if (/^<svg[\s>/]/.test(text.slice(at, at + 5))) return true
    if (end === ">" && !/^<!DOCTYPE/i.test(text.slice(at, at + 9))) return false
    const next = text.indexOf(end, at)
    if (next < 0) return false
    at = next + end.length
  }
}
