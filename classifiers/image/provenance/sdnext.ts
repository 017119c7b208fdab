import { infotexts } from "./automatic1111.ts"
import { modelOf } from "./infotext.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/** SD.Next: the same block with `App: SD.Next`, often without a sampler (`modules/processing_info.py`). */
export const sdnext: ProvenanceReader = {
  family: "sdnext",
  read(metadata) {
    return infotexts(metadata)
      .filter(({ block }) => block.fields.get("App") === "SD.Next")
      .map(({ carrier, block }) => {
        const details = { generator: this.family, ...modelOf(block), baseModel: block.fields.get("Pipeline") }
        return traceOf(this.family, "strong", carrier, details)
      })
  },
}
