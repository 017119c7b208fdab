import type { Entry, ListVersion } from "../model/list-version.ts"
import { entryKey } from "./select-entries.ts"

export interface ListDifference {
  readonly added: readonly Entry[]
  readonly removed: readonly Entry[]
  /** As the newer version has them; their times may differ. */
  readonly kept: readonly Entry[]
}

/** What changed between two versions, by hash and scope. Without an older one all is added. */
export function diffLists(older: ListVersion | undefined, newer: ListVersion): ListDifference {
  const before = new Set(older?.entries.map(entryKey))
  const after = new Set(newer.entries.map(entryKey))
  return {
    added: newer.entries.filter((entry) => !before.has(entryKey(entry))),
    removed: (older?.entries ?? []).filter((entry) => !after.has(entryKey(entry))),
    kept: newer.entries.filter((entry) => before.has(entryKey(entry))),
  }
}
