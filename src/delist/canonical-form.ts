import { createHash } from "node:crypto"
import { domainToASCII } from "node:url"
import { getDomain } from "tldts"
import { dottedIPv4, normalIPv6 } from "./ip-address.ts"

/**
 * An address as the de-index list knows it, by the rules that search engines and browsers apply to Safe Browsing lists ("URLs and
 * hashing", Safe Browsing v4 and v5). They work on bytes and are not those of the URL standard: escapes are undone to a fixed point, so
 * that no spelling of a listed address escapes the list. Every part is ASCII.
 */
interface CanonicalForm {
  readonly scheme: string
  readonly host: string
  /** ":8080", or nothing for a scheme's own port. */
  readonly port: string
  readonly path: string
  /** "?a=b", or nothing. */
  readonly query: string
}

/**
 * The canonical address, e.g. `http://example.onion/a?b=c`: without fragment, user and default port.
 *
 * @param url text, or the bytes of an address that is no UTF-8
 * @returns undefined where there is no host, or the scheme is neither http, https nor ftp
 */
export function canonicalAddress(url: string | Uint8Array): string | undefined {
  const form = canonicalForm(url)
  return form && `${form.scheme}://${form.host}${form.port}${form.path}${form.query}`
}

/** What is hashed for one exact address: host, path and query; scheme, user and port do not count. */
export function canonicalExpression(url: string | Uint8Array): string | undefined {
  const form = canonicalForm(url)
  return form && form.host + form.path + form.query
}

/**
 * All expressions under which an address may be listed, at most 30: up to five hosts (the exact one, and up to four from the registrable
 * domain upwards) times up to six paths (exact with and without query, and up to four folders from the root). The exact expression comes
 * first. Empty where the address has no canonical form.
 */
export function expressions(url: string | Uint8Array): string[] {
  const form = canonicalForm(url)
  if (!form) return []
  const paths = new Set([form.path + form.query, form.path, ...folders(form.path)])
  return hosts(form.host).flatMap((host) => [...paths].map((path) => host + path))
}

/** SHA-256 of an expression, hexadecimal. Expressions are ASCII. */
export function expressionHash(expression: string): string {
  return createHash("sha256").update(expression, "latin1").digest("hex")
}

function canonicalForm(url: string | Uint8Array): CanonicalForm | undefined {
  // one character per byte from here on
  const bytes = Buffer.from(typeof url === "string" ? Buffer.from(url, "utf8") : url).toString("latin1")
  const [withoutFragment = ""] = bytes
    .replace(/^ +| +$/g, "")
    .replace(/[\t\r\n]/g, "")
    .split("#")
  const { scheme, explicit, authority, rest } = split(unescaped(withoutFragment))
  // without "//" a user's name cannot be told from a scheme of another kind, as in mailto:
  if (!explicit && authority.includes("@")) return undefined
  const { host, port } = hostAndPort(authority.slice(authority.lastIndexOf("@") + 1), scheme)
  if (host === undefined || port === undefined) return undefined
  if (scheme !== "http" && scheme !== "https" && scheme !== "ftp") return undefined
  const mark = rest.indexOf("?")
  const [path, query] = mark < 0 ? [rest, ""] : [rest.slice(0, mark), rest.slice(mark)]
  return { scheme, host, port, path: escaped(resolvedPath(path)), query: escaped(query) }
}

/** Undoes percent-escapes until none is left, in one pass: an escape that another one completes ends where the output ends. */
function unescaped(text: string): string {
  if (!text.includes("%")) return text
  const out: string[] = []
  for (const char of text) {
    out.push(char)
    while (out.length >= 3 && out.at(-3) === "%") {
      const digits = out.at(-2)! + out.at(-1)!
      if (!/^[0-9a-f]{2}$/i.test(digits)) break
      out.length -= 3
      out.push(String.fromCharCode(Number.parseInt(digits, 16)))
    }
  }
  return out.join("")
}

function split(text: string): { scheme: string; explicit: boolean; authority: string; rest: string } {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)
  const after = text.slice(scheme?.[0].length ?? 0)
  const end = after.search(/[/?]/)
  return {
    scheme: scheme?.[1]?.toLowerCase() ?? "http",
    explicit: scheme !== null,
    authority: end < 0 ? after : after.slice(0, end),
    rest: end < 0 ? "" : after.slice(end),
  }
}

function hostAndPort(authority: string, scheme: string): { host?: string; port?: string } {
  const [, name = "", digits = ""] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]*))?$/.exec(authority) ?? []
  const host = canonicalHost(name)
  if (host === undefined) return {}
  const standard = { http: "80", https: "443", ftp: "21" }[scheme]
  return { host, port: digits === "" || digits === standard ? "" : `:${digits}` }
}

function canonicalHost(name: string): string | undefined {
  const host = punycode(name)
    .toLowerCase()
    .replace(/\.{2,}/g, ".")
    .replace(/^\.|\.$/g, "")
  if (host === "") return undefined
  return dottedIPv4(host) ?? normalIPv6(host) ?? escaped(host)
}

/** The xn-- form of an international name; bytes that are none stay as they are. */
function punycode(name: string): string {
  if (!/[\x80-\xff]/.test(name)) return name
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(name, "latin1"))
    return domainToASCII(text) || name
  } catch {
    return name
  }
}

function resolvedPath(path: string): string {
  const segments = path.split("/").slice(1)
  const last = segments.at(-1)
  const kept: string[] = []
  for (const segment of segments) {
    if (segment === "..") kept.pop()
    else if (segment !== "" && segment !== ".") kept.push(segment)
  }
  const folder = last === "" || last === "." || last === ".."
  return `/${kept.join("/")}${folder && kept.length > 0 ? "/" : ""}`
}

function escaped(text: string): string {
  return text.replace(
    /[^\x21-\x7e]|[#%]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  )
}

/** A v3 onion service's registrable domain is its 56 characters and `.onion`, as the public suffix list has it. */
function hosts(host: string): string[] {
  const registrable = getDomain(host, { allowPrivateDomains: true, validateHostname: false })
  if (registrable === null) return [host]
  const labels = host.split(".")
  const shortest = registrable.split(".").length
  const lengths = [shortest + 3, shortest + 2, shortest + 1, shortest].filter((length) => length < labels.length)
  return [host, ...lengths.map((length) => labels.slice(-length).join("."))]
}

function folders(path: string): string[] {
  const names = path.split("/").slice(1, -1)
  return [0, 1, 2, 3]
    .filter((depth) => depth <= names.length)
    .map(
      (depth) =>
        `/${names
          .slice(0, depth)
          .map((name) => `${name}/`)
          .join("")}`,
    )
}
