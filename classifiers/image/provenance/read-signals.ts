import type { Signal } from "../../../src/model/fingerprint.ts"
import { emptyMetadata, type Metadata } from "../container/metadata.ts"
import type { Pixels } from "../pixels.ts"
import { automatic1111 } from "./automatic1111.ts"
import { blackForestLabs } from "./black-forest-labs.ts"
import { c2pa } from "./c2pa.ts"
import { characterCard } from "./character-card.ts"
import { comfyui } from "./comfyui.ts"
import { drawThings } from "./draw-things.ts"
import { easyDiffusion } from "./easy-diffusion.ts"
import { fooocus } from "./fooocus.ts"
import { generatorTag } from "./generator-tag.ts"
import { huggingFaceJob } from "./hugging-face-job.ts"
import { imaginairy } from "./imaginairy.ts"
import { watermarkTraces } from "./invisible-watermark.ts"
import { invokeai } from "./invokeai.ts"
import { iptc } from "./iptc.ts"
import { mflux } from "./mflux.ts"
import { midjourney } from "./midjourney.ts"
import { novelai, novelaiComments } from "./novelai.ts"
import { novelaiSignatureHolds } from "./novelai-signature.ts"
import { openai } from "./openai.ts"
import { signalsOf } from "./prompt-digest.ts"
import type { ProvenanceReader, Trace } from "./reader.ts"
import { samsung } from "./samsung.ts"
import { sdnext } from "./sdnext.ts"
import { stabilityMatrix } from "./stability-matrix.ts"
import { stableDiffusionCpp } from "./stable-diffusion-cpp.ts"
import { stealthTexts } from "./stealth.ts"
import { swarmui } from "./swarmui.ts"
import { tc260 } from "./tc260.ts"
import { tensorArt } from "./tensor-art.ts"
import { xai } from "./xai.ts"

/** All families, in the order of their signals. A new family is a file beside these and a line here. */
const readers: readonly ProvenanceReader[] = [
  automatic1111,
  sdnext,
  stableDiffusionCpp,
  comfyui,
  stabilityMatrix,
  tensorArt,
  invokeai,
  novelai,
  fooocus,
  swarmui,
  easyDiffusion,
  drawThings,
  mflux,
  imaginairy,
  midjourney,
  openai,
  blackForestLabs,
  xai,
  samsung,
  tc260,
  iptc,
  c2pa,
  huggingFaceJob,
  characterCard,
]

const maxSignals = 200

/**
 * Every trace of a generator in an image's metadata, and in its pixels where they are at hand. No trace says nothing about how the image
 * was made.
 *
 * @param promptKey key of the workspace for digests of prompts; without one only their length is said
 */
export function readSignals(metadata: Metadata, pixels?: Pixels, promptKey?: Uint8Array): Signal[] {
  const hidden = metadata.lossless && pixels ? stealthTexts(pixels) : []
  const sources = hidden.length > 0 ? [metadata, { ...emptyMetadata(metadata.format), texts: hidden }] : [metadata]
  const traces = readers.flatMap((reader) => sources.flatMap((source) => tracesOf(reader, source)))
  if (metadata.lossless && pixels) traces.push(...watermarkTraces(pixels))
  if (pixels) confirmNovelai(traces, sources, pixels)
  // A bare name adds nothing to a block of the same generator.
  const named = new Set(traces.map(({ signal }) => signal.generator))
  const tags = tracesOf(generatorTag, metadata).filter(({ signal }) => !named.has(signal.generator))
  return signalsOf([...traces, ...tags].slice(0, maxSignals), promptKey)
}

/** The signature of NovelAI covers the pixels, which its reader does not see. */
function confirmNovelai(traces: readonly Trace[], sources: readonly Metadata[], pixels: Pixels): void {
  const own = traces.filter(({ signal }) => signal.family === "novelai" && signal.strength === "strong")
  if (own.length === 0) return
  if (sources.some((source) => novelaiComments(source).some((comment) => novelaiSignatureHolds(comment, pixels))))
    for (const { signal } of own) signal.strength = "conclusive"
}

/** A reader that stumbles over hostile metadata loses its own traces, not those of the others. */
function tracesOf(reader: ProvenanceReader, metadata: Metadata): Trace[] {
  try {
    return reader.read(metadata)
  } catch {
    return []
  }
}
