import { parameterTexts, textsUnder } from "./carriers.ts"
import { arrayOf, countOf, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type Lora, type ProvenanceReader, traceOf } from "./reader.ts"

/** Tensor.Art: `generation_data`, JSON with models, prompts and settings; a zero byte may end it. Converted files have it in a comment. */
export const tensorArt: ProvenanceReader = {
  family: "tensor-art",
  read(metadata) {
    const inComments = parameterTexts(metadata).flatMap(({ carrier, key, value }) => {
      const inner = value.includes('"generation_data"') ? stringOf(jsonObject(value)?.generation_data) : undefined
      return inner ? [{ carrier, key, value: inner }] : []
    })
    for (const { carrier, value } of [...textsUnder(metadata, "generation_data"), ...inComments]) {
      const block = jsonObject(value.replace(/\0+$/, ""))
      const base = objectOf(block?.baseModel)
      if (!block || (!base && !Array.isArray(block.models))) continue
      if (countOf(block, ["prompt", "negativePrompt", "seed", "steps", "cfgScale", "samplerName", "width"]) < 2)
        continue
      const loras = arrayOf(block.models).flatMap((entry): Lora[] => {
        const model = objectOf(entry)
        const name = stringOf(model?.modelFileName) ?? stringOf(model?.label)
        return model?.type === "LORA" && name ? [{ name, hash: stringOf(model.hash) }] : []
      })
      const model = stringOf(base?.modelFileName) ?? stringOf(base?.label)
      const details = { generator: this.family, model, modelHash: stringOf(base?.hash), loras }
      return [traceOf(this.family, "strong", carrier, { ...details, prompt: stringOf(block.prompt) })]
    }
    return []
  },
}
