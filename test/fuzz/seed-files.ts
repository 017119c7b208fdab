import { gzipSync } from "node:zlib"
import sharp from "sharp"
import { created } from "../support/c2pa-bytes.ts"
import { makeSigner, signedFile } from "../support/c2pa-signing.ts"
import { apng, jpeg, jpegJumbf, png, pngChunk, tam, webp } from "../support/image-bytes.ts"
import { provenanceVectors, secret } from "../support/provenance-vectors.ts"
import { landscape, stealthPng } from "../support/stealth-bytes.ts"

export interface SeedFiles {
  /** Metadata in every container, mostly around no picture at all. */
  readonly structures: readonly Buffer[]
  /** Small pictures that decode. */
  readonly whole: readonly Buffer[]
}

/** What mutations start from: a file of every family in every container, signed ones, and small whole pictures of every decodable format. */
export async function seedFiles(): Promise<SeedFiles> {
  const signer = makeSigner()
  const actions = [created(tam, "GPT-4o")]
  const signed = [
    signedFile({ signer, actions, format: "image/png", embed: (store) => png({ before: [pngChunk("caBX", store)] }) }),
    signedFile({ signer, actions, format: "image/jpeg", embed: (store) => jpeg(jpegJumbf(store, 60_000)) }),
    signedFile({ signer, actions, format: "image/webp", embed: (store) => webp([["C2PA", store]]) }),
  ]
  const hidden = stealthPng({ plane: "alpha", magic: "stealth_pngcomp", payload: gzipSync(secret) })
  const structures = [...provenanceVectors.map(({ bytes }) => Buffer.from(bytes)), ...signed]
  return { structures, whole: [hidden, ...(await wholePictures())] }
}

async function wholePictures(): Promise<Buffer[]> {
  const [width, height] = [120, 90]
  const opaque = sharp(landscape(width, height, 3), { raw: { width, height, channels: 3 } })
  const clear = sharp(landscape(width, height, 4), { raw: { width, height, channels: 4 } })
  const frames = 4
  const film = sharp(landscape(width, height * frames, 3), {
    raw: { width, height: height * frames, channels: 3, pageHeight: height },
  })
  return Promise.all([
    apng(
      width,
      height,
      [0, 10, 20].map((x) => ({ pixels: landscape(40, 30, 4), width: 40, height: 30, x, y: x })),
    ),
    film.clone().gif().toBuffer(),
    film.clone().webp({ lossless: true, effort: 0 }).toBuffer(),
    film.clone().tiff({ compression: "deflate" }).toBuffer(),
    opaque.clone().jpeg().toBuffer(),
    opaque.clone().jpeg({ progressive: true, quality: 40 }).toBuffer(),
    opaque.clone().grayscale().jpeg().toBuffer(),
    opaque.clone().toColourspace("cmyk").jpeg().toBuffer(),
    opaque.clone().png({ palette: true }).toBuffer(),
    opaque.clone().png({ progressive: true }).toBuffer(),
    clear.clone().png().toBuffer(),
    clear.clone().webp({ quality: 70, effort: 0 }).toBuffer(),
    clear.clone().webp({ lossless: true, effort: 0 }).toBuffer(),
    opaque.clone().gif().toBuffer(),
    opaque.clone().tiff({ compression: "lzw" }).toBuffer(),
    opaque.clone().tiff({ compression: "jpeg", tile: true, tileWidth: 64, tileHeight: 64 }).toBuffer(),
    opaque.clone().avif({ effort: 0, quality: 30 }).toBuffer(),
  ])
}
