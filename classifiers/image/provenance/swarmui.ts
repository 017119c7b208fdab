import { Tag } from "../container/exif.ts"
import { exifTexts, parameterTexts } from "./carriers.ts"
import { arrayOf, countOf, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type Lora, type ProvenanceReader, traceOf } from "./reader.ts"

/** SwarmUI: JSON with `sui_image_params`, in the parameter carriers or, before 0.6, in EXIF Model (docs/Image Metadata Format.md). */
export const swarmui: ProvenanceReader = {
  family: "swarmui",
  read(metadata) {
    for (const { carrier, value } of [...parameterTexts(metadata), ...exifTexts(metadata, Tag.Model)]) {
      const block = jsonObject(value)
      const params = objectOf(block?.sui_image_params)
      if (!block || !params) continue
      const hashes = new Map<string, string>()
      for (const entry of arrayOf(block.sui_models)) {
        const [name, hash] = [stringOf(objectOf(entry)?.name), stringOf(objectOf(entry)?.hash)]
        if (name && hash) hashes.set(stem(name), hash)
      }
      const model = stringOf(params.model)
      const loras = namesOf(params.loras).map((name): Lora => ({ name, hash: hashes.get(stem(name)) }))
      const strength = countOf(params, ["prompt", "seed", "steps", "model"]) >= 2 ? "strong" : "moderate"
      const modelHash = model && hashes.get(stem(model))
      const details = { generator: this.family, model, modelHash, loras, prompt: stringOf(params.prompt) }
      return [traceOf(this.family, strength, carrier, details)]
    }
    return []
  },
}

function namesOf(value: unknown): string[] {
  const list = typeof value === "string" ? value.split(",") : arrayOf(value)
  return list.flatMap((name) => stringOf(name)?.trim() || [])
}

function stem(name: string): string {
  return name.replace(/\.(?:safetensors|ckpt|gguf|sft|pt)$/i, "")
}
