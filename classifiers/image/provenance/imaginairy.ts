import { Tag } from "../container/exif.ts"
import { jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/** imaginAIry: EXIF Software "Imaginairy / Stable Diffusion …", and its settings as JSON in UserComment (`imaginairy/schema.py`). */
export const imaginairy: ProvenanceReader = {
  family: "imaginairy",
  read(metadata) {
    return metadata.exif.flatMap(({ carrier, texts }) => {
      const software = /^Imaginairy \/ Stable Diffusion ?(.{0,60})$/i.exec(texts.get(Tag.Software)?.trim() ?? "")
      if (!software) return []
      const settings = objectOf(jsonObject(texts.get(Tag.UserComment) ?? "")?.prompt)
      const prompt = stringOf(settings?.prompt_text) ?? stringOf(settings?.prompt)
      const details = { generator: this.family, baseModel: software[1], prompt }
      return [traceOf(this.family, settings ? "strong" : "moderate", `${carrier}:Software`, details)]
    })
  },
}
