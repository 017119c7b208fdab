import { asciiAt, looseText, viewOf } from "./bytes.ts"
import type { TextField } from "./metadata.ts"

/** Entries that the gallery's editor writes; others hold pictures, films and places, and are not read. */
const editorEntries = ["PEg_Info", "PhotoEditor_Re_Edit_Data"]

const maxEntries = 200
const maxText = 256 << 10

/**
 * Texts of the editor's entries in the block that Samsung's phones put behind a picture (SEF; layout after ExifTool's Samsung.pm): at
 * the very end the length of the directory (4, little endian) and "SEFT"; the directory is "SEFH", version (4), count (4), and for each
 * entry a kind (4), how far before the directory it starts (4) and its size (4). An entry is a kind (4), the length of its name (4),
 * name, data.
 */
export function readSamsungTrailer(bytes: Uint8Array, carrier: string): TextField[] {
  const end = bytes.length - 8
  if (end < 12 || asciiAt(bytes, end + 4, 4) !== "SEFT") return []
  const view = viewOf(bytes)
  const directory = end - view.getUint32(end, true)
  if (directory < 0 || directory + 12 > end || asciiAt(bytes, directory, 4) !== "SEFH") return []
  const found: TextField[] = []
  const count = Math.min(view.getUint32(directory + 8, true), maxEntries)
  for (let at = directory + 12; at + 12 <= end && at < directory + 12 + count * 12; at += 12) {
    const start = directory - view.getUint32(at + 4, true)
    const size = view.getUint32(at + 8, true)
    if (start < 0 || size < 8 || size > maxText || start + size > directory) continue
    const name = view.getUint32(start + 4, true)
    const key = editorEntries.find((entry) => entry.length === name && asciiAt(bytes, start + 8, name) === entry)
    if (key) found.push({ carrier, key, value: looseText(bytes.subarray(start + 8 + name, start + size)) })
  }
  return found
}
