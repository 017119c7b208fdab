import { textsUnder } from "./carriers.ts"
import { arrayOf, countOf, type JsonObject, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type Lora, type ProvenanceReader, signalOf } from "./reader.ts"

/** InvokeAI: `invokeai_metadata` (3 and later), `sd-metadata` (to 2.3.5), the `Dream` command line (before 1.15). */
export const invokeai: ProvenanceReader = {
  family: "invokeai",
  read(metadata) {
    const details = { generator: this.family }
    for (const { carrier, value } of textsUnder(metadata, "invokeai_metadata")) {
      const block = jsonObject(value)
      if (block && countOf(block, ["generation_mode", "positive_prompt", "seed", "steps", "scheduler", "model"]) >= 3) {
        return [signalOf(this.family, "strong", carrier, { ...details, ...currentModel(block) })]
      }
    }
    for (const { carrier, value } of textsUnder(metadata, "sd-metadata")) {
      const block = jsonObject(value)
      if (block && objectOf(block.image) && (stringOf(block.model) || stringOf(block.app_id))) {
        const model = stringOf(block.model_weights) ?? stringOf(block.model)
        const strong = { ...details, model, modelHash: stringOf(block.model_hash) }
        return [signalOf(this.family, "strong", carrier, strong)]
      }
    }
    for (const { carrier, value } of textsUnder(metadata, "Dream", "dream")) {
      if (isCommandLine(value)) return [signalOf(this.family, "strong", carrier, details)]
    }
    const [graph] = textsUnder(metadata, "invokeai_workflow", "invokeai_graph").filter(({ value }) => jsonObject(value))
    return graph ? [signalOf(this.family, "moderate", graph.carrier, details)] : []
  },
}

function currentModel(block: JsonObject) {
  const model = objectOf(block.model)
  const loras = arrayOf(block.loras).flatMap((entry): Lora[] => {
    const lora = objectOf(objectOf(entry)?.lora) ?? objectOf(objectOf(entry)?.model)
    const name = stringOf(lora?.model_name) ?? stringOf(lora?.name)
    return name ? [{ name, hash: stringOf(lora?.hash) }] : []
  })
  return { model: stringOf(model?.model_name) ?? stringOf(model?.name), modelHash: stringOf(model?.hash), loras }
}

/** `"prompt" -s50 -S1234 -W512 -H512 -C7.5 -Ak_lms`: a quoted text, then flags of which steps, seed and a size are numbers. */
function isCommandLine(value: string): boolean {
  const flags = value.slice(Math.max(value.lastIndexOf('"') + 1, value.length - 2000))
  return (
    value.startsWith('"') &&
    [/(?:^|\s)-s ?\d/, /(?:^|\s)-S ?-?\d/, /(?:^|\s)-[WHC] ?\d/].every((flag) => flag.test(flags))
  )
}
