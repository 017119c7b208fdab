/** A view for numbers over exactly these bytes. Reading past the end throws; walkers check lengths first. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Up to `length` bytes as characters of the same number; shorter at the end of the file. */
export function asciiAt(bytes: Uint8Array, at: number, length: number): string {
  return latin1(bytes.subarray(at, at + Math.max(0, length)))
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")
}

const strict = new TextDecoder("utf-8", { fatal: true })

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** UTF-8 where it is valid, otherwise Latin-1: many writers put UTF-8 where the format says Latin-1. */
export function looseText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return latin1(bytes)
  }
}
