import { WatchlineError } from "../errors.ts"
import type { Collectable, Mandate } from "../model/mandate.ts"
import type { Id } from "../model/record.ts"

/** What the gate looks at: the mandate that a record names, when it was collected, and where. */
export interface Collected {
  readonly mandate: Id
  readonly at: string
  /** Addresses at which the record says it was collected. */
  readonly urls: readonly string[]
  /** What the mandate must allow to be kept. */
  readonly needs: readonly Collectable[]
}

export type RecordGate = (record: Collected) => Promise<void>

/**
 * The mandate's last word: a record that names an unknown or altered mandate, was collected before its start or after its expiry, or on a
 * host that it does not name, or that keeps what it does not allow to be kept, is not indexed.
 *
 * @param find the mandate, its signature verified; undefined where there is none
 * @throws `record_outside_mandate`
 */
export function recordGate(find: (id: Id) => Promise<Mandate | undefined>): RecordGate {
  const seen = new Map<Id, Mandate>()
  return async ({ mandate: id, at, urls, needs }) => {
    const mandate = seen.get(id) ?? (await find(id))
    if (!mandate)
      throw new WatchlineError("record_outside_mandate", { message: `Mandate ${id.slice(0, 12)} is not registered.` })
    seen.set(id, mandate)
    if (at < mandate.start || at > mandate.expiry) {
      throw new WatchlineError("record_outside_mandate", {
        message: `Collected at ${at}, outside mandate ${mandate.reference}.`,
      })
    }
    const excess = needs.find((what) => !mandate.collect.includes(what))
    if (excess) {
      throw new WatchlineError("record_outside_mandate", {
        message: `Mandate ${mandate.reference} does not allow ${excess} to be kept.`,
      })
    }
    for (const url of urls) {
      const host = URL.parse(url)?.hostname
      if (!host || !mandate.hosts.includes(host)) {
        throw new WatchlineError("record_outside_mandate", {
          message: `A host is not in mandate ${mandate.reference}.`,
        })
      }
    }
  }
}
