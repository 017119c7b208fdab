import robotsParser from "robots-parser"
import { WatchlineError } from "../../src/errors.ts"
import type { Clock } from "../../src/model/record.ts"

/** Robots Exclusion Protocol, RFC 9309. */
export interface Robots {
  /** Errors: `robots_disallowed` (never); `http_busy` while the file cannot be served; those of fetching it. */
  allow(url: URL): Promise<void>
}

/** Group in robots.txt that speaks to us; where there is none, the one for "*" does. */
const productToken = "watchline"
const keptMs = 24 * 60 * 60 * 1000

// The package describes itself as an ES module and is none: what it calls `default` is the import itself.
const parseRobots = robotsParser as unknown as typeof robotsParser.default
type Rules = ReturnType<typeof parseRobots>

/** @param read text of a robots.txt; undefined where the host has none (RFC 9309, 2.3.1.3: everything is allowed) */
export function openRobots(read: (url: URL) => Promise<string | undefined>, clock: Clock): Robots {
  const kept = new Map<string, { readonly rules: Promise<Rules>; readonly until: number }>()

  function rulesOf(origin: string): Promise<Rules> {
    const known = kept.get(origin)
    if (known && known.until > clock()) return known.rules
    const address = new URL("/robots.txt", origin)
    const rules = read(address).then((text) => parseRobots(address.href, text ?? ""))
    kept.set(origin, { rules, until: clock() + keptMs })
    // A file that could not be had says nothing; the next page asks again.
    rules.catch(() => kept.delete(origin))
    return rules
  }

  return {
    async allow(url) {
      const rules = await rulesOf(url.origin)
      if (rules.isAllowed(url.href, productToken) !== false) return
      throw new WatchlineError("robots_disallowed", {
        message: `The robots.txt of ${url.hostname} excludes this address.`,
        remedy: "A mandate may say that robots.txt is not honoured; this one says that it is.",
      })
    },
  }
}
