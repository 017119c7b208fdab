import { infotexts } from "./automatic1111.ts"
import { modelOf } from "./infotext.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/** stable-diffusion.cpp: the same block in another order, `Version: stable-diffusion.cpp`; newer models stand under Unet. */
export const stableDiffusionCpp: ProvenanceReader = {
  family: "stable-diffusion.cpp",
  read(metadata) {
    return infotexts(metadata)
      .filter(({ block }) => block.fields.get("Version")?.startsWith("stable-diffusion.cpp"))
      .map(({ carrier, block }) => {
        const details = modelOf(block)
        const model = details.model || block.fields.get("Unet")
        return traceOf(this.family, "strong", carrier, { generator: this.family, ...details, model })
      })
  },
}
