import type { Metadata, TextField } from "../container/metadata.ts"
import { decodedEntities, type XmpProperty } from "../container/xmp.ts"
import { propertiesOf, textsUnder } from "./carriers.ts"
import { countOf, type JsonObject, jsonObject, objectOf } from "./lenient-json.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

const namespace = /^https?:\/\/(?:www\.)?tc260\.org\.cn\/ns\/AIGC(?:\/|$)/

/**
 * China's mandatory label (GB 45438-2025): JSON in XMP, in a PNG text, in an EXIF text or in a comment. Label 1 is, 2 may be, 3 is
 * suspected to be made by a model. Outside its own XMP namespace the label alone is not enough.
 */
export const tc260: ProvenanceReader = {
  family: "tc260",
  read(metadata) {
    const found = [...inXmp(metadata), ...inTexts(metadata)].flatMap(({ carrier, label, own }) => {
      const said = String(label.Label ?? "")
      if (!/^[123]$/.test(said) || (!own && countOf(label, others) === 0)) return []
      return [traceOf(this.family, said === "1" ? "strong" : "moderate", carrier)]
    })
    return found.slice(0, 4)
  },
}

const others = ["ContentProducer", "ProduceID", "ContentPropagator", "PropagateID", "ReservedCode1", "ReservedCode2"]

interface Found {
  readonly carrier: string
  readonly label: JsonObject
  /** It stands where nothing but this label stands. */
  readonly own: boolean
}

/** The JSON as element or attribute, its quotes escaped once or twice; or each field as a property of its own. */
function inXmp(metadata: Metadata): Found[] {
  return metadata.xmp.flatMap((packet) => {
    const properties = propertiesOf(packet).filter((property) => namespace.test(property.namespace))
    const carrier = `${packet.carrier}:xmp:AIGC`
    const labels = properties.map(({ name, value }): JsonObject | undefined =>
      name === "AIGC" ? labelIn(value) : undefined,
    )
    const all = labels.some((label) => label) ? labels : [fieldsOf(properties)]
    return all.flatMap((label) => (label ? [{ carrier, label, own: true }] : []))
  })
}

function fieldsOf(properties: readonly XmpProperty[]): JsonObject | undefined {
  return properties.some(({ name }) => name === "Label")
    ? Object.fromEntries(properties.map(({ name, value }) => [name, value]))
    : undefined
}

function inTexts(metadata: Metadata): Found[] {
  const exif = metadata.exif.flatMap(({ carrier, texts }) =>
    [...texts.values()].map((value): TextField => ({ carrier: `${carrier}:AIGC`, key: "", value })),
  )
  const comments = metadata.texts.filter(({ key }) => key === "comment")
  const named = textsUnder(metadata, "AIGC").flatMap(({ carrier, value }) => {
    const label = labelIn(value)
    return label ? [{ carrier, label, own: false }] : []
  })
  const wrapped = [...exif, ...comments].flatMap(({ carrier, value }) => {
    const label = value.includes("AIGC") ? aigcOf(jsonObject(value)) : undefined
    return label ? [{ carrier, label, own: false }] : []
  })
  return [...named, ...wrapped]
}

function labelIn(value: string): JsonObject | undefined {
  const json = jsonObject(value) ?? jsonObject(decodedEntities(value))
  return aigcOf(json) ?? json
}

/** The label under its name, as an object or as the JSON of one. */
function aigcOf(json: JsonObject | undefined): JsonObject | undefined {
  return objectOf(json?.AIGC) ?? (typeof json?.AIGC === "string" ? jsonObject(json.AIGC) : undefined)
}
