import { acceptedCodings } from "./content-coding.ts"

/** Tor Browser 15 (Firefox 140 ESR) at its default security level; it says Windows on every desktop. */
export const torBrowserUserAgent = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"

const accept = {
  page: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  picture: "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
}

/** The headers of Tor Browser in its order, without Referer: what we came from is nobody's business. */
export function browserHeaders(
  kind: "page" | "picture",
  url: URL,
  userAgent: string,
  cookie: string | undefined,
): Record<string, string> {
  return {
    Host: url.host,
    "User-Agent": userAgent,
    Accept: accept[kind],
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": acceptedCodings,
    ...(kind === "page" ? { "Sec-GPC": "1", "Upgrade-Insecure-Requests": "1" } : { "Sec-GPC": "1" }),
    Connection: "keep-alive",
    ...(cookie === undefined ? {} : { Cookie: cookie }),
    ...(kind === "page"
      ? {
          "Sec-Fetch-Dest": "document",
          "Sec-Fetch-Mode": "navigate",
          "Sec-Fetch-Site": "none",
          "Sec-Fetch-User": "?1",
          Priority: "u=0, i",
        }
      : {
          "Sec-Fetch-Dest": "image",
          "Sec-Fetch-Mode": "no-cors",
          "Sec-Fetch-Site": "same-origin",
          Priority: "u=5, i",
        }),
  }
}
