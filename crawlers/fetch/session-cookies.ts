import { CookieJar } from "tough-cookie"

/** A host that sends ever new cookies fills neither memory nor the request. */
const mostKept = 200
const mostSent = 50

/** One identity's cookies (RFC 6265). In memory only. */
export interface SessionCookies {
  /** Value of the Cookie header; undefined: there is none for this address. */
  header(url: URL): string | undefined
  /** Keeps what the answer sets; what is malformed or not for this host is ignored. */
  keep(url: URL, setCookie: readonly string[] | undefined): void
}

/** @param imported a session that an operator holds lawfully: Set-Cookie lines as the forum sent them (RFC 6265, 4.1) */
export function openSessionCookies(forumUrl: URL, imported: readonly string[]): SessionCookies {
  const jar = new CookieJar()

  function keep(url: URL, setCookie: readonly string[] | undefined): void {
    if (!setCookie?.length) return
    const room = mostKept - (jar.serializeSync()?.cookies.length ?? 0)
    for (const line of setCookie.slice(0, Math.max(0, room))) {
      jar.setCookieSync(line, origin(url), { ignoreError: true, loose: true })
    }
  }

  keep(forumUrl, imported)
  return {
    keep,
    header(url) {
      const cookies = jar.getCookiesSync(origin(url)).slice(0, mostSent)
      return cookies.length === 0 ? undefined : cookies.map((cookie) => cookie.cookieString()).join("; ")
    },
  }
}

/** Tor Browser counts onion services as secure whatever their scheme, so their `Secure` cookies are kept and sent. */
function origin(url: URL): string {
  return url.hostname.endsWith(".onion") ? url.href.replace(/^http:/, "https:") : url.href
}
