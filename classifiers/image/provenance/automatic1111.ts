import type { Metadata, TextField } from "../container/metadata.ts"
import { parameterTexts, textsUnder } from "./carriers.ts"
import { type Infotext, modelOf, readFlatInfotext, readInfotext } from "./infotext.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/** AUTOMATIC1111's web UI, Forge and the many tools that write the same block (`modules/infotext_utils.py`). */
export const automatic1111: ProvenanceReader = {
  family: "automatic1111",
  read(metadata) {
    const blocks = infotexts(metadata).filter(({ block }) => !isOfAnother(block))
    if (blocks.length > 0) {
      return blocks.map(({ carrier, block }) =>
        traceOf(this.family, "strong", carrier, { generator: generatorOf(block), ...modelOf(block) }),
      )
    }
    // The extras tab enlarges or retouches any picture: part of an AI tool's work, not a generated picture.
    return textsUnder(metadata, "postprocessing", "extras")
      .filter(({ value }) => /^(?:Postprocess|Upscale|GFPGAN|CodeFormer)[\w ]{0,40}: /.test(value))
      .map(({ carrier }) => traceOf(this.family, "moderate", carrier, { generator: "automatic1111", extent: "part" }))
  },
}

interface Found {
  readonly carrier: string
  readonly block: Infotext
}

const known = new WeakMap<Metadata, readonly Found[]>()

/** Every parameter block of a file, whoever wrote it; read once, although several readers ask. */
export function infotexts(metadata: Metadata): readonly Found[] {
  const found = known.get(metadata) ?? readInfotexts(metadata)
  known.set(metadata, found)
  return found
}

function readInfotexts(metadata: Metadata): Found[] {
  // No writer of this form uses a JPEG's comment, but people do.
  const places = parameterTexts(metadata).filter(({ carrier }) => carrier !== "jpeg:COM")
  return places.flatMap((text) => {
    const block = readInfotext(text.value) ?? (isGeneratorsOwn(text) ? readFlatInfotext(text.value) : undefined)
    return block ? [{ carrier: text.carrier, block }] : []
  })
}

/** A place that people don't write captions to. */
function isGeneratorsOwn({ carrier }: TextField): boolean {
  return /^(?:png|pixels):.*:parameters$/.test(carrier)
}

/** Tools with a reader of their own write the same form and say who they are. */
function isOfAnother({ fields }: Infotext): boolean {
  return fields.get("App") === "SD.Next" || /^stable-diffusion\.cpp|Fooocus|^ComfyUI/.test(fields.get("Version") ?? "")
}

/** Forge's versions begin with f (`f2.0.1v1.10.1-previous-…`), reForge's and Classic's name themselves. */
function generatorOf({ fields }: Infotext): string {
  const version = fields.get("Version") ?? ""
  if (/^f\d|forge|^neo\b|^classic\b/i.test(version)) return /reforge/i.test(version) ? "reforge" : "forge"
  return fields.has("Civitai resources") && !version ? "civitai" : "automatic1111"
}
