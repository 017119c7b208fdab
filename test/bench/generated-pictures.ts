import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import sharp from "sharp"
import { paintScene } from "../../src/demo/scenes.ts"

const sizes = [
  [800, 600],
  [1600, 1200],
] as const
const scenes = 8

/** Landscapes with gnomes as a forum's members post them: each scene in two sizes as JPEG, PNG and WebP. */
export async function makeGeneratedPictures(directory: string, signal: AbortSignal): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (let scene = 0; scene < scenes; scene++) {
    for (const [width, height] of sizes) {
      signal.throwIfAborted()
      const { rgb } = paintScene(`bench:${scene}`, width, height, "photo")
      const picture = sharp(rgb, { raw: { width, height, channels: 3 } })
      const files = {
        jpeg: picture.clone().jpeg({ quality: 85 }),
        png: picture.clone().png({ compressionLevel: 6 }),
        webp: picture.clone().webp({ quality: 80, effort: 2 }),
      }
      for (const [format, file] of Object.entries(files)) {
        await writeFile(join(directory, `scene-${scene}-${width}.${format}`), await file.toBuffer())
      }
    }
  }
}
