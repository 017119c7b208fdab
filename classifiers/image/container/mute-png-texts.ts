import { crc32 } from "node:zlib"
import { asciiAt, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"

/** A private, ancillary name that decoders pass over. */
const muted = Buffer.from("wlTx")
const packed = ["zTXt", "iTXt", "iCCP"]

/**
 * Renames the packed chunks of a PNG in place, so that a decoder passes over them: libvips unpacks every text, and two hundred that weigh
 * four kilobytes each would take a gigabyte. Our own walker has read them within its caps before.
 */
export function mutePngTexts(bytes: Uint8Array): void {
  const view = viewOf(bytes)
  let at = 8
  for (let parts = 0; at + 12 <= bytes.length && parts < Cap.parts; parts++) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > bytes.length) return
    if (packed.includes(asciiAt(bytes, at + 4, 4))) {
      bytes.set(muted, at + 4)
      view.setUint32(end, crc32(bytes.subarray(at + 4, end)))
    }
    at = end + 4
  }
}
