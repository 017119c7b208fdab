import { Tag } from "../container/exif.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/** OpenAI's image API before it signed files: a UserComment and a request number as MakerNote. */
export const openai: ProvenanceReader = {
  family: "openai",
  read(metadata) {
    return metadata.exif.flatMap(({ carrier, texts }) => {
      const says = /^Made with OpenAI [\w .-]{2,30}$/.test(texts.get(Tag.UserComment) ?? "")
      const request = /^OpenAI--req_[0-9a-f]{16,64}$/.test(texts.get(Tag.MakerNote) ?? "")
      if (!says && !request) return []
      return [
        traceOf(this.family, says && request ? "strong" : "moderate", `${carrier}:UserComment`, {
          generator: "openai",
        }),
      ]
    })
  },
}
