import { Tag } from "../container/exif.ts"
import type { Metadata, TextField } from "../container/metadata.ts"
import { exifTexts, parameterTexts, textsUnder, xmpTexts } from "./carriers.ts"
import { arrayOf, countOf, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/**
 * Draw Things (`ImageConverter.swift`): JSON with the prompts as `c` and `uc`, in PNG Comment, or in the UserComment of XMP and EXIF.
 * With the name of the program beside it three of the other settings are enough.
 */
export const drawThings: ProvenanceReader = {
  family: "draw-things",
  read(metadata) {
    const isNamed = writers(metadata).some(({ value }) => /^Draw Things(?: v?[\d.]{1,10})?$/.test(value.trim()))
    const needed = isNamed ? 3 : 5
    for (const { carrier, value } of [...textsUnder(metadata, "Comment"), ...parameterTexts(metadata)]) {
      const block = jsonObject(value)
      if (!block || typeof block.c !== "string" || typeof block.uc !== "string") continue
      if (countOf(block, settings) < needed) continue
      const loras = arrayOf(block.lora).flatMap((entry) => {
        const name = stringOf(objectOf(entry)?.model)
        return name ? [{ name }] : []
      })
      // The same block stands in XMP and EXIF: one trace.
      const details = { generator: this.family, model: stringOf(block.model), loras, prompt: stringOf(block.c) }
      return [traceOf(this.family, "strong", carrier, details)]
    }
    return []
  },
}

const settings = ["sampler", "steps", "scale", "seed", "seed_mode", "size", "strength", "model"]

function writers(metadata: Metadata): TextField[] {
  return [
    ...textsUnder(metadata, "Software"),
    ...exifTexts(metadata, Tag.Software),
    ...xmpTexts(metadata, "http://ns.adobe.com/xap/1.0/", "CreatorTool"),
  ]
}
