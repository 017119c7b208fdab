/** One address form of a platform that names one thing. */
export interface Route {
  /** Matched from the start of the path. The group `id` is the thing, `version` its version; both bounded, so matching is linear. */
  readonly path: RegExp
  /** First path parts that are pages of the platform itself, never somebody's name. */
  readonly not?: ReadonlySet<string>
  /** What stands where an id would, and is a page of the platform. */
  readonly notIds?: ReadonlySet<string>
  /** Canonical id up to the id itself, e.g. `civitai:model:`. */
  readonly as: string
  readonly kind: string
  /** Query parameter that holds the id, where the path does not. */
  readonly idIn?: { readonly query: string; readonly form: RegExp }
  /** Query parameter that names the version, where it has this form. */
  readonly version?: { readonly query: string; readonly form: RegExp }
  /** The platform tells upper from lower case; everywhere else ids are lower-cased. */
  readonly keepsCase?: true
}

/** A platform: add a row to add a hub. What no route matches (data sets, spaces, users, articles, images, posts) is no artefact. */
export interface Hub {
  readonly platform: string
  /** Exact host names, mirrors included, without a leading `www.` or `m.`. */
  readonly hosts: readonly string[]
  readonly routes: readonly Route[]
}

/** What stands in a path: `{num}` digits, `{hex}` 32 hexadecimal digits, `{uuid}`, `{id}` a name of 3 to 64 letters, `{code}` one with a digit or capital. */
const parts: Readonly<Record<string, string>> = {
  num: "\\d{1,20}",
  hex: "[0-9a-fA-F]{32}",
  uuid: "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
  id: "[\\w-]{3,64}",
  code: "(?=[\\w-]{0,63}[\\dA-Z])[\\w-]{4,64}",
  slug: "[\\w.-]{1,100}",
}

/** `{locale}` in front of a path stands for what hubs put there: nothing, `/en`, `/zh-CN`, `/indo`. */
export function pathOf(template: string): RegExp {
  const source = template
    .replace("{locale}", "(?:/[a-z]{2,4}(?:-[A-Za-z]{2,4})?)?")
    .replace(/\{([a-z]+)\}/g, (_, name: string) => `(?<id>${parts[name]})`)
  return new RegExp(`^${source}(?![\\w-])`, "u")
}
