import type { Examination } from "../../src/model/fingerprint.ts"
import type { PixelReading } from "../../src/model/pixel-score.ts"
import type { Metadata } from "./container/metadata.ts"
import { mutePngTexts } from "./container/mute-png-texts.ts"
import { readMetadata } from "./container/read-metadata.ts"
import { type DecodeError, decode } from "./decode.ts"
import { type DecodeLimits, defaultDecodeLimits, examinerVersion } from "./examiner-limits.ts"
import { decodeFrames } from "./frames.ts"
import { digestsOf } from "./hash/digests.ts"
import { pdqOfPixels, pdqWithSiblings } from "./hash/pdq.ts"
import type { PixelModel } from "./pixel/open-model.ts"
import type { Pixels } from "./pixels.ts"
import { declaredC2pa } from "./provenance/c2pa-facts.ts"
import { cardInMemory } from "./provenance/character-card.ts"
import { readFacts } from "./provenance/read-facts.ts"
import { readSignals } from "./provenance/read-signals.ts"

/**
 * Everything that may be kept of an image, from its bytes. Resolves for whatever bytes: what could not be read is said in `error`.
 *
 * Takes ownership of `bytes`: they, the decoded pixels and the embedded blocks are overwritten before it resolves, and a buffer that
 * `bytes` fills alone is given back.
 *
 * @param promptKey key for digests of prompts; without one only their length is kept
 * @param models look at the pixels before they are overwritten
 */
export async function examine(
  bytes: Uint8Array<ArrayBuffer>,
  limits: DecodeLimits = defaultDecodeLimits,
  promptKey?: Uint8Array,
  models: readonly PixelModel[] = [],
): Promise<Examination> {
  let metadata: Metadata | undefined
  try {
    metadata = readMetadata(bytes)
    const facts = readFacts(metadata)
    const c2pa = declaredC2pa(metadata)
    const [pixels, digests] = await decodeAndDigest(bytes, metadata, limits)
    const common = { bytes: bytes.length, ...digests, format: metadata.format }
    const card = cardInMemory(metadata)
    const picture = await readPicture(pixels, bytes, metadata, limits, promptKey, models)
    return {
      ...common,
      ...picture,
      ...(c2pa ? { c2pa } : {}),
      ...(card ? { card } : {}),
      facts,
      examiner: examinerVersion,
    }
  } finally {
    for (const block of metadata?.jumbf ?? []) block.bytes.fill(0)
    wipe(bytes)
  }
}

async function decodeAndDigest(bytes: Uint8Array<ArrayBuffer>, metadata: Metadata, limits: DecodeLimits) {
  if (metadata.format === "png") {
    // Muting changes the bytes, so their digests come first.
    const digests = await digestsOf(bytes)
    mutePngTexts(bytes)
    return [await decode(bytes, metadata, limits), digests] as const
  }
  // In this order: digests are taken here while another thread decodes.
  return Promise.all([decode(bytes, metadata, limits), digestsOf(bytes)])
}

type Hashes = Pick<Examination, "pdq" | "pdqQuality" | "pdqPipeline" | "pdqSiblings" | "frameCount" | "frames">
type Picture = Hashes & Pick<Examination, "width" | "height" | "jpegQuality" | "pixels" | "signals" | "error">

async function readPicture(
  pixels: Pixels | DecodeError,
  bytes: Uint8Array,
  metadata: Metadata,
  limits: DecodeLimits,
  promptKey: Uint8Array | undefined,
  models: readonly PixelModel[],
): Promise<Picture> {
  if (typeof pixels === "string") {
    const { width, height } = metadata
    const size = width !== undefined && height !== undefined ? { width, height } : {}
    return { ...size, signals: readSignals(metadata, undefined, promptKey), error: pixels }
  }
  const { data, width, height, channels } = pixels
  let picture: Picture
  try {
    const { hash, quality, siblings } = pdqWithSiblings(data, width, height, channels)
    const signals = readSignals(metadata, pixels, promptKey)
    const needles = quality >= leastQuality ? { pdqSiblings: [...siblings] } : {}
    const looks: PixelReading[] = []
    for (const model of models) looks.push(await model.read(pixels))
    picture = {
      width,
      height,
      pdq: hash,
      pdqQuality: quality,
      pdqPipeline: "full",
      ...needles,
      ...(metadata.jpegQuality === undefined ? {} : { jpegQuality: metadata.jpegQuality }),
      ...(looks.length > 0 ? { pixels: looks } : {}),
      signals,
    }
  } finally {
    wipe(data)
  }
  if (metadata.frames < 2) return picture
  return { ...picture, frameCount: metadata.frames, frames: await hashFrames(bytes, metadata, limits) }
}

async function hashFrames(bytes: Uint8Array, metadata: Metadata, limits: DecodeLimits) {
  const hashes: NonNullable<Examination["frames"]> = []
  for await (const { index, pixels } of decodeFrames(bytes, metadata, limits)) {
    const { hash, quality } = pdqOfPixels(pixels.data, pixels.width, pixels.height, pixels.channels)
    hashes.push({ index, pdq: hash, pdqQuality: quality })
  }
  return hashes
}

/** Below it a hash is not matched (PdqSignal.QUALITY_THRESHOLD), so nobody asks for its siblings. */
const leastQuality = 50

/** Overwrites, then gives the memory back at once: left to the garbage collector it piles up to some 50 MB more. */
function wipe(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.fill(0)
  if (bytes.byteLength === bytes.buffer.byteLength) bytes.buffer.transfer(0)
}
