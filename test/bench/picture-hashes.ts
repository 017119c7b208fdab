import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import sharp from "sharp"
import { FREQUENCIES, transform } from "../../classifiers/image/hash/block-transform.ts"
import { downsample, SIDE } from "../../classifiers/image/hash/jarosz-filter.ts"
import { paintScene } from "../../src/demo/scenes.ts"
import { corpusFolder } from "../support/provenance-corpus.ts"

export const bitCount = FREQUENCIES * FREQUENCIES

/** A picture in memory: 8-bit RGB. */
export interface Picture {
  readonly name: string
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}

export function scene(name: string, width: number, height: number): Picture {
  return { name, ...paintScene(name, width, height, "photo") }
}

/** The readable pictures of the folder of provenance examples, which lies outside the repository; none where it is missing. */
export async function corpusPictures(longestSide: number): Promise<Picture[]> {
  if (!existsSync(corpusFolder)) return []
  const pictures: Picture[] = []
  for (const name of readdirSync(corpusFolder).sort()) {
    if (!/\.(png|jpe?g|webp|tiff?)$/.test(name)) continue
    try {
      const { data, info } = await sharp(readFileSync(join(corpusFolder, name)))
        .resize(longestSide, longestSide, { fit: "inside", withoutEnlargement: true })
        .flatten()
        .toColourspace("srgb")
        .raw()
        .toBuffer({ resolveWithObject: true })
      if (info.channels === 3) pictures.push({ name, rgb: data, width: info.width, height: info.height })
    } catch {
      // broken on purpose: the folder is made of examples for readers of metadata
    }
  }
  return pictures
}

/** PDQ's 256 coefficients of a picture, whose signs around their median are the bits. */
export function coefficientsOf({ rgb, width, height }: Picture): Float32Array {
  const block = new Float32Array(SIDE * SIDE)
  const luma = (row: number, into: Float32Array, at: number) => {
    for (let x = 0, from = row * width * 3; x < width; x++, from += 3) {
      into[at + x] = 0.299 * rgb[from]! + 0.587 * rgb[from + 1]! + 0.114 * rgb[from + 2]!
    }
  }
  downsample(width, height, luma, block)
  return transform(block)
}
