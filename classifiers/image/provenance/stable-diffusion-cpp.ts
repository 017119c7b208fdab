import { parameterTexts } from "./carriers.ts"
import { readInfotext } from "./infotext.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

/** stable-diffusion.cpp: the same block in another order, `Version: stable-diffusion.cpp`; newer models stand under Unet. */
export const stableDiffusionCpp: ProvenanceReader = {
  family: "stable-diffusion.cpp",
  read(metadata) {
    return parameterTexts(metadata).flatMap(({ carrier, value }) => {
      const block = readInfotext(value)
      if (!block?.fields.get("Version")?.startsWith("stable-diffusion.cpp")) return []
      const { fields, loras } = block
      const details = { generator: this.family, model: fields.get("Model") || fields.get("Unet"), loras }
      return [signalOf(this.family, "strong", carrier, details)]
    })
  },
}
