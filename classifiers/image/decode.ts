import sharp from "sharp"
import type { ImageFormat } from "./container/format.ts"
import { opaqueGif } from "./container/gif.ts"
import type { Metadata } from "./container/metadata.ts"
import type { DecodeLimits } from "./examiner-limits.ts"
import type { Pixels } from "./pixels.ts"
import { decodeStillWebp } from "./webp-decoder.ts"

export type DecodeError = "image_not_image" | "image_undecodable" | "image_too_large" | "image_truncated"

/** libvips decodes these from memory; it is never asked to guess, and never to draw SVG or PDF. */
const decodable: ReadonlySet<ImageFormat> = new Set(["png", "jpeg", "webp", "gif", "avif", "heic", "tiff"])

// One picture at a time and nothing remembered: memory stays flat and no decoded picture outlives its turn.
sharp.concurrency(1)
sharp.cache(false)
sharp.block({ operation: ["VipsForeignLoad"] })
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Nsgif", "Heif", "Tiff"].map((loader) => `VipsForeignLoad${loader}Buffer`),
})

/**
 * First frame of a picture at full size, in the colours that the PDQ reference sees: embedded profiles are not applied, 16 bits become 8,
 * CMYK becomes RGB. A picture that ends early or is damaged is refused rather than hashed with a grey or black rest.
 */
export async function decode(
  bytes: Uint8Array,
  metadata: Metadata,
  limits: DecodeLimits,
): Promise<Pixels | DecodeError> {
  if (metadata.format === "unknown") return "image_not_image"
  if (!decodable.has(metadata.format)) return "image_undecodable"
  if ((metadata.width ?? 0) * (metadata.height ?? 0) > limits.maxPixels) return "image_too_large"
  if (metadata.format === "webp" && metadata.frames === 1 && !metadata.truncated) {
    const pixels = await decodeStillWebp(bytes, metadata)
    if (pixels) return pixels
  }
  const opaque = metadata.format === "gif" ? opaqueGif(bytes) : undefined
  // Only what carries marks in its lowest bits keeps its alpha: it makes the pixels a third larger.
  const pixels = await decodePage(opaque ?? bytes, 0, limits, { alpha: metadata.lossless && metadata.alpha })
  opaque?.fill(0)
  return pixels ?? (metadata.truncated ? "image_truncated" : "image_undecodable")
}

/**
 * One frame of an animation, as it is shown, or one page; or several of one size, each below the one before. Undefined where it can't be
 * had. The caller has made sure of the format.
 */
export async function decodePage(
  bytes: Uint8Array,
  page: number,
  limits: DecodeLimits,
  { alpha = false, pages = 1 } = {},
): Promise<Pixels | undefined> {
  try {
    const stored = sharp(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      failOn: "error",
      limitInputPixels: limits.maxPixels,
      sequentialRead: true,
      ignoreIcc: true,
      page,
      pages,
    }).timeout({ seconds: limits.maxSeconds })
    const { data, info } = await (alpha ? stored : stored.removeAlpha())
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true })
    if (info.channels === 1 || info.channels === 3 || info.channels === 4) {
      return { data, width: info.width, height: info.height, channels: info.channels }
    }
    data.fill(0)
  } catch {
    // The reason lies in bytes that nobody trusts; the container says whether it ends early.
  }
  return undefined
}
