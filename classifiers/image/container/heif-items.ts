import { asciiAt, latin1, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { isoBoxes } from "./iso-boxes.ts"

/** A metadata item of a HEIF file, put together from its extents. */
export interface HeifItem {
  readonly kind: "exif" | "xmp"
  readonly bytes: Uint8Array
}

const maxItems = 16

/**
 * EXIF and XMP items of a `meta` box (ISO/IEC 14496-12, 8.11: iinf names them, iloc places them in the file or in the `idat` box). Items
 * made of other items, and those in other files, are left alone.
 */
export function readHeifItems(meta: Uint8Array, file: Uint8Array): HeifItem[] {
  const bodies = new Map([...isoBoxes(meta)].map(({ type, body }) => [type, body]))
  const names = bodies.get("iinf")
  const places = bodies.get("iloc")
  if (!names || !places) return []
  const kinds = kindsOf(names)
  return kinds.size > 0 ? locate(places, kinds, [file, bodies.get("idat")]) : []
}

/** Kinds of the wanted items by number. */
function kindsOf(iinf: Uint8Array): Map<number, HeifItem["kind"]> {
  const kinds = new Map<number, HeifItem["kind"]>()
  for (const { type, body } of isoBoxes(iinf.subarray(iinf[0] === 0 ? 6 : 8))) {
    const long = body[0] === 3
    const at = long ? 10 : 8
    if (type !== "infe" || !(long || body[0] === 2) || body.length < at + 4) continue
    const view = viewOf(body)
    const kind = kindOf(body.subarray(at))
    if (kind && kinds.size < maxItems) kinds.set(long ? view.getUint32(4) : view.getUint16(4), kind)
  }
  return kinds
}

/** Type (4), name as a C string, and for `mime` the media type as another. */
function kindOf(entry: Uint8Array): HeifItem["kind"] | undefined {
  const type = asciiAt(entry, 0, 4)
  if (type === "Exif") return "exif"
  const name = entry.indexOf(0, 4)
  if (type !== "mime" || name < 0) return undefined
  return latin1(entry.subarray(name + 1, name + 21)).startsWith("application/rdf+xml") ? "xmp" : undefined
}

/** Numbers of the box's own widths, one after the other; reading past the end throws, which ends the walk. */
class Numbers {
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#view = viewOf(bytes)
  }

  next(width: number): number {
    const at = this.#at
    this.#at += width
    if (width === 0) return 0
    if (width === 1) return this.#view.getUint8(at)
    if (width === 2) return this.#view.getUint16(at)
    return width === 4 ? this.#view.getUint32(at) : Number(this.#view.getBigUint64(at))
  }
}

function locate(
  iloc: Uint8Array,
  kinds: ReadonlyMap<number, HeifItem["kind"]>,
  sources: readonly (Uint8Array | undefined)[],
): HeifItem[] {
  const found: HeifItem[] = []
  const numbers = new Numbers(iloc)
  let steps = Cap.parts
  try {
    const version = numbers.next(4) >>> 24
    const widths = numbers.next(2)
    const [offsetWidth, lengthWidth, baseWidth] = [widths >>> 12, (widths >>> 8) & 15, (widths >>> 4) & 15]
    const indexWidth = version === 0 ? 0 : widths & 15
    const idWidth = version < 2 ? 2 : 4
    for (let left = numbers.next(idWidth); left > 0 && steps > 0; left--, steps--) {
      const kind = kinds.get(numbers.next(idWidth))
      const method = version === 0 ? 0 : numbers.next(2) & 15
      const elsewhere = numbers.next(2) !== 0
      const base = numbers.next(baseWidth)
      const source = elsewhere ? undefined : sources[method]
      const parts: Uint8Array[] = []
      let size = 0
      for (let extents = numbers.next(2); extents > 0 && steps > 0; extents--, steps--) {
        numbers.next(indexWidth)
        const at = base + numbers.next(offsetWidth)
        const length = numbers.next(lengthWidth)
        size += length
        if (kind && source && size <= Cap.text) parts.push(source.subarray(at, at + length))
      }
      if (kind && parts.length > 0 && size <= Cap.text && found.length < maxItems) {
        found.push({ kind, bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts) })
      }
    }
  } catch {
    // The box ends early: what came before it counts.
  }
  return found
}
