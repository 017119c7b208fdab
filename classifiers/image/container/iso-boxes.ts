import { asciiAt, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"

export interface IsoBox {
  readonly type: string
  readonly body: Uint8Array
  /** False where the file ends before the box does. */
  readonly whole: boolean
}

/** Boxes of ISO/IEC 14496-12, one level: length (4), type (4), long length (8, if the length is 1); a length of 0 reaches to the end. */
export function* isoBoxes(bytes: Uint8Array): Generator<IsoBox> {
  const view = viewOf(bytes)
  let at = 0
  for (let parts = 0; at + 8 <= bytes.length && parts < Cap.parts; parts++) {
    const short = view.getUint32(at)
    const header = short === 1 ? 16 : 8
    if (at + header > bytes.length) return
    const length = short === 1 ? Number(view.getBigUint64(at + 8)) : short === 0 ? bytes.length - at : short
    if (length < header) return
    const body = bytes.subarray(at + header, at + length)
    yield { type: asciiAt(bytes, at + 4, 4), body, whole: at + length <= bytes.length }
    at += length
  }
}
