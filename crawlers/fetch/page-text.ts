import { isUtf8 } from "node:buffer"
import { getEncoding } from "encoding-sniffer"

/**
 * The text of a page. The charset is found as browsers do (WHATWG HTML, "determining the character encoding"): BOM, Content-Type, meta
 * element or XML declaration, then UTF-8 if the bytes are valid as such, else windows-1252. Labels that nobody knows are passed over.
 * One departure: bytes that are valid UTF-8 beyond ASCII are never windows-1252, the label that misconfigured servers put on everything.
 * Never throws: what cannot be decoded becomes U+FFFD.
 */
export function pageText(bytes: Uint8Array, contentType: string | undefined): string {
  const label = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType ?? "")
  const validUtf8 = isUtf8(bytes)
  const name = getEncoding(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    ...(label ? { transportLayerEncodingLabel: label[1] ?? label[2] ?? "" } : {}),
    defaultEncoding: validUtf8 ? "utf-8" : "windows-1252",
  })
  return decoderFor(validUtf8 && name.toLowerCase() === "windows-1252" ? "utf-8" : name).decode(bytes)
}

/** Node's decoder knows all but three of the standard's encodings. */
function decoderFor(name: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(name)
  } catch {
    return new TextDecoder("windows-1252")
  }
}

/** First bytes, in hexadecimal, of PNG, JPEG, GIF, WebP and AVI, ISO media (AVIF, HEIC, MP4), TIFF, JPEG XL, Matroska, PDF, ZIP, gzip. */
const fileSignature =
  /^(89504e47|ffd8ff|47494638|52494646.{8}(57454250|41564920)|.{8}66747970|49492a00|4d4d002a|ff0a|0000000c4a584c20|1a45dfa3|25504446|504b0304|1f8b)/

/**
 * Whether a body is a file, most likely a picture, that calls itself a page. It must not become text. Stray control characters alone
 * prove nothing: broken pages hold them.
 */
export function looksLikeFile(bytes: Uint8Array): boolean {
  return fileSignature.test(Buffer.from(bytes.subarray(0, 16)).toString("hex"))
}
