import type { Signal } from "../../../src/model/fingerprint.ts"
import { declaredExtent, historyOf } from "./c2pa-history.ts"
import { type Manifest, readManifests } from "./c2pa-store.ts"
import { generatedExtent } from "./iptc.ts"
import { type ProvenanceReader, type Trace, traceOf } from "./reader.ts"
import { vendorOf } from "./vendors.ts"

/**
 * A manifest that declares a trained model. Strong: `trainedAlgorithmicMedia` in the active manifest, or in that of the picture which it
 * only opened and went on from. Moderate: the composite type (part of the picture), and whatever other ingredients declare. Signatures
 * are not looked at here; `withVerification` makes the grade higher or lower once they are.
 */
export const c2pa: ProvenanceReader = {
  family: "c2pa",
  read(metadata) {
    return metadata.jumbf.slice(0, 8).flatMap(({ carrier, bytes }): Trace[] => {
      const manifests = readManifests(bytes)
      const history = historyOf(manifests)
      const [active] = history
      const full = history.find((manifest) => declaredExtent(manifest) === "whole")
      const declaring = full ?? [...history, ...manifests].find((manifest) => declaredExtent(manifest))
      if (!active || !declaring) return []
      const extent: Signal["extent"] = full ? "whole" : "part"
      const agent = declaringAgents(declaring)[0]
      const details = { generator: generatorOf(declaring) ?? generatorOf(active), model: modelIn(agent), extent }
      return [traceOf(this.family, full ? "strong" : "moderate", carrier, details)]
    })
  },
}

function declaringAgents({ actions }: Manifest): string[] {
  return actions.flatMap(({ sourceType, agent }) => (sourceType && generatedExtent(sourceType) && agent ? [agent] : []))
}

/** The agent of the action that names the model first, then the claim's generator, labels, and who signed. */
function generatorOf(manifest: Manifest): string | undefined {
  const { generators, assertions, signers } = manifest
  const names = [...declaringAgents(manifest), ...generators, ...assertions, ...signers]
  return names.map(vendorOf).find((vendor) => vendor) ?? declaringAgents(manifest)[0] ?? generators[0]
}

/** Agents that are models rather than products, e.g. "GPT-4o", "Flux.2", "gpt-image-1", "Imagen 4". */
function modelIn(agent: string | undefined): string | undefined {
  return agent && /\d/.test(agent) && !/[/\s]\d+\.\d+\.\d+|c2pa/i.test(agent) ? agent : undefined
}
