import { fileHosts } from "./file-hosts.ts"
import { hubs } from "./hubs.ts"
import type { Hub, Route } from "./route.ts"

/** A model, a file or a folder that an address names. */
export interface NamedArtefact {
  readonly id: string
  readonly platform: string
  readonly kind: string
  readonly aliases?: readonly string[]
  readonly baseModel?: string
}

const hubsOf: ReadonlyMap<string, readonly Hub[]> = Map.groupBy(
  [...hubs, ...fileHosts].flatMap((hub) => hub.hosts.map((host) => ({ host, hub }))),
  ({ host }) => host,
)
  .entries()
  .reduce(
    (map, [host, rows]) =>
      map.set(
        host,
        rows.map(({ hub }) => hub),
      ),
    new Map<string, Hub[]>(),
  )

/** Host names of every hub and file host. */
export const artefactHosts: readonly string[] = [...hubsOf.keys()]

/** What a host shows to look at; not what it hands over. */
const media = /\.(?:png|jpe?g|gif|webp|avif|bmp|svg|mp4|webm|mov|mkv|mp3|ogg|wav|html?|txt)$/i

/** What an address names; undefined if it is no model and no file. `rest` starts with `/`, `?` or `#`. */
export function recogniseAddress(host: string, rest: string): NamedArtefact | undefined {
  const hash = rest.indexOf("#")
  const address = hash < 0 ? rest : rest.slice(0, hash)
  const question = address.indexOf("?")
  const path = (question < 0 ? address : address.slice(0, question)).replace(/\/{2,}/g, "/")
  const query = question < 0 ? "" : address.slice(question + 1)
  const owner = path.slice(1, Math.max(path.indexOf("/", 1), 0) || undefined).toLowerCase()
  for (const hub of hubsOf.get(host) ?? []) {
    for (const route of hub.routes) {
      if (route.not?.has(owner)) continue
      const named = read(route, path, query, rest, hub.platform)
      // Shouted addresses still lead there, where the platform does not tell upper from lower case.
      const again = named ?? (route.keepsCase ? undefined : read(route, path.toLowerCase(), query, rest, hub.platform))
      if (again) return again
    }
  }
  return undefined
}

function read(route: Route, path: string, query: string, rest: string, platform: string): NamedArtefact | undefined {
  // Old MEGA addresses carry the id after the #, 1fichier's after the ?; no other platform's route begins so.
  const match =
    route.path.exec(path) ?? (path.length < 2 && rest.length > path.length ? route.path.exec(rest.slice(0, 100)) : null)
  if (!match) return undefined
  const id = route.idIn ? valueIn(query, route.idIn) : match.groups?.id
  if (!id || media.test(id) || route.notIds?.has(id.toLowerCase())) return undefined
  const version = match.groups?.version ?? (route.version ? valueIn(query, route.version) : undefined)
  const whole = version ? `${id}@${version}` : id
  const canonical = route.as + (route.keepsCase ? whole : whole.toLowerCase())
  // An archive's page may name a model of another platform; a hash belongs to none.
  const owner = route.as.slice(0, route.as.indexOf(":"))
  return { id: canonical, platform: route.kind === "hash" ? "hash" : owner || platform, kind: route.kind }
}

function valueIn(query: string, wanted: { readonly query: string; readonly form: RegExp }): string | undefined {
  for (const pair of query.split("&", 30)) {
    const equals = pair.indexOf("=")
    if (pair.slice(0, equals).replace(/^amp;/, "") !== wanted.query) continue
    const value = pair.slice(equals + 1)
    return wanted.form.test(value) ? value : undefined
  }
  return undefined
}
