import { looseText } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { readExif } from "./exif.ts"
import { isoBoxes } from "./iso-boxes.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"

/** A JPEG XL codestream or container (ISO/IEC 18181-1, -2): size, EXIF, XMP, C2PA. Brotli-packed boxes are left alone. */
export function readJxl(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("jxl")
  if (bytes[0] === 0xff) {
    readSize(found, bytes)
    return found
  }
  for (const { type, body, whole } of isoBoxes(bytes)) {
    if (!whole) found.truncated = true
    if (type === "jxlc") readSize(found, body)
    else if (type === "jxlp" && body.length > 4) readSize(found, body.subarray(4))
    else if (type === "jumb") found.jumbf.push({ carrier: "jxl:jumb", bytes: body })
    else if (type === "xml " && body.length <= Cap.text)
      found.xmp.push({ carrier: "jxl:xml", key: "xmp", value: looseText(body) })
    else if (type === "Exif" && body.length > 4) {
      const exif = readExif(body.subarray(4), "jxl:Exif")
      if (exif) found.exif.push(exif)
    }
  }
  return found
}

/** Numerators and denominators of the size header's fixed aspect ratios, 1 to 7. */
const ratios: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
]
const bitsBySelector = [9, 13, 18, 30]

function readSize(found: Metadata, codestream: Uint8Array): void {
  if (found.width !== undefined || codestream[0] !== 0xff || codestream[1] !== 0x0a || codestream.length < 12) return
  let at = 16
  const bits = (count: number) => {
    let value = 0
    for (let n = 0; n < count; n++, at++) value += ((codestream[at >> 3]! >> (at & 7)) & 1) * 2 ** n
    return value
  }
  const small = bits(1) === 1
  const side = () => (small ? (bits(5) + 1) * 8 : bits(bitsBySelector[bits(2)]!) + 1)
  const height = side()
  const ratio = bits(3)
  const [across, down] = ratios[ratio]!
  found.height = height
  found.width = ratio === 0 ? side() : Math.floor((height * across) / down)
}
