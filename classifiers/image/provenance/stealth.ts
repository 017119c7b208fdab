import { gunzipSync } from "node:zlib"
import { looseText } from "../container/bytes.ts"
import type { TextField } from "../container/metadata.ts"
import type { Pixels } from "../pixels.ts"
import { jsonObject } from "./lenient-json.ts"

/** Where a text is hidden and whether it is gzipped, by the 15 bytes that come first. */
const magics: Readonly<Record<string, { readonly plane: Plane; readonly packed: boolean }>> = {
  stealth_pnginfo: { plane: "alpha", packed: false },
  stealth_pngcomp: { plane: "alpha", packed: true },
  stealth_rgbinfo: { plane: "rgb", packed: false },
  stealth_rgbcomp: { plane: "rgb", packed: true },
}
type Plane = "alpha" | "rgb"

const magicBytes = 15
const maxBits = 8 << 20
const maxText = 4 << 20
/** What a JSON payload calls its texts: NovelAI's, which are those of its PNG chunks. */
const textKeys = ["Title", "Description", "Software", "Source", "Comment", "parameters"]

/**
 * Texts in the lowest bits of pixels ("stealth PNG info": NovelAI, the web UI's extension of that name, SwarmUI): magic, length in bits
 * (32, big endian), text; first bit highest, columns from left to right, each from top to bottom. In alpha one bit a pixel, else in red,
 * green and blue.
 */
export function stealthTexts(pixels: Pixels): TextField[] {
  for (const plane of ["alpha", "rgb"] as const) {
    const payload = payloadOf(pixels, plane)
    if (payload) return textsOf(`pixels:stealth-${plane}`, payload)
  }
  return []
}

function payloadOf(pixels: Pixels, plane: Plane): string | undefined {
  const head = lowBits(pixels, plane, 0, magicBytes + 4)
  const magic = head && magics[head.toString("latin1", 0, magicBytes)]
  if (magic?.plane !== plane) return undefined
  const bits = head!.readUInt32BE(magicBytes)
  if (bits === 0 || bits > maxBits) return undefined
  const payload = lowBits(pixels, plane, magicBytes + 4, bits >>> 3)
  if (!payload) return undefined
  try {
    return looseText(magic.packed ? gunzipSync(payload, { maxOutputLength: maxText }) : payload)
  } catch {
    return undefined
  }
}

function textsOf(carrier: string, payload: string): TextField[] {
  const texts = jsonObject(payload)
  const named = textKeys.flatMap((key) => {
    const value = texts?.[key]
    return typeof value === "string" ? [{ carrier, key, value }] : []
  })
  return named.length > 0 ? named : [{ carrier, key: "parameters", value: payload }]
}

/** Bytes of a plane's lowest bits, or undefined where the picture has fewer. */
function lowBits(
  { data, width, height, channels }: Pixels,
  plane: Plane,
  from: number,
  length: number,
): Buffer | undefined {
  const perPixel = plane === "alpha" ? 1 : 3
  if (channels < (plane === "alpha" ? 4 : 3) || (from + length) * 8 > width * height * perPixel) return undefined
  const first = plane === "alpha" ? 3 : 0
  const bytes = Buffer.alloc(length)
  let pixel = Math.floor((from * 8) / perPixel)
  let colour = (from * 8) % perPixel
  let y = pixel % height
  let x = (pixel - y) / height
  for (let bit = 0; bit < length * 8; bit++) {
    pixel = (y * width + x) * channels
    bytes[bit >>> 3]! |= (data[pixel + first + colour]! & 1) << (7 - (bit & 7))
    if (++colour < perPixel) continue
    colour = 0
    if (++y < height) continue
    y = 0
    x++
  }
  return bytes
}
