import { fileHosts, type Hub, hubs, type Route } from "./hubs.ts"

/** A model, a file or a folder that an address names. */
export interface NamedArtefact {
  readonly id: string
  readonly platform: string
  readonly kind: string
}

const hubOf: ReadonlyMap<string, Hub> = new Map(
  [...hubs, ...fileHosts].flatMap((hub) => hub.hosts.map((host) => [host, hub] as const)),
)

/** Host names of every hub and file host. */
export const artefactHosts: readonly string[] = [...hubOf.keys()]

/** What an address names; undefined if it is no model and no file. `rest` starts with `/`, `?` or `#`. */
export function recogniseAddress(host: string, rest: string): NamedArtefact | undefined {
  const hub = hubOf.get(host)
  if (!hub) return undefined
  const hash = rest.indexOf("#")
  const address = hash < 0 ? rest : rest.slice(0, hash)
  const question = address.indexOf("?")
  const path = question < 0 ? address : address.slice(0, question)
  const query = question < 0 ? "" : address.slice(question + 1)
  const owner = path.slice(1, Math.max(path.indexOf("/", 1), 0) || undefined).toLowerCase()
  for (const route of hub.routes) {
    if (route.not?.has(owner)) continue
    // Old MEGA addresses carry the id after the #; no other platform's route begins so.
    const groups = route.path.exec(path)?.groups ?? (hash >= 0 ? route.path.exec(rest.slice(0, 80))?.groups : undefined)
    if (groups?.id) return named(route, groups.id, groups.version ?? versionIn(query, route), hub)
  }
  return undefined
}

function named(route: Route, id: string, version: string | undefined, hub: Hub): NamedArtefact {
  const whole = version ? `${id}@${version}` : id
  const canonical = route.as + (route.keepsCase ? whole : whole.toLowerCase())
  // An archive's page may name a model of another platform; a hash belongs to none.
  const owner = route.as.slice(0, route.as.indexOf(":"))
  return { id: canonical, platform: route.kind === "hash" ? "hash" : owner || hub.platform, kind: route.kind }
}

function versionIn(query: string, route: Route): string | undefined {
  if (!route.version || query === "") return undefined
  for (const pair of query.split("&", 30)) {
    const equals = pair.indexOf("=")
    if (pair.slice(0, equals) !== route.version.query) continue
    const value = pair.slice(equals + 1)
    return route.version.form.test(value) ? value : undefined
  }
  return undefined
}
