// The demo world is the second declared home of sharp: here it only makes pictures, the first home (classifiers/image) only reads them.
import { createHash } from "node:crypto"
import { availableParallelism } from "node:os"
import sharp from "sharp"
import { pngText, withJpegSegments, withPngChunks, withWebpChunks } from "./containers.ts"
import { metadataOf } from "./metadata-writers.ts"
import type { PlannedPicture } from "./picture-plan.ts"
import { paintScene } from "./scenes.ts"

interface PictureOptions {
  /** Called after every file with the number of files made so far and the number wanted. */
  readonly onProgress?: (made: number, total: number) => void
  /** Pictures in work at once. */
  readonly concurrency?: number
}

interface Pixels {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}

/** Eleven pixels of three bytes hold the 33 letters of a canary; six times makes 66 pixels. */
const CANARY_REPEATS = 6

/**
 * The canary of a picture: ASCII that its bytes hold in a comment and, where the file is lossless, its pixels as well, so that a
 * search of the disk finds a kept file and a kept decoded image alike. A byte-identical repost has its original's.
 */
export function canaryOf(name: string): string {
  const content = name.replace(/~\d+/, "")
  return `WATCHLINE-CANARY-${createHash("sha256").update(`canary:${content}`).digest("hex").slice(0, 16)}`
}

/** All files of a plan in memory, by name. The same plan gives the same bytes. */
export async function makePictures(
  plan: { readonly seed: number; readonly images: readonly PlannedPicture[] },
  { onProgress, concurrency = availableParallelism() + 1 }: PictureOptions = {},
): Promise<Map<string, Uint8Array>> {
  const made = new Map<string, Uint8Array>()
  const note = (picture: PlannedPicture, bytes: Uint8Array) => {
    made.set(picture.name, bytes)
    onProgress?.(made.size, plan.images.length)
  }
  const inTurn = async (role: PlannedPicture["role"], make: (picture: PlannedPicture) => Promise<Uint8Array>) => {
    const waiting = plan.images.filter((picture) => picture.role === role).values()
    const worker = async () => {
      for (const picture of waiting) note(picture, await make(picture))
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }
  await inTurn("original", (picture) => original(plan.seed, picture))
  await inTurn("reencoded", (picture) => again(picture, made.get(picture.source!)!))
  await inTurn("copy", async (picture) => made.get(picture.source!)!)
  return made
}

function original(seed: number, picture: PlannedPicture): Promise<Uint8Array> {
  const { width, height, family, lossless } = picture
  const { rgb } = paintScene(`${seed}:${family}`, width, height, lossless ? "drawn" : "photo")
  return encode(picture, { rgb, width, height })
}

async function again(picture: PlannedPicture, source: Uint8Array): Promise<Uint8Array> {
  const { width, height } = picture
  const { data } = await sharp(source)
    .resize(width, height, { fit: "fill" })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return encode(picture, { rgb: data, width, height })
}

async function encode(picture: PlannedPicture, { rgb, width, height }: Pixels): Promise<Uint8Array> {
  const canary = canaryOf(picture.name)
  if (picture.lossless) rgb.set(Buffer.from(canary.repeat(CANARY_REPEATS)), width * (height - 1) * 3)
  const image = sharp(rgb, { raw: { width, height, channels: 3 } })
  const { chunks, segments } = metadataOf(picture)
  switch (picture.format) {
    case "png":
      return withPngChunks(await image.png({ compressionLevel: 6 }).toBuffer(), [...chunks, pngText("Note", canary)])
    case "jpeg":
      return withJpegSegments(await image.jpeg({ quality: picture.quality }).toBuffer(), [
        ...segments,
        { marker: 0xfe, data: Buffer.from(canary) },
      ])
    case "webp":
      return withWebpChunks(
        await image
          .webp(picture.lossless ? { lossless: true, effort: 0 } : { quality: picture.quality, effort: 2 })
          .toBuffer(),
        width,
        height,
        [...chunks, { type: "NOTE", data: Buffer.from(canary) }],
      )
  }
}
