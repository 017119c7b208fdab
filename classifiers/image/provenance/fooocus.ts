import { Tag } from "../container/exif.ts"
import type { Metadata } from "../container/metadata.ts"
import { exifTexts, parameterTexts, textsUnder } from "./carriers.ts"
import { readInfotext } from "./infotext.ts"
import { arrayOf, countOf, type JsonObject, jsonObject, stringOf } from "./lenient-json.ts"
import { type Lora, type ProvenanceReader, signalOf } from "./reader.ts"

/**
 * Fooocus: JSON settings or an AUTOMATIC1111-style block, marked by a `fooocus_scheme` text (PNG) or by Software and MakerNote (EXIF).
 * Its forks Fooocus-MRE and RuinedFooocus name themselves in the settings.
 */
export const fooocus: ProvenanceReader = {
  family: "fooocus",
  read(metadata) {
    const marked = mark(metadata)
    for (const { carrier, value } of [...parameterTexts(metadata), ...textsUnder(metadata, "Comment")]) {
      const settings = jsonObject(value)
      const generator = settings && generatorOf(settings, marked !== undefined)
      if (generator) return [signalOf(this.family, "strong", carrier, { generator, ...modelsOf(settings) })]
      const block = readInfotext(value)
      if (block?.fields.get("Version")?.startsWith("Fooocus")) {
        const { fields, loras } = block
        const details = {
          generator: this.family,
          model: fields.get("Model"),
          modelHash: fields.get("Model hash"),
          loras,
        }
        return [signalOf(this.family, "strong", carrier, details)]
      }
    }
    return marked ? [signalOf(this.family, "moderate", marked, { generator: this.family })] : []
  },
}

/** Where the file says that Fooocus wrote it. */
function mark(metadata: Metadata): string | undefined {
  const scheme = textsUnder(metadata, "fooocus_scheme").find(({ value }) => /^(?:fooocus|a1111)$/.test(value))
  const software = exifTexts(metadata, Tag.Software).find(({ value }) => /^Fooocus v?\d/.test(value))
  return (scheme ?? software)?.carrier
}

function generatorOf(settings: JsonObject, marked: boolean): string | undefined {
  if (settings.software === "RuinedFooocus") return "ruinedfooocus"
  if (/^Fooocus/.test(stringOf(settings.software) ?? "") && countOf(settings, ["base_model", "real_prompt"]) > 0)
    return "fooocus-mre"
  const known = countOf(settings, [
    "base_model",
    "base_model_hash",
    "full_prompt",
    "guidance_scale",
    "refiner_model",
    "sharpness",
  ])
  return known >= 3 && (marked || /^Fooocus/.test(stringOf(settings.version) ?? "")) ? "fooocus" : undefined
}

function modelsOf(settings: JsonObject) {
  const listed = arrayOf(settings.loras).flatMap((entry): Lora[] => {
    const [name, , hash] = arrayOf(entry)
    return stringOf(name) && name !== "None" ? [{ name: stringOf(name)!, hash: stringOf(hash) }] : []
  })
  const combined = Object.entries(settings).flatMap(([key, value]): Lora[] => {
    const name = /^lora_combined_\d{1,2}$/.test(key) ? stringOf(value)?.split(" : ")[0] : undefined
    return name ? [{ name }] : []
  })
  const model = stringOf(settings.base_model) ?? stringOf(settings.base_model_name)
  return { model, modelHash: stringOf(settings.base_model_hash), loras: [...listed, ...combined] }
}
