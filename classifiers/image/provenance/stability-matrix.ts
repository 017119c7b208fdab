import { textsUnder } from "./carriers.ts"
import { countOf, jsonObject, stringOf } from "./lenient-json.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

const settings = ["PositivePrompt", "Steps", "Sampler", "CfgScale", "Seed", "ModelName", "ModelHash", "Width"]

/** Stability Matrix's Inference: `parameters-json` beside an AUTOMATIC1111 block and ComfyUI's graph (`GenerationParameters.cs`). */
export const stabilityMatrix: ProvenanceReader = {
  family: "stability-matrix",
  read(metadata) {
    return textsUnder(metadata, "parameters-json")
      .flatMap(({ carrier, value }) => {
        const block = jsonObject(value)
        if (!block || countOf(block, settings) < 3) return []
        const details = { model: stringOf(block.ModelName), modelHash: stringOf(block.ModelHash) }
        const prompt = stringOf(block.PositivePrompt)
        return [traceOf(this.family, "strong", carrier, { generator: this.family, ...details, prompt })]
      })
      .slice(0, 1)
  },
}
