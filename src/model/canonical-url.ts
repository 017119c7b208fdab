/**
 * The address under which a page or picture is known here: WHATWG-normalised, http or https, no fragment, no user, no session
 * parameters. For identity and the frontier; the de-index list has its own canonical form (src/delist).
 *
 * @param drop names of query parameters that change nothing about what is shown (session ids, sort orders, highlights)
 * @returns undefined where the text is no such address
 */
export function canonicalUrl(raw: string, base?: string, drop: readonly string[] = []): string | undefined {
  const url = URL.parse(raw.trim(), base)
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") return undefined
  url.hash = ""
  url.username = ""
  url.password = ""
  url.hostname = url.hostname.replace(/\.$/, "")
  for (const name of drop) if (url.searchParams.has(name)) url.searchParams.delete(name)
  return url.href
}
