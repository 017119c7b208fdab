import { brotliDecompressSync } from "node:zlib"
import { asciiAt, looseText, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { readExif } from "./exif.ts"
import { isoBoxes } from "./iso-boxes.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"

/** Packed boxes that are opened; writers make one of each kind. */
const maxPacked = 4

/** A JPEG XL codestream or container (ISO/IEC 18181-1, -2): size, EXIF, XMP, C2PA, each plain or packed with Brotli. */
export function readJxl(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("jxl")
  if (bytes[0] === 0xff) {
    readSize(found, bytes)
    return found
  }
  let packed = maxPacked
  for (const { type, body, whole } of isoBoxes(bytes)) {
    if (!whole) found.truncated = true
    if (type === "jxlc") readSize(found, body)
    else if (type === "jxlp" && body.length > 4) readSize(found, body.subarray(4))
    else if (type === "brob") {
      const unpacked = packed-- > 0 ? unpack(body.subarray(4)) : undefined
      if (unpacked) readBox(found, asciiAt(body, 0, 4), unpacked, "jxl:brob:")
    } else readBox(found, type, body, "jxl:")
  }
  return found
}

function readBox(found: Metadata, type: string, body: Uint8Array, carrier: string): void {
  if (type === "jumb") found.jumbf.push({ carrier: `${carrier}jumb`, bytes: body })
  else if (type === "xml " && body.length <= Cap.text && found.xmp.length < 16)
    found.xmp.push({ carrier: `${carrier}xml`, key: "xmp", value: looseText(body) })
  else if (type === "Exif" && body.length > 4 && found.exif.length < 16) {
    const exif = readExif(body.subarray(4 + viewOf(body).getUint32(0)), `${carrier}Exif`)
    if (exif) found.exif.push(exif)
  }
}

/** What unpacks to more than the cap gives nothing. */
function unpack(data: Uint8Array): Uint8Array | undefined {
  try {
    return brotliDecompressSync(data, { maxOutputLength: Cap.text })
  } catch {
    return undefined
  }
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
