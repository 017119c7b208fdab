import type { Signal } from "../../../src/model/fingerprint.ts"
import { emptyMetadata, type Metadata } from "../container/metadata.ts"
import type { Pixels } from "../decode.ts"
import { automatic1111 } from "./automatic1111.ts"
import { c2pa } from "./c2pa.ts"
import { comfyui } from "./comfyui.ts"
import { drawThings } from "./draw-things.ts"
import { easyDiffusion } from "./easy-diffusion.ts"
import { fooocus } from "./fooocus.ts"
import { generatorTag } from "./generator-tag.ts"
import { huggingFaceJob } from "./hugging-face-job.ts"
import { watermarkSignals } from "./invisible-watermark.ts"
import { invokeai } from "./invokeai.ts"
import { iptc } from "./iptc.ts"
import { midjourney } from "./midjourney.ts"
import { novelai } from "./novelai.ts"
import { openai } from "./openai.ts"
import type { ProvenanceReader } from "./reader.ts"
import { samsung } from "./samsung.ts"
import { sdnext } from "./sdnext.ts"
import { stableDiffusionCpp } from "./stable-diffusion-cpp.ts"
import { stealthTexts } from "./stealth.ts"
import { swarmui } from "./swarmui.ts"
import { tc260 } from "./tc260.ts"
import { xai } from "./xai.ts"

/** All families, in the order of their signals. A new family is a file beside these and a line here. */
const readers: readonly ProvenanceReader[] = [
  automatic1111,
  sdnext,
  stableDiffusionCpp,
  comfyui,
  invokeai,
  novelai,
  fooocus,
  swarmui,
  easyDiffusion,
  drawThings,
  midjourney,
  openai,
  xai,
  samsung,
  tc260,
  iptc,
  c2pa,
  huggingFaceJob,
]

const maxSignals = 200

/**
 * Every trace of a generator in an image's metadata, and in its pixels where they are at hand. No trace says nothing about how the image
 * was made.
 */
export function readSignals(metadata: Metadata, pixels?: Pixels): Signal[] {
  const hidden = metadata.lossless && pixels ? stealthTexts(pixels) : []
  const sources = hidden.length > 0 ? [metadata, { ...emptyMetadata(metadata.format), texts: hidden }] : [metadata]
  const signals = readers.flatMap((reader) => sources.flatMap((source) => signalsOf(reader, source)))
  if (metadata.lossless && pixels) signals.push(...watermarkSignals(pixels))
  // A bare name adds nothing to a block of the same generator.
  const named = new Set(signals.map(({ generator }) => generator))
  const tags = signalsOf(generatorTag, metadata).filter(({ generator }) => !named.has(generator))
  return [...signals, ...tags].slice(0, maxSignals)
}

/** A reader that stumbles over hostile metadata loses its own signals, not those of the others. */
function signalsOf(reader: ProvenanceReader, metadata: Metadata): Signal[] {
  try {
    return reader.read(metadata)
  } catch {
    return []
  }
}
