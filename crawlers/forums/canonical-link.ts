import { canonicalUrl } from "../../src/model/canonical-url.ts"

/** Query parameters of forum software that change nothing about what a page of the same host shows. */
const sessionParameters: readonly string[] = [
  "sid",
  "PHPSESSID",
  "phpsessid",
  "jsessionid",
  "hilit",
  "highlight",
  "hl",
  "utm_source",
  "utm_medium",
  "utm_campaign",
]

const sessionPattern = new RegExp(`[?&](${sessionParameters.join("|")})=`, "i")

/** More links than this are never taken from one page. */
export const maxLinks = 5000
/** More are not even looked at. */
export const maxLinksRead = 4 * maxLinks
const maxLength = 2048

/**
 * The canonical address of a link as written in a page: absolute, http or https, session parameters of the page's own host left out.
 *
 * @returns undefined for javascript:, data:, mailto: and the like, and for text that is no address
 */
export function canonicalLink(href: string | undefined, base: string, host: string): string | undefined {
  if (href === undefined || href.length > maxLength) return undefined
  // Browsers drop tabs and line breaks inside an address and control characters around it; others make it no address.
  const clean = href.replace(/[\t\r\n]/g, "").replace(/^[\p{Cc} ]+|[\p{Cc} ]+$/gu, "")
  if (clean === "" || clean.startsWith("#") || /\p{Cc}/u.test(clean)) return undefined
  const url = canonicalUrl(clean, base)
  if (url === undefined || !sessionPattern.test(url) || URL.parse(url)?.host !== host) return url
  return canonicalUrl(url, undefined, sessionParameters)
}

/** Whether an address names a picture by its file ending. */
export function isPictureName(name: string): boolean {
  return /\.(jpe?g|jfif|png|apng|gif|webp|avif|bmp|tiff?|heic|heif|jxl)$/i.test(name.trim())
}

/** Whether the path of an address, or a file name in its query, ends like a picture. */
export function isPictureUrl(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && isPictureName(parsed.pathname)
}
