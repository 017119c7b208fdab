import type { Metadata, TextField } from "../container/metadata.ts"
import { textsUnder, xmpTexts } from "./carriers.ts"
import { jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

const namespace = "http://www.tc260.org.cn/ns/AIGC/1.0/"

/** China's mandatory label (GB 45438-2025): JSON in XMP, a PNG text or an EXIF text. Label 1 is, 2 may be, 3 is suspected to be AI. */
export const tc260: ProvenanceReader = {
  family: "tc260",
  read(metadata) {
    return labels(metadata).flatMap(({ carrier, value }) => {
      const block = jsonObject(value)
      const label = objectOf(block?.AIGC) ?? block
      const said = String(label?.Label ?? "")
      if (!label || !/^[123]$/.test(said) || !(stringOf(label.ContentProducer) || stringOf(label.ContentPropagator)))
        return []
      return [signalOf(this.family, said === "1" ? "strong" : "moderate", carrier)]
    })
  },
}

function labels(metadata: Metadata): TextField[] {
  const inExif = metadata.exif.flatMap(({ carrier, texts }) =>
    [...texts.values()]
      .filter((value) => /^\s{0,10}\{\s{0,10}"AIGC"/.test(value))
      .map((value) => ({ carrier: `${carrier}:AIGC`, key: "AIGC", value })),
  )
  return [...xmpTexts(metadata, namespace, "AIGC"), ...inExif, ...textsUnder(metadata, "AIGC")]
}
