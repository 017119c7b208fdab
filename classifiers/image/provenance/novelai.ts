import { textsUnder } from "./carriers.ts"
import { countOf, jsonObject } from "./lenient-json.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

/** NovelAI: PNG Software, Source ("model HASH") and Comment (JSON settings). */
export const novelai: ProvenanceReader = {
  family: "novelai",
  read(metadata) {
    const [software] = textsUnder(metadata, "Software").filter(({ value }) => value.trim() === "NovelAI")
    const [comment] = textsUnder(metadata, "Comment").filter(({ value }) => isSettings(value))
    if (!software) return []
    const source = textsUnder(metadata, "Source")[0]?.value ?? ""
    const [, model, modelHash] = /^([\w .+()-]{1,100}) ([0-9A-F]{8})$/.exec(source.trim()) ?? []
    const strength = comment ? "strong" : "moderate"
    return [
      signalOf(this.family, strength, (comment ?? software).carrier, { generator: this.family, model, modelHash }),
    ]
  },
}

function isSettings(value: string): boolean {
  const settings = jsonObject(value)
  return settings !== undefined && countOf(settings, ["steps", "sampler", "seed", "scale", "uc", "signed_hash"]) >= 3
}
