import { Tag } from "../container/exif.ts"
import type { Metadata } from "../container/metadata.ts"
import { infotexts } from "./automatic1111.ts"
import { exifTexts, parameterTexts, textsUnder } from "./carriers.ts"
import { modelOf } from "./infotext.ts"
import { arrayOf, countOf, type JsonObject, jsonObject, stringOf } from "./lenient-json.ts"
import { type Lora, type ProvenanceReader, traceOf } from "./reader.ts"

/**
 * Fooocus: JSON settings or an AUTOMATIC1111-style block, marked by a `fooocus_scheme` text (PNG) or by Software and MakerNote (EXIF).
 * Its forks Fooocus-MRE and RuinedFooocus name themselves in the settings (`modules/meta_parser.py`).
 */
export const fooocus: ProvenanceReader = {
  family: "fooocus",
  read(metadata) {
    const marked = mark(metadata)
    for (const { carrier, value } of [...parameterTexts(metadata), ...textsUnder(metadata, "Comment")]) {
      const settings = jsonObject(value)
      const generator = settings && generatorOf(settings, marked !== undefined)
      if (generator) return [traceOf(this.family, "strong", carrier, { generator, ...modelsOf(settings) })]
    }
    for (const { carrier, block } of infotexts(metadata)) {
      const version = block.fields.get("Version") ?? ""
      if (!version.includes("Fooocus")) continue
      const generator = version.startsWith("RuinedFooocus") ? "ruinedfooocus" : this.family
      return [traceOf(this.family, "strong", carrier, { generator, ...modelOf(block) })]
    }
    return marked ? [traceOf(this.family, "moderate", marked, { generator: this.family })] : []
  },
}

/** Where the file says that Fooocus wrote it. */
function mark(metadata: Metadata): string | undefined {
  const scheme = textsUnder(metadata, "fooocus_scheme").find(({ value }) => /^(?:fooocus|a1111|simple)$/.test(value))
  const software = exifTexts(metadata, Tag.Software).find(({ value }) => /^[\w-]{0,12}Fooocus v?\.?\d/.test(value))
  return (scheme ?? software)?.carrier
}

/** Keys of the settings now, and as older versions and forks spell them. */
const settingKeys = [
  "base_model",
  "base_model_hash",
  "full_prompt",
  "guidance_scale",
  "refiner_model",
  "sharpness",
  "adm_guidance",
  "performance",
  "metadata_scheme",
  "Base Model",
  "Refiner Model",
  "Guidance Scale",
  "Sharpness",
  "ADM Guidance",
  "Performance",
  "Fooocus V2 Expansion",
]

function generatorOf(settings: JsonObject, marked: boolean): string | undefined {
  if (settings.software === "RuinedFooocus") return "ruinedfooocus"
  const mre = countOf(settings, ["base_model", "real_prompt"]) > 0
  if (mre && /^Fooocus/.test(stringOf(settings.software) ?? "")) return "fooocus-mre"
  const version = stringOf(settings.version) ?? stringOf(settings.Version) ?? ""
  const known = countOf(settings, settingKeys)
  return known >= 3 && (marked || /Fooocus/.test(version) || Object.hasOwn(settings, "Fooocus V2 Expansion"))
    ? "fooocus"
    : undefined
}

function modelsOf(settings: JsonObject) {
  const listed = arrayOf(settings.loras).flatMap((entry): Lora[] => {
    const [name, , hash] = arrayOf(entry)
    return stringOf(name) && name !== "None" ? [{ name: stringOf(name)!, hash: stringOf(hash) }] : []
  })
  const combined = Object.entries(settings).flatMap(([key, value]): Lora[] => {
    const parts = /^(?:lora_combined_|LoRA )\d{1,2}$/.test(key) ? (stringOf(value)?.split(" : ") ?? []) : []
    // "name : weight", or "True : name : weight".
    const name = parts.length === 3 ? (parts[0] === "True" ? parts[1] : undefined) : parts[0]
    return name && name !== "None" ? [{ name }] : []
  })
  const model = settings.base_model ?? settings.base_model_name ?? settings["Base Model"]
  const [full] = arrayOf(settings.full_prompt)
  const prompt = settings.prompt ?? settings.Prompt ?? settings.real_prompt ?? full
  return {
    model: stringOf(model),
    modelHash: stringOf(settings.base_model_hash),
    loras: [...listed, ...combined],
    prompt: stringOf(prompt) ?? stringOf(arrayOf(prompt)[0]),
  }
}
