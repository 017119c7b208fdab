import { parameterTexts, textsUnder } from "./carriers.ts"
import { type Infotext, readInfotext } from "./infotext.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

/** AUTOMATIC1111's web UI, Forge and the many tools that write the same block (`modules/infotext_utils.py`). */
export const automatic1111: ProvenanceReader = {
  family: "automatic1111",
  read(metadata) {
    const blocks = parameterTexts(metadata).flatMap(({ carrier, value }) => {
      const block = readInfotext(value)
      return block && !isOfAnother(block) ? [signalOf(this.family, "strong", carrier, detailsOf(block))] : []
    })
    if (blocks.length > 0) return blocks
    // The extras tab enlarges or retouches any picture: part of an AI tool's work, not a generated picture.
    return textsUnder(metadata, "postprocessing", "extras")
      .filter(({ value }) => /^(?:Postprocess|Upscale|GFPGAN|CodeFormer)[\w ]{0,40}: /.test(value))
      .map(({ carrier }) => signalOf(this.family, "moderate", carrier, { generator: "automatic1111" }))
  },
}

/** Tools with a reader of their own write the same form and say who they are. */
function isOfAnother({ fields }: Infotext): boolean {
  return (
    fields.get("App") === "SD.Next" ||
    /^(?:stable-diffusion\.cpp|Fooocus|ComfyUI|RuinedFooocus)/.test(fields.get("Version") ?? "")
  )
}

function detailsOf({ fields, loras }: Infotext) {
  const generator = /^f\d/.test(fields.get("Version") ?? "") ? "forge" : "automatic1111"
  return { generator, model: fields.get("Model"), modelHash: fields.get("Model hash"), loras }
}
