import { ApngCanvas } from "./apng-canvas.ts"
import { type Apng, pngOfFrame, readApng } from "./container/apng.ts"
import { opaqueGif } from "./container/gif.ts"
import type { Metadata } from "./container/metadata.ts"
import { decodePage } from "./decode.ts"
import type { DecodeLimits } from "./examiner-limits.ts"
import type { Pixels } from "./pixels.ts"

/** Pixels of all frames up to which an animation is decoded in one go. */
const rollPixels = 16_000_000

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
  const opaque = metadata.format === "gif" ? opaqueGif(bytes) : undefined
  const sequence =
    (metadata.format === "gif" || metadata.format === "webp") && (wanted.at(-1)! + 1) * area <= rollPixels
  const frames = metadata.format === "png" ? apngFrames : sequence ? rollFrames : pageFrames
  try {
    for await (const frame of frames(opaque ?? bytes, wanted, limits)) {
      yield frame
      if (performance.now() > until) return
    }
  } finally {
    opaque?.fill(0)
  }
}

/** Up to `most` of the numbers after 0 and below `count`, the last among them. */
export function evenlySpaced(count: number, most: number): number[] {
  const steps = Math.min(most, count - 1)
  return Array.from({ length: Math.max(0, steps) }, (_, step) => Math.round(((step + 1) * (count - 1)) / steps))
}

/** A short animation is decoded once, all of it; asked for one by one, each frame would have those before it decoded again. */
async function* rollFrames(
  bytes: Uint8Array,
  wanted: readonly number[],
  limits: DecodeLimits,
): AsyncGenerator<Frame, void, void> {
  const pages = wanted.at(-1)! + 1
  const roll = await decodePage(bytes, 0, limits, { pages })
  if (!roll) {
    // One damaged frame spoils the whole.
    yield* pageFrames(bytes, wanted, limits)
    return
  }
  const { width, channels } = roll
  const height = Math.floor(roll.height / pages)
  const length = width * height * channels
  try {
    for (const index of wanted) {
      const data = roll.data.subarray(index * length, (index + 1) * length)
      yield { index, pixels: { data, width, height, channels } }
      data.fill(0)
    }
  } finally {
    roll.data.fill(0)
  }
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
  const pixels = await decodePage(png, 0, limits, { alpha: true })
  png.fill(0)
  return pixels
}
