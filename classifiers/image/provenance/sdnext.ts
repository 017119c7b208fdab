import { parameterTexts } from "./carriers.ts"
import { readInfotext } from "./infotext.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

/** SD.Next: the same block with `App: SD.Next`, often without a sampler. */
export const sdnext: ProvenanceReader = {
  family: "sdnext",
  read(metadata) {
    return parameterTexts(metadata).flatMap(({ carrier, value }) => {
      const block = readInfotext(value)
      if (block?.fields.get("App") !== "SD.Next") return []
      const { fields, loras } = block
      const details = { generator: "sdnext", model: fields.get("Model"), modelHash: fields.get("Model hash"), loras }
      return [signalOf(this.family, "strong", carrier, details)]
    })
  },
}
