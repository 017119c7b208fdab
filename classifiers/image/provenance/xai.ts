import { Tag } from "../container/exif.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const signature = /^Signature:\s{0,4}[A-Za-z0-9+/=]{64,1000}$/

/** xAI's Grok: a UUID as Artist and a signature as description or comment; each alone says nothing. */
export const xai: ProvenanceReader = {
  family: "xai",
  read(metadata) {
    return metadata.exif.flatMap(({ carrier, texts }) => {
      const signed = [Tag.ImageDescription, Tag.UserComment].some((tag) => signature.test(texts.get(tag)?.trim() ?? ""))
      return signed && uuid.test(texts.get(Tag.Artist)?.trim() ?? "")
        ? [traceOf(this.family, "strong", `${carrier}:Artist`, { generator: this.family })]
        : []
    })
  },
}
