import type { Metadata, TextField } from "../container/metadata.ts"
import { parameterTexts, textsUnder } from "./carriers.ts"
import { arrayOf, countOf, type JsonObject, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type Lora, type ProvenanceReader, type Trace, traceOf } from "./reader.ts"

/**
 * InvokeAI: `invokeai_metadata` (3 and later) with the graph that ran, `sd-metadata` (to 2.3.5), the `Dream` command line (before 1.15).
 * Converted files have the first in a comment.
 */
export const invokeai: ProvenanceReader = {
  family: "invokeai",
  read(metadata) {
    const current = settingsTexts(metadata).flatMap(({ carrier, value }) => {
      const block = jsonObject(value)
      return block ? ofSettings(block, carrier) : []
    })
    if (current[0]?.signal.strength === "strong") return [current[0]]
    for (const { carrier, value } of textsUnder(metadata, "sd-metadata")) {
      const block = jsonObject(value)
      const image = objectOf(block?.image) ?? objectOf(arrayOf(block?.images)[0])
      if (block && image && (stringOf(block.model) || stringOf(block.app_id)))
        return [ofOldSettings(block, image, carrier)]
    }
    for (const { carrier, value } of textsUnder(metadata, "Dream", "dream")) {
      if (!isCommandLine(value)) continue
      const prompt = value.slice(1, value.lastIndexOf('"'))
      return [traceOf(this.family, "strong", carrier, { generator: this.family, prompt })]
    }
    const graphs = textsUnder(metadata, "invokeai_graph", "invokeai_workflow").flatMap(({ carrier, key, value }) => {
      const graph = jsonObject(value)
      const ran = key === "invokeai_graph" && graph !== undefined && generates(graph)
      return graph ? [traceOf(this.family, ran ? "strong" : "moderate", carrier, { generator: this.family })] : []
    })
    return [...graphs.filter(({ signal }) => signal.strength === "strong"), ...current, ...graphs].slice(0, 1)
  },
}

function settingsTexts(metadata: Metadata): TextField[] {
  const inComments = parameterTexts(metadata).flatMap(({ carrier, key, value }) => {
    const inner = value.includes('"invokeai_metadata"') ? jsonObject(value)?.invokeai_metadata : undefined
    if (!inner) return []
    return [{ carrier, key, value: stringOf(inner) ?? JSON.stringify(inner) }]
  })
  return [...textsUnder(metadata, "invokeai_metadata"), ...inComments]
}

const settings = [
  "generation_mode",
  "positive_prompt",
  "negative_prompt",
  "seed",
  "steps",
  "scheduler",
  "cfg_scale",
  "guidance",
  "model",
  "width",
  "app_version",
]

function ofSettings(block: JsonObject, carrier: string): Trace[] {
  const known = countOf(block, settings)
  if (known === 0) return []
  const model = objectOf(block.model)
  const loras = arrayOf(block.loras).flatMap((entry): Lora[] => {
    const lora = objectOf(objectOf(entry)?.lora) ?? objectOf(objectOf(entry)?.model)
    const name = stringOf(lora?.model_name) ?? stringOf(lora?.name)
    return name ? [{ name, hash: stringOf(lora?.hash) }] : []
  })
  const details = {
    generator: "invokeai",
    model: stringOf(model?.model_name) ?? stringOf(model?.name),
    modelHash: stringOf(model?.hash),
    baseModel: stringOf(model?.base) ?? stringOf(model?.base_model),
    loras,
    prompt: stringOf(block.positive_prompt),
  }
  return [traceOf("invokeai", known >= 3 ? "strong" : "moderate", carrier, details)]
}

function ofOldSettings(block: JsonObject, image: JsonObject, carrier: string): Trace {
  const [first] = arrayOf(image.prompt)
  return traceOf("invokeai", "strong", carrier, {
    generator: "invokeai",
    model: stringOf(block.model_weights) ?? stringOf(block.model),
    modelHash: stringOf(block.model_hash),
    prompt: stringOf(image.prompt) ?? stringOf(objectOf(first)?.prompt),
  })
}

/** `nodes` are a map or a list; the ones that denoise or decode make the picture. */
function generates(graph: JsonObject): boolean {
  const nodes = Object.values(objectOf(graph.nodes) ?? arrayOf(graph.nodes)).slice(0, 5000)
  return nodes.some((node) => /denoise|^l2i|_l2i|vae_decode|txt2img|img2img/.test(stringOf(objectOf(node)?.type) ?? ""))
}

/** `"prompt" -s50 -S1234 -W512 -H512 -C7.5 -Ak_lms`: a quoted text, then flags of which steps, seed and a size are numbers. */
function isCommandLine(value: string): boolean {
  const flags = value.slice(Math.max(value.lastIndexOf('"') + 1, value.length - 2000))
  return (
    value.startsWith('"') &&
    [/(?:^|\s)-s ?\d/, /(?:^|\s)-S ?-?\d/, /(?:^|\s)-[WHC] ?\d/].every((flag) => flag.test(flags))
  )
}
