import { type ProvenanceReader, traceOf } from "./reader.ts"

/** Galaxy AI: the gallery's editor notes which of its generative tools it used. Part of a picture, so moderate; 0 is none. */
export const samsung: ProvenanceReader = {
  family: "samsung",
  read(metadata) {
    return metadata.texts
      .filter(({ carrier, value }) => carrier.endsWith(":SEF") && isGenerative(value))
      .slice(0, 1)
      .map(({ carrier, key }) =>
        traceOf(this.family, "moderate", `${carrier}:${key}`, { generator: this.family, extent: "part" }),
      )
  },
}

/** The number stands in JSON, or in JSON quoted within JSON. */
function isGenerative(value: string): boolean {
  return /^\s{0,4}\{/.test(value) && /\\?"genAIType\\?"\s{0,4}:\s{0,4}\\?"?[1-9]\d{0,5}(?!\d)/.test(value)
}
