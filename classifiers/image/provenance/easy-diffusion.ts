import type { TextField } from "../container/metadata.ts"
import { parameterTexts } from "./carriers.ts"
import { jsonObject, stringOf } from "./lenient-json.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

const model = ["use_stable_diffusion_model", "Stable Diffusion model"]
const lora = ["use_lora_model", "LoRA model"]
const seed = ["seed", "Seed"]
const settings = ["num_inference_steps", "guidance_scale", "sampler_name", "Steps", "Guidance Scale", "Sampler"]

/** Easy Diffusion: each setting a PNG text of its own, in either of two spellings, or all in one JSON UserComment. */
export const easyDiffusion: ProvenanceReader = {
  family: "easy-diffusion",
  read(metadata) {
    const own = metadata.texts.filter(({ carrier }) => carrier.startsWith("png:"))
    const places = [
      { carrier: "png:tEXt", fields: fieldsOf(own) },
      ...parameterTexts(metadata).map(({ carrier, value }) => ({
        carrier,
        fields: new Map(Object.entries(jsonObject(value) ?? {}).map(([key, field]) => [key, String(field)])),
      })),
    ]
    return places.flatMap(({ carrier, fields }) => {
      const used = model.map((key) => stringOf(fields.get(key))).find((name) => name !== undefined)
      const seeded = seed.some((key) => /^\d{1,20}$/.test(fields.get(key) ?? ""))
      if (!used || !seeded || settings.filter((key) => fields.has(key)).length < 2) return []
      const loras = lora.flatMap((key) => namesIn(fields.get(key)).map((name) => ({ name })))
      const prompt = fields.get("prompt") ?? fields.get("Prompt")
      return [traceOf(this.family, "strong", carrier, { generator: this.family, model: used, loras, prompt })]
    })
  },
}

/** One name, several with commas between, or Python's list of them. */
function namesIn(value: string | undefined): string[] {
  const names = (value ?? "").replace(/[[\]'"]/g, "").split(",", 100)
  return names.map((name) => name.trim()).filter((name) => name !== "" && name !== "None" && name !== "null")
}

function fieldsOf(texts: readonly TextField[]): Map<string, string> {
  return new Map(texts.map(({ key, value }) => [key, value]))
}
