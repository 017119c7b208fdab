import type { Signal, Strength } from "../../../src/model/fingerprint.ts"
import { type Ingredient, type Manifest, readManifests } from "./c2pa-store.ts"
import { strengthOfSourceType } from "./iptc.ts"
import { type ProvenanceReader, signalOf } from "./reader.ts"

/** Names that vendors write into generator fields and software agents. Attribution only: the source type decides. */
const vendors: readonly (readonly [RegExp, string])[] = [
  [/openai|chatgpt|gpt-?4o|gpt-image|dall[·-]?e/i, "openai"],
  [/google|gemini|imagen\b/i, "google"],
  [/black[ _-]?forest|\bflux/i, "black-forest-labs"],
  [/samsung|photo assist|galaxy/i, "samsung"],
  [/adobe|firefly|photoshop/i, "adobe"],
  [/microsoft|bing|designer/i, "microsoft"],
  [/stability/i, "stability"],
  [/canva/i, "canva"],
  [/midjourney/i, "midjourney"],
  [/leonardo/i, "leonardo"],
  [/byteplus|volcengine|bytedance|doubao|seedream/i, "bytedance"],
]

/**
 * A manifest that declares a trained model. Strong: `trainedAlgorithmicMedia` in the active manifest, or in that of the picture which it
 * only opened and went on from. Moderate: the composite type (part of the picture), and whatever other ingredients declare. The
 * signature is not verified here; "conclusive" needs that.
 */
export const c2pa: ProvenanceReader = {
  family: "c2pa",
  read(metadata) {
    return metadata.jumbf.slice(0, 8).flatMap(({ carrier, bytes }): Signal[] => {
      const manifests = readManifests(bytes)
      const history = historyOf(manifests)
      const [active] = history
      const full = history.find((manifest) => strongest(manifest) === "strong")
      const declaring = full ?? [...history, ...manifests].find((manifest) => strongest(manifest))
      if (!active || !declaring) return []
      const generator = vendorOf(declaring) ?? vendorOf(active)
      return [signalOf(this.family, full ? "strong" : "moderate", carrier, { generator })]
    })
  },
}

/** The active manifest, then that of the picture that it opened, and so on. A placed picture is only a part, so it is not followed. */
function historyOf(manifests: readonly Manifest[]): Manifest[] {
  const history: Manifest[] = []
  let current = manifests.at(-1)
  while (current && history.length < 16 && !history.includes(current)) {
    history.push(current)
    const base = openedBy(current)
    current = base && manifests.find(({ label }) => label === base.manifest)
  }
  return history
}

/** Version 1 writers don't say which ingredient an action opened, and Photoshop calls it a component: then it is the only one. */
function openedBy({ actions, ingredients }: Manifest): Ingredient | undefined {
  const opened = actions.filter(({ name }) => name === "c2pa.opened")
  if (opened.length === 0) return undefined
  const named = ingredients.find(
    ({ assertion, relationship }) =>
      relationship === "parentOf" || opened.some((action) => action.ingredients.includes(assertion)),
  )
  return named ?? (ingredients.length === 1 ? ingredients[0] : undefined)
}

function strongest({ actions }: Manifest): Strength | undefined {
  const strengths = actions.map(({ sourceType }) => (sourceType ? strengthOfSourceType(sourceType) : undefined))
  return strengths.find((strength) => strength === "strong") ?? strengths.find((strength) => strength)
}

/** The agent of the action that names the model first, then the claim's generator. */
function vendorOf({ generators, actions, assertions }: Manifest): string | undefined {
  const declaring = actions.filter(({ sourceType }) => sourceType && strengthOfSourceType(sourceType))
  for (const name of [...declaring.map(({ agent }) => agent), ...generators, ...assertions]) {
    const vendor = name && vendors.find(([pattern]) => pattern.test(name.slice(0, 500)))?.[1]
    if (vendor) return vendor
  }
  return undefined
}
