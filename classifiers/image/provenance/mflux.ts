import { parameterTexts } from "./carriers.ts"
import { arrayOf, countOf, jsonObject, stringOf } from "./lenient-json.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/** mflux (FLUX and others on Apple's chips): JSON in UserComment with its version (`generated_image.py`). */
export const mflux: ProvenanceReader = {
  family: "mflux",
  read(metadata) {
    for (const { carrier, value } of parameterTexts(metadata)) {
      const block = value.includes('"mflux_version"') ? jsonObject(value) : undefined
      if (!block || countOf(block, ["model", "seed", "steps", "prompt"]) < 2) continue
      const loras = arrayOf(block.lora_paths).flatMap((path) => (stringOf(path) ? [{ name: stringOf(path)! }] : []))
      const baseModel = block.base_model === "None" ? undefined : stringOf(block.base_model)
      const details = { generator: this.family, model: stringOf(block.model), baseModel, loras }
      return [traceOf(this.family, "strong", carrier, { ...details, prompt: stringOf(block.prompt) })]
    }
    return []
  },
}
