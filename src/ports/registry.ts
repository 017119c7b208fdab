import type { Forum } from "../model/forum.ts"
import type { SignedMandate } from "../model/mandate.ts"
import type { Id } from "../model/record.ts"

/** Registered mandates. Whoever reads one verifies its signature: a store can be altered. */
export interface Mandates {
  add(id: Id, signed: SignedMandate): Promise<void>
  get(id: Id): Promise<SignedMandate | undefined>
  list(): Promise<{ id: Id; signed: SignedMandate }[]>
}

/** Watched forums. `put` replaces the forum of the same id; its earlier addresses are the caller's to keep. */
export interface Forums {
  put(forum: Forum): Promise<void>
  get(id: string): Promise<Forum | undefined>
  list(): Promise<Forum[]>
}
