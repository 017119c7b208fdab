import { inflateRawSync } from "node:zlib"

const endLength = 22
const entryLimit = 1_000
/** JSON of a card; pictures and voices lie beside it. */
const cardLimit = 4 << 20

/**
 * The `card.json` of a CHARX file, a zip archive (Character Card V3, "CHARX"); undefined if there is none. Reads the central directory and
 * this one entry: nothing else is unpacked.
 */
export function cardOfCharx(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOfDirectory(view)
  if (end === undefined) return undefined
  const count = Math.min(entryLimit, view.getUint16(end + 10, true))
  for (let at = view.getUint32(end + 16, true), read = 0; read < count && at + 46 <= view.byteLength; read++) {
    if (view.getUint32(at, true) !== 0x02014b50) return undefined
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ]
    const name = Buffer.from(bytes.subarray(at + 46, at + 46 + nameLength)).toString("utf8")
    if (name === "card.json") return entryAt(view, bytes, at)
    at += 46 + nameLength + extraLength + commentLength
  }
  return undefined
}

function endOfDirectory(view: DataView): number | undefined {
  for (let at = view.byteLength - endLength; at >= Math.max(0, view.byteLength - endLength - 0xffff); at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at
  }
  return undefined
}

function entryAt(view: DataView, bytes: Uint8Array, directory: number): string | undefined {
  const method = view.getUint16(directory + 10, true)
  const packed = view.getUint32(directory + 20, true)
  const local = view.getUint32(directory + 42, true)
  if (local + 30 > view.byteLength || view.getUint32(local, true) !== 0x04034b50) return undefined
  const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  if (packed > cardLimit || from + packed > view.byteLength) return undefined
  const content = bytes.subarray(from, from + packed)
  try {
    if (method === 0) return Buffer.from(content).toString("utf8")
    return method === 8 ? inflateRawSync(content, { maxOutputLength: cardLimit }).toString("utf8") : undefined
  } catch {
    return undefined
  }
}
