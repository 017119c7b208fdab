import { Tag } from "../container/exif.ts"
import type { Metadata, TextField } from "../container/metadata.ts"
import { exifTexts, propertiesOf, textsUnder, xmpTexts } from "./carriers.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

const jobNumber = /\bJob ID: ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\s{0,4}$/

/**
 * Midjourney: a description that ends in its flags and job number; the XMP beside it carries the same number as the picture's own. Only
 * with that number are descriptions other than PNG's trusted, since people write into them.
 */
export const midjourney: ProvenanceReader = {
  family: "midjourney",
  read(metadata) {
    return descriptions(metadata)
      .flatMap(({ carrier, value }) => {
        const job = jobNumber.exec(value.slice(-400))?.[1]
        if (!job) return []
        const confirmed = hasNumber(metadata, job)
        const flagged = /\s--(?:ar|v|niji|style|stylize|s|q|chaos|seed|raw|profile|sref|w)\s/.test(value.slice(-1000))
        if (!confirmed && !(flagged && carrier.startsWith("png:"))) return []
        const prompt = value.slice(0, value.lastIndexOf("Job ID:")).split(/\s--[a-z]/, 1)[0]
        const version = /\s--(?:v|niji) ([\d.]{1,6})\b/.exec(value.slice(-1000))?.[0].trim()
        const details = { generator: this.family, model: version, prompt }
        return [traceOf(this.family, confirmed ? "strong" : "moderate", carrier, details)]
      })
      .slice(0, 1)
  },
}

function descriptions(metadata: Metadata): TextField[] {
  return [
    ...textsUnder(metadata, "Description"),
    ...exifTexts(metadata, Tag.ImageDescription),
    ...xmpTexts(metadata, "http://purl.org/dc/elements/1.1/", "description"),
  ]
}

function hasNumber(metadata: Metadata, job: string): boolean {
  return metadata.xmp.some((packet) =>
    propertiesOf(packet).some(({ name, value }) => /^Dig(?:ital)?ImageGUID$/.test(name) && value.includes(job)),
  )
}
