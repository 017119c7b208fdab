import { Tag } from "../container/exif.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/** FLUX's own scripts: Make, Model and Software "AI generated;txt2img;flux" together (`flux/util.py`); the name alone is a tag. */
export const blackForestLabs: ProvenanceReader = {
  family: "black-forest-labs",
  read(metadata) {
    return metadata.exif.flatMap(({ carrier, texts }) => {
      const made = texts.get(Tag.Make)?.trim() === "Black Forest Labs"
      const says = /^AI generated;[\w;-]{3,60}$/.test(texts.get(Tag.Software)?.trim() ?? "")
      if (!made || !says) return []
      const model = texts.get(Tag.Model)?.trim()
      return [
        traceOf(this.family, "strong", `${carrier}:Software`, { generator: this.family, model, baseModel: "flux" }),
      ]
    })
  },
}
