import { viewOf } from "./bytes.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"

/** Header of a Windows bitmap: size. A negative height means rows from the top. */
export function readBmp(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("bmp")
  const view = viewOf(bytes)
  if (view.getUint32(14, true) === 12) {
    found.width = view.getUint16(18, true)
    found.height = view.getUint16(20, true)
  } else {
    found.width = view.getUint32(18, true)
    found.height = Math.abs(view.getInt32(22, true))
  }
  found.truncated = view.getUint32(2, true) > bytes.length
  return found
}
