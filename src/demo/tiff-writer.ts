/** One field of an EXIF directory; `bytes` is TIFF's UNDEFINED. Rationals are numerator and denominator. */
export type TiffValue =
  | { readonly ascii: string }
  | { readonly short: number }
  | { readonly rational: readonly [number, number] }
  | { readonly bytes: Uint8Array }
export type TiffFields = ReadonlyMap<number, TiffValue>

const EXIF_DIRECTORY = 0x8769

/**
 * An EXIF block as TIFF 6.0: directory 0 and, where fields of it are given, the Exif directory behind tag 0x8769. Without the
 * `Exif\0\0` that JPEG puts in front.
 */
export function tiff(main: TiffFields, exif: TiffFields = new Map(), order: "II" | "MM" = "MM"): Buffer {
  const u16 = (value: number) => number(value, 2)
  const u32 = (value: number) => number(value, 4)
  const number = (value: number, size: number) => {
    const out = Buffer.alloc(size)
    if (order === "II") out.writeUIntLE(value, 0, size)
    else out.writeUIntBE(value, 0, size)
    return out
  }

  const encode = (value: TiffValue): { type: number; count: number; data: Buffer } => {
    if ("ascii" in value) {
      const data = Buffer.from(`${value.ascii}\0`, "utf8")
      return { type: 2, count: data.length, data }
    }
    if ("short" in value) return { type: 3, count: 1, data: u16(value.short) }
    if ("rational" in value) return { type: 5, count: 1, data: Buffer.concat(value.rational.map(u32)) }
    return { type: 7, count: value.bytes.length, data: Buffer.from(value.bytes) }
  }

  const directory = (fields: TiffFields, offset: number, pointer?: number): Buffer => {
    const tags = [...fields].map(([tag, value]) => ({ tag, ...encode(value) }))
    if (pointer !== undefined) tags.push({ tag: EXIF_DIRECTORY, type: 4, count: 1, data: u32(pointer) })
    tags.sort((left, right) => left.tag - right.tag)
    const entries: Buffer[] = [u16(tags.length)]
    const values: Buffer[] = []
    let free = offset + 2 + tags.length * 12 + 4
    for (const { tag, type, count, data } of tags) {
      entries.push(u16(tag), u16(type), u32(count))
      if (data.length <= 4) {
        entries.push(Buffer.concat([data, Buffer.alloc(4 - data.length)]))
        continue
      }
      const padded = data.length % 2 === 0 ? data : Buffer.concat([data, Buffer.alloc(1)])
      entries.push(u32(free))
      values.push(padded)
      free += padded.length
    }
    return Buffer.concat([...entries, u32(0), ...values])
  }

  const head = Buffer.concat([Buffer.from(order, "latin1"), u16(42), u32(8)])
  if (exif.size === 0) return Buffer.concat([head, directory(main, 8)])
  const size = directory(main, 8, 0).length
  return Buffer.concat([head, directory(main, 8, 8 + size), directory(exif, 8 + size)])
}
