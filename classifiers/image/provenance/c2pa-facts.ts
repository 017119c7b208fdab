import type { C2paFacts } from "../../../src/model/fingerprint.ts"
import type { Metadata } from "../container/metadata.ts"
import { historyOf } from "./c2pa-history.ts"
import { readManifests } from "./c2pa-store.ts"
import { sourceTerm } from "./iptc.ts"

/** What a file's store declares, before anything of it is verified; undefined for files without one. */
export function declaredC2pa(metadata: Metadata): C2paFacts | undefined {
  const [store] = metadata.jumbf
  if (!store) return undefined
  const manifests = readManifests(store.bytes)
  const types = historyOf(manifests).flatMap(({ actions }) =>
    actions.flatMap(({ sourceType }) => (sourceType ? [sourceTerm(sourceType).slice(-80)] : [])),
  )
  return {
    manifests: manifests.length,
    sourceTypes: [...new Set(types)].slice(0, 20),
    bindingOk: false,
    signatureOk: false,
    chainTrusted: false,
    validAtSigningTime: false,
    trustList: "none",
    reasons: ["verifier.notRun"],
  }
}
