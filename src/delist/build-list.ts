import { type Assessment, assessClusters, type Confirmed } from "../model/assessment.ts"
import type { ListVersion, SignedList } from "../model/list-version.ts"
import type { Id } from "../model/record.ts"
import type { Decisions } from "../ports/decisions.ts"
import type { Findings } from "../ports/findings.ts"
import type { ListVersions } from "../ports/list-versions.ts"
import { diffLists, type ListDifference } from "./list-difference.ts"
import { type Place, selectEntries } from "./select-entries.ts"
import { nextVersion } from "./signed-list.ts"

export interface BuiltList {
  readonly list: ListVersion
  readonly previous?: SignedList
  readonly difference: ListDifference
  /** See `Selection`. */
  readonly unlistable: number
}

export interface ListTerms {
  readonly issuer: string
  /** Days for which an entry is listed on one agreement of two people. */
  readonly validityDays: number
  /** Days for which recipients may use this version. */
  readonly listDays: number
}

/** The next version of the list, unsigned, from what people decided and where the images were seen. Writes nothing. */
export async function buildList(
  {
    decisions,
    findings,
    versions,
  }: { readonly decisions: Decisions; readonly findings: Findings; readonly versions: ListVersions },
  terms: ListTerms,
  now: number,
): Promise<BuiltList> {
  const previous = await versions.latest()
  const confirmed = confirmedOnly(await assessClusters(decisions, (fingerprint) => findings.clusterOf(fingerprint)))
  const places: Place[] = []
  for (const cluster of confirmed.keys()) {
    for await (const { postUrl, url, seenAt } of findings.sightingsOf([cluster], {}))
      places.push({ cluster, postUrl, url, seenAt })
  }
  const { entries, unlistable } = selectEntries({
    confirmed,
    places,
    ...(previous ? { previous: previous.list } : {}),
    now,
    validityDays: terms.validityDays,
  })
  const list = nextVersion({
    ...(previous ? { previous } : {}),
    entries,
    issuer: terms.issuer,
    now,
    listDays: terms.listDays,
  })
  return { list, ...(previous ? { previous } : {}), difference: diffLists(previous?.list, list), unlistable }
}

function confirmedOnly(stands: ReadonlyMap<Id, Assessment>): Map<Id, Confirmed> {
  const confirmed = new Map<Id, Confirmed>()
  for (const [cluster, assessment] of stands) if (assessment.state === "confirmed") confirmed.set(cluster, assessment)
  return confirmed
}
