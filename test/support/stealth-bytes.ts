import { pngOfPixels } from "./image-bytes.ts"

/** A text to be hidden in the lowest bits of a picture. */
export interface Hidden {
  readonly plane: "alpha" | "rgb"
  readonly magic: string
  readonly payload: Uint8Array
  /** Length said instead of the true one. */
  readonly bits?: number
}

/** A small opaque landscape. */
export function landscape(width: number, height: number, channels: 3 | 4): Buffer {
  const pixels = Buffer.alloc(width * height * channels, 255)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      pixels.set([(x * 2) & 255, (y * 3) & 255, (x * y) & 255], (y * width + x) * channels)
  }
  return pixels
}

/** As the web UI's extension and NovelAI write it: magic, length in bits, payload, column by column into the lowest bits. */
export function hide(pixels: Buffer, width: number, channels: 3 | 4, hidden: Hidden): Buffer {
  const { plane, magic, payload, bits = payload.length * 8 } = hidden
  const height = pixels.length / width / channels
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bits)
  const all = Buffer.concat([Buffer.from(magic), length, payload])
  const colours = plane === "alpha" ? [3] : [0, 1, 2]
  if (all.length * 8 > width * height * colours.length) throw new Error("The picture is too small for the text.")
  let next = 0
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      for (const colour of colours) {
        if (next >= all.length * 8) return pixels
        const at = (y * width + x) * channels + colour
        pixels[at] = (pixels[at]! & 0xfe) | ((all[next >> 3]! >> (7 - (next & 7))) & 1)
        next++
      }
    }
  }
  return pixels
}

/** A PNG with a hidden text. */
export function stealthPng(hidden: Hidden, width = 96, height = 80): Buffer {
  const channels = hidden.plane === "alpha" ? 4 : 3
  return pngOfPixels(hide(landscape(width, height, channels), width, channels, hidden), width, height, channels)
}
