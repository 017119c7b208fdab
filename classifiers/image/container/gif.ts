import { asciiAt, looseText, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"

/** Blocks of a GIF (GIF89a): logical screen, comments, and the application blocks of XMP and C2PA. */
export function readGif(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("gif")
  found.truncated = true
  if (bytes.length < 13) return found
  const view = viewOf(bytes)
  found.width = view.getUint16(6, true)
  found.height = view.getUint16(8, true)
  let at = 13 + paletteLength(bytes[10]!)
  let frames = 0
  for (let parts = 0; at < bytes.length && parts < Cap.parts; parts++) {
    const kind = bytes[at]
    if (kind === 0x3b) {
      found.truncated = false
      found.trailingBytes = bytes.length - at - 1
      break
    }
    if (kind === 0x2c) {
      frames++
      at = skipBlocks(bytes, at + 11 + paletteLength(bytes[at + 9] ?? 0))
    } else if (kind === 0x21) at = readExtension(found, bytes, at)
    else break
  }
  found.frames = Math.max(1, frames)
  return found
}

/**
 * The file with the transparent colour of its first frame shown as what it is in the palette, as Pillow hands it to PDQ; decoders here
 * would show black. A copy, which the caller overwrites; undefined where there is nothing to change.
 */
export function opaqueGif(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  let at = 13 + paletteLength(bytes[10] ?? 0)
  for (let parts = 0; bytes[at] === 0x21 && parts < Cap.parts; parts++) {
    const flags = at + 3
    if (bytes[at + 1] === 0xf9 && ((bytes[flags] ?? 0) & 1) === 1) {
      const copy = bytes.slice()
      copy[flags]! &= ~1
      return copy
    }
    at = skipBlocks(bytes, at + 2)
  }
  return undefined
}

function paletteLength(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0
}

/** Index after the sub-blocks that start at `at`. */
function skipBlocks(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!
  return at + 1
}

function readExtension(found: Metadata, bytes: Uint8Array, at: number): number {
  const label = bytes[at + 1]
  const body = at + 2
  const end = skipBlocks(bytes, body)
  if (label === 0xfe && end - body <= Cap.text && found.texts.length < Cap.texts) {
    found.texts.push({ carrier: "gif:comment", key: "comment", value: looseText(blocks(bytes, body, end)) })
  } else if (label === 0xff && bytes[body] === 11) {
    const application = asciiAt(bytes, body + 1, 11)
    if (application === "C2PA_GIF\x01\x00\x00" || application.startsWith("C2PA_GIF")) {
      found.jumbf.push({ carrier: "gif:C2PA_GIF", bytes: blocks(bytes, body + 12, end) })
    } else if (application === "XMP DataXMP" && found.xmp.length < 16 && end - body <= Cap.text) {
      // Not in sub-blocks: the packet stands as it is, before a trailer that makes block readers skip it.
      found.xmp.push({ carrier: "gif:XMP", key: "xmp", value: looseText(bytes.subarray(body + 12, end)) })
    }
  }
  return end
}

function blocks(bytes: Uint8Array, from: number, end: number): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = from; at < end && bytes[at]; at += 1 + bytes[at]!)
    parts.push(bytes.subarray(at + 1, at + 1 + bytes[at]!))
  return Buffer.concat(parts)
}
