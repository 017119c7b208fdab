import type { Signal, Strength } from "../../../src/model/fingerprint.ts"
import type { XmpProperty } from "../container/xmp.ts"
import { propertiesOf } from "./carriers.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

const extension = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
const photoshop = "http://ns.adobe.com/photoshop/1.0/"

/**
 * The part of an IPTC digital source type that names a trained model; undefined for all others. `algorithmicMedia` (procedural) and
 * `compositeSynthetic` (any synthetic element) say nothing about trained models.
 */
export function strengthOfSourceType(value: string): Strength | undefined {
  const term = value.trim().replace(/^(?:https?:\/\/cv\.iptc\.org\/newscodes\/digitalsourcetype\/|digsrctype:)/i, "")
  if (/^trainedAlgorithmicMedia$/i.test(term)) return "strong"
  return /^compositeWithTrainedAlgorithmicMedia$/i.test(term) ? "moderate" : undefined
}

/** Self-declaration in XMP: IPTC DigitalSourceType, and the AI fields of IPTC 2025.1. */
export const iptc: ProvenanceReader = {
  family: "iptc",
  read(metadata) {
    return metadata.xmp.flatMap((packet): Signal[] => {
      const properties = propertiesOf(packet)
      const generator = generatorOf(properties)
      const strengths = named(properties, extension, "DigitalSourceType").map(strengthOfSourceType)
      const system = named(properties, extension, "AISystemUsed").length > 0
      const strength =
        strengths.find((found) => found === "strong") ?? strengths.find((found) => found) ?? (system && "moderate")
      return strength ? [signalOf(this.family, strength, `${packet.carrier}:xmp`, { generator })] : []
    })
  },
}

function generatorOf(properties: readonly XmpProperty[]): string | undefined {
  const credit = named(properties, photoshop, "Credit").find((text) => /^(?:Made|Edited) with Google AI$/.test(text))
  return credit ? "google" : named(properties, extension, "AISystemUsed")[0]
}

function named(properties: readonly XmpProperty[], namespace: string, name: string): string[] {
  return properties
    .filter((property) => property.namespace === namespace && property.name === name)
    .map(({ value }) => value)
}
