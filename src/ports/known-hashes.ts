import type { HashAlgorithm, KnownHash } from "../model/known-hash.ts"

export interface KnownMatch {
  readonly known: KnownHash
  /** Differing bits; 0 for digests. */
  readonly distance: number
}

/**
 * Hash sets of organisations. A PDQ matches within 31 bits, a digest exactly.
 *
 * - `add` is idempotent; `withdraw` removes all of a source, and matches vanish at once.
 * - `match` asks with every hash that an image has; matches come nearest first.
 */
export interface KnownHashes {
  add(hashes: readonly KnownHash[]): Promise<void>
  withdraw(source: string): Promise<number>
  match(hashes: Readonly<Partial<Record<HashAlgorithm, string>>>): Promise<KnownMatch[]>
  count(): Promise<number>
}
