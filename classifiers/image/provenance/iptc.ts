import type { Signal, Strength } from "../../../src/model/fingerprint.ts"
import type { XmpProperty } from "../container/xmp.ts"
import { propertiesOf } from "./carriers.ts"
import { writerNamed } from "./generator-tag.ts"
import { type ProvenanceReader, type Trace, traceOf } from "./reader.ts"
import { vendorOf } from "./vendors.ts"

const extension = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
const photoshop = "http://ns.adobe.com/photoshop/1.0/"
const xmpBasic = "http://ns.adobe.com/xap/1.0/"

/** Last part of an IPTC digital source type, whichever of its forms it has: http, https, C2PA's own, or a QCode. */
export function sourceTerm(value: string): string {
  return value
    .trim()
    .replace(/^(?:https?:\/\/(?:cv\.iptc\.org\/newscodes|c2pa\.org)\/digitalsourcetype\/|digsrctype:)/i, "")
    .replace(/\/$/, "")
}

/**
 * What a digital source type says of trained models: the whole picture (strong), or something in it (moderate); undefined for all others.
 * `algorithmicMedia` (procedural) and `compositeSynthetic` (any synthetic element) say nothing about trained models.
 */
export function generatedExtent(value: string): Signal["extent"] {
  const term = sourceTerm(value)
  if (/^trainedAlgorithmicMedia$/i.test(term)) return "whole"
  return /^compositeWithTrainedAlgorithmicMedia$/i.test(term) ? "part" : undefined
}

/** Self-declaration in XMP: IPTC DigitalSourceType, and the AI fields of IPTC 2025.1. */
export const iptc: ProvenanceReader = {
  family: "iptc",
  read(metadata) {
    return metadata.xmp.flatMap((packet): Trace[] => {
      const properties = propertiesOf(packet)
      const types = [
        ...named(properties, extension, "DigitalSourceType"),
        ...named(properties, extension, "digitalSourceType"),
      ]
      const extents = types.map(generatedExtent)
      const extent = extents.find((found) => found === "whole") ?? extents.find((found) => found)
      const system = named(properties, extension, "AISystemUsed")[0]
      if (!extent && !system) return []
      const strength: Strength = extent === "whole" ? "strong" : "moderate"
      const model = named(properties, extension, "AISystemVersionUsed")[0]
      const prompt = named(properties, extension, "AIPromptInformation")[0]
      const details = { generator: generatorOf(properties, system), model, extent, prompt }
      return [traceOf(this.family, strength, `${packet.carrier}:xmp`, details)]
    })
  },
}

/** Who made it: the system that is named, else a credit line or program that is a generator's. An editor that saved it is none. */
function generatorOf(properties: readonly XmpProperty[], system: string | undefined): string | undefined {
  const writers = [...named(properties, photoshop, "Credit"), ...named(properties, xmpBasic, "CreatorTool")]
  return vendorOf(system) ?? system ?? writers.map(writerNamed).find((writer) => writer)
}

function named(properties: readonly XmpProperty[], namespace: string, name: string): string[] {
  return properties
    .filter((property) => property.namespace === namespace && property.name === name)
    .map(({ value }) => value)
}
