import type { Confirmed } from "../model/assessment.ts"
import type { Entry, ListVersion } from "../model/list-version.ts"
import { type Id, type Instant, instant } from "../model/record.ts"
import type { Sighting } from "../model/sighting.ts"
import { canonicalAddress, canonicalExpression, expressionHash } from "./canonical-form.ts"

/** A place where an image of a cluster stands. */
export type Place = Pick<Sighting, "postUrl" | "url" | "seenAt"> & { readonly cluster: Id }

export interface Selection {
  readonly entries: Entry[]
  /** Addresses that have no canonical form, such as embedded pictures: nothing that a search engine could list. */
  readonly unlistable: number
}

/**
 * What the next version lists: for every place of a confirmed cluster (see `assess` for what that takes) the address of the post's page
 * and the address of the image. Places of other clusters are passed over, whoever passed them in.
 *
 * - `since` is when two people had agreed and the place had been seen; an entry of the previous version keeps its own.
 * - `until` is that time of the present agreement plus `validityDays`: then the entry falls off unless two people agree anew.
 * - Where several places give one hash and scope, the entry that lasts longest speaks for them.
 *
 * Sorted by hash, then scope; each pair once. Pure: the same input gives the same bytes in any order of the input.
 */
export function selectEntries(input: {
  readonly confirmed: ReadonlyMap<Id, Confirmed>
  readonly places: Iterable<Place>
  readonly previous?: ListVersion
  readonly now: number
  readonly validityDays: number
}): Selection {
  const now = instant(input.now)
  const listedSince = new Map((input.previous?.entries ?? []).map((entry) => [entryKey(entry), entry.since]))
  const chosen = new Map<string, Entry>()
  let unlistable = 0
  for (const place of input.places) {
    const agreement = input.confirmed.get(place.cluster)
    if (!agreement) continue
    const since = place.seenAt > agreement.at ? place.seenAt : agreement.at
    const until = instant(Date.parse(since) + input.validityDays * 86_400_000)
    if (until <= now) continue
    for (const [scope, address] of [
      ["page", place.postUrl],
      ["image", place.url],
    ] as const) {
      const found = entryOf(address, scope, since, until, agreement.decision.id)
      if (!found) {
        unlistable += 1
        continue
      }
      const key = entryKey(found)
      const entry = { ...found, since: listedSince.get(key) ?? since }
      chosen.set(key, stronger(entry, chosen.get(key)))
    }
  }
  return { entries: [...chosen.values()].sort((a, b) => compare(entryKey(a), entryKey(b))), unlistable }
}

/** The identity of an entry within a version, and the order of entries. */
export function entryKey(entry: Pick<Entry, "hash" | "scope">): string {
  return `${entry.hash} ${entry.scope}`
}

function entryOf(
  address: string,
  scope: Entry["scope"],
  since: Instant,
  until: Instant,
  decision: Id,
): Entry | undefined {
  const [url, expression] = [canonicalAddress(address), canonicalExpression(address)]
  if (url === undefined || expression === undefined) return undefined
  return { hash: expressionHash(expression), url, scope, since, until, decision }
}

function stronger(entry: Entry, other: Entry | undefined): Entry {
  if (!other) return entry
  const best = [entry, other].sort(
    (a, b) => compare(b.until, a.until) || compare(a.decision, b.decision) || compare(a.url, b.url),
  )[0]!
  return { ...best, since: entry.since < other.since ? entry.since : other.since }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
