import { Tag } from "../container/exif.ts"
import type { Metadata } from "../container/metadata.ts"
import { textsUnder } from "./carriers.ts"
import { countOf, type JsonObject, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/**
 * NovelAI: Software, Source ("model HASH") and Comment (JSON settings) as PNG texts or hidden in alpha; in WebP as EXIF, where Software
 * holds the source (NovelAI/novelai-image-metadata). Its signature is looked at in novelai-signature.ts.
 */
export const novelai: ProvenanceReader = {
  family: "novelai",
  read(metadata) {
    for (const { carrier, source, settings } of [...inTexts(metadata), ...inExif(metadata)]) {
      const [, model, modelHash] = /^([\w .+()-]{1,100}) ([0-9A-F]{8})$/.exec(source.trim()) ?? []
      const caption = objectOf(objectOf(settings?.v4_prompt)?.caption)
      const prompt = stringOf(settings?.prompt) ?? stringOf(caption?.base_caption)
      const details = { generator: this.family, model, modelHash, prompt }
      return [traceOf(this.family, settings ? "strong" : "moderate", carrier, details)]
    }
    return []
  },
}

/** Texts that may hold signed settings; few, since each is verified over all pixels. */
export function novelaiComments(metadata: Metadata): string[] {
  const texts = textsUnder(metadata, "Comment").map(({ value }) => value)
  const comments = metadata.exif.flatMap((exif) => exif.texts.get(Tag.UserComment) ?? [])
  return [...texts, ...comments].filter((text) => text.includes("signed_hash")).slice(0, 2)
}

interface Found {
  readonly carrier: string
  readonly source: string
  readonly settings: JsonObject | undefined
}

function inTexts(metadata: Metadata): Found[] {
  const [software] = textsUnder(metadata, "Software").filter(({ value }) => value.trim() === "NovelAI")
  const source = textsUnder(metadata, "Source")[0]?.value ?? ""
  const comments = textsUnder(metadata, "Comment").flatMap(({ carrier, value }) => {
    const settings = settingsIn(value)
    return settings ? [{ carrier, settings }] : []
  })
  const [comment] = comments
  if (!software && !(comment && isSource(source))) return []
  return [{ carrier: (comment ?? software)!.carrier, source, settings: comment?.settings }]
}

function inExif({ exif }: Metadata): Found[] {
  return exif.flatMap(({ carrier, texts }) => {
    const source = texts.get(Tag.Software) ?? ""
    const settings = settingsIn(texts.get(Tag.UserComment) ?? "")
    const named = isSource(source) || source.trim() === "NovelAI"
    return named ? [{ carrier: `${carrier}:${settings ? "UserComment" : "Software"}`, source, settings }] : []
  })
}

function isSource(source: string): boolean {
  return /^(?:NovelAI Diffusion|Stable Diffusion)[\w .+()-]{0,60} [0-9A-F]{8}$/.test(source.trim())
}

/** The settings, or those that a converter wrapped as `{"Comment": "…"}`. */
function settingsIn(value: string): JsonObject | undefined {
  const json = jsonObject(value)
  const settings = jsonObject(stringOf(json?.Comment) ?? "") ?? json
  const known = ["steps", "sampler", "seed", "scale", "uc", "signed_hash", "v4_prompt", "noise_schedule"]
  return settings && countOf(settings, known) >= 3 ? settings : undefined
}
