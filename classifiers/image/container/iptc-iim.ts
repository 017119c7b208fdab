import { asciiAt, looseText, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"
import type { TextField } from "./metadata.ts"

/** Fields of IPTC-IIM 4.2, record 2, that name a file's writer. Captions and keywords are not read: people's words stand there. */
const fields: Readonly<Record<number, string>> = { 65: "OriginatingProgram", 110: "Credit" }

const iimResource = 0x0404

/**
 * IPTC fields of Photoshop image resources: "8BIM", number (2), name as a Pascal string and size (4) and data, padded to even lengths.
 * With or without the "Photoshop 3.0" in front. Other resources, thumbnails among them, are passed over.
 */
export function readPhotoshop(data: Uint8Array, carrier: string): TextField[] {
  const view = viewOf(data)
  let at = asciiAt(data, 0, 14) === "Photoshop 3.0\0" ? 14 : 0
  for (let parts = 0; parts < Cap.parts && asciiAt(data, at, 4) === "8BIM" && at + 12 <= data.length; parts++) {
    const name = (data[at + 6]! + 2) & ~1
    const body = at + 6 + name + 4
    if (body > data.length) break
    const size = view.getUint32(body - 4)
    if (view.getUint16(at + 4) === iimResource) return readIim(data.subarray(body, body + size), carrier)
    at = body + size + (size & 1)
  }
  return []
}

/** Marker (0x1C), record, field, length (2; larger values than 32767 end the walk), text. */
function readIim(data: Uint8Array, carrier: string): TextField[] {
  const found: TextField[] = []
  for (let at = 0; at + 5 <= data.length && data[at] === 0x1c && found.length < 16; ) {
    const length = viewOf(data).getUint16(at + 3)
    const key = data[at + 1] === 2 ? fields[data[at + 2]!] : undefined
    if (length > 0x7fff) break
    if (key) found.push({ carrier, key, value: looseText(data.subarray(at + 5, at + 5 + length)) })
    at += 5 + length
  }
  return found
}
