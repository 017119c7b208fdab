import type { HashAlgorithm, KnownHash } from "../model/known-hash.ts"
import type { Id } from "../model/record.ts"
import type { Turn } from "../model/turn.ts"

export interface KnownMatch {
  readonly known: KnownHash
  /** Differing bits; 0 for digests. */
  readonly distance: number
  /** How the picture would have to be turned to show the known one; absent where it matches as it is. */
  readonly turn?: Turn
}

/** Entries of a source: all, or those that it names itself, or those with these identities. */
export interface WithdrawnEntries {
  readonly source: string
  readonly references?: readonly string[]
  readonly ids?: readonly Id[]
}

/**
 * Hash sets of organisations. A PDQ matches within 31 bits, as it is or turned or mirrored; everything else exactly.
 *
 * - `add` is idempotent; of an entry that is there already it renews label, licence and expiry.
 * - What is withdrawn matches nothing from the answer on, in every process; what is expired, from its instant on. `withdraw` returns how many.
 * - `match` asks with every hash that an image has; an entry comes once, the nearest first.
 */
export interface KnownHashes {
  add(hashes: readonly KnownHash[]): Promise<void>
  withdraw(entries: WithdrawnEntries): Promise<number>
  match(hashes: Readonly<Partial<Record<HashAlgorithm, string>>>): Promise<KnownMatch[]>
  count(): Promise<number>
}
