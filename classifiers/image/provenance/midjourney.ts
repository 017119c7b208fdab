import { propertiesOf, textsUnder } from "./carriers.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

/** Midjourney: PNG Description that ends in its flags and job number; the XMP beside it carries the same number. */
export const midjourney: ProvenanceReader = {
  family: "midjourney",
  read(metadata) {
    return textsUnder(metadata, "Description").flatMap(({ carrier, value }) => {
      const job = /\bJob ID: ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\s{0,4}$/.exec(
        value.slice(-400),
      )?.[1]
      if (!job) return []
      const confirmed = metadata.xmp.some((packet) =>
        propertiesOf(packet).some(
          ({ name, value: guid }) => /^Dig(?:ital)?ImageGUID$/.test(name) && guid.includes(job),
        ),
      )
      const flagged = /\s--(?:ar|v|niji|style|stylize|s|q|chaos|seed)\s/.test(value.slice(-1000))
      return confirmed || flagged
        ? [
            signalOf(this.family, confirmed ? "strong" : "moderate", carrier, {
              generator: this.family,
            }),
          ]
        : []
    })
  },
}
