import type { Signal } from "../../../src/model/fingerprint.ts"
import type { Ingredient, Manifest } from "./c2pa-store.ts"
import { generatedExtent } from "./iptc.ts"

/** The active manifest, then that of the picture that it opened, and so on. A placed picture is only a part, so it is not followed. */
export function historyOf(manifests: readonly Manifest[]): Manifest[] {
  const history: Manifest[] = []
  let current = manifests.at(-1)
  while (current && history.length < 16 && !history.includes(current)) {
    history.push(current)
    const base = openedBy(current)
    current = base && manifests.find(({ label }) => label === base.manifest)
  }
  return history
}

/** How much of the picture a manifest's own actions say that a model made. */
export function declaredExtent({ actions }: Manifest): Signal["extent"] {
  const extents = actions.map(({ sourceType }) => (sourceType ? generatedExtent(sourceType) : undefined))
  return extents.find((extent) => extent === "whole") ?? extents.find((extent) => extent)
}

/** What services do to a picture on its way: another format, another size, the same picture. */
const neutral = /^c2pa\.(?:converted|transcoded|repackaged|resized|published|watermarked(?:\.\w+)?|dubbed)$/

/**
 * The picture that a manifest went on from. Version 1 writers don't say which ingredient an action opened, and Photoshop calls it a
 * component: then it is the only one. Where nothing was opened, a parent counts that was only passed on.
 */
function openedBy({ actions, ingredients }: Manifest): Ingredient | undefined {
  const opened = actions.filter(({ name }) => name === "c2pa.opened")
  if (opened.length === 0) {
    const passedOn = actions.every(({ name }) => neutral.test(name))
    return passedOn ? ingredients.find(({ relationship }) => relationship === "parentOf") : undefined
  }
  const named = ingredients.find(
    ({ assertion, relationship }) =>
      relationship === "parentOf" || opened.some((action) => action.ingredients.includes(assertion)),
  )
  return named ?? (ingredients.length === 1 ? ingredients[0] : undefined)
}
