import { ApngCanvas } from "./apng-canvas.ts"
import { type Apng, pngOfFrame, readApng } from "./container/apng.ts"
import type { Metadata } from "./container/metadata.ts"
import { decodePage, type Pixels } from "./decode.ts"
import type { DecodeLimits } from "./examiner-limits.ts"

export interface Frame {
  /** Place in the animation or among the pages, from 0; the first is never one of these. */
  readonly index: number
  readonly pixels: Pixels
}

/**
 * Further frames of an animation as they are shown, or further pages: up to `limits.maxFrames`, evenly spaced, the last among them. A frame
 * lies behind all before it, which must be decoded too; so the frames to choose from end where those before have `maxPixels` pixels
 * together, and the answer where `maxSeconds` have passed. Frames that can't be decoded are left out.
 *
 * Pixels are overwritten when the next frame is asked for.
 */
export async function* decodeFrames(
  bytes: Uint8Array,
  metadata: Metadata,
  limits: DecodeLimits,
): AsyncGenerator<Frame, void, void> {
  const area = Math.max(1, (metadata.width ?? 0) * (metadata.height ?? 0))
  const wanted = evenlySpaced(Math.min(metadata.frames, Math.floor(limits.maxPixels / area)), limits.maxFrames)
  if (wanted.length === 0) return
  const until = performance.now() + limits.maxSeconds * 1000
  const all = metadata.format === "png" ? apngFrames(bytes, wanted, limits) : pageFrames(bytes, wanted, limits)
  for await (const frame of all) {
    yield frame
    if (performance.now() > until) return
  }
}

/** Up to `most` of the numbers after 0 and below `count`, the last among them. */
export function evenlySpaced(count: number, most: number): number[] {
  const steps = Math.min(most, count - 1)
  return Array.from({ length: Math.max(0, steps) }, (_, step) => Math.round(((step + 1) * (count - 1)) / steps))
}

async function* pageFrames(
  bytes: Uint8Array,
  wanted: readonly number[],
  limits: DecodeLimits,
): AsyncGenerator<Frame, void, void> {
  for (const index of wanted) {
    const pixels = await decodePage(bytes, index, limits)
    if (!pixels) continue
    try {
      yield { index, pixels }
    } finally {
      pixels.data.fill(0)
    }
  }
}

/** libvips shows the first picture of an animated PNG only, so its frames are decoded one by one and put together here. */
async function* apngFrames(
  bytes: Uint8Array,
  wanted: readonly number[],
  limits: DecodeLimits,
): AsyncGenerator<Frame, void, void> {
  const animation = readApng(bytes)
  if (!animation) return
  const { width, height, frames, defaultApart } = animation
  const canvas = new ApngCanvas(animation)
  const last = wanted.at(-1)!
  try {
    for (const [place, frame] of frames.entries()) {
      const index = place + (defaultApart ? 1 : 0)
      if (index > last) return
      const pixels = await decodeApngFrame(animation, frame, limits)
      if (pixels) canvas.draw(frame, pixels)
      pixels?.data.fill(0)
      if (wanted.includes(index)) yield { index, pixels: { data: canvas.data, width, height, channels: 4 } }
    }
  } finally {
    canvas.wipe()
  }
}

async function decodeApngFrame(
  animation: Apng,
  frame: Apng["frames"][number],
  limits: DecodeLimits,
): Promise<Pixels | undefined> {
  const png = pngOfFrame(animation, frame)
  const pixels = await decodePage(png, 0, limits, true)
  png.fill(0)
  return pixels
}
