import type { SignedList } from "../model/list-version.ts"

/**
 * Published versions of the de-index list. `publish` accepts only the successor of the newest version (`input_invalid` otherwise), so
 * that two publishers cannot fork it.
 */
export interface ListVersions {
  publish(list: SignedList): Promise<void>
  latest(): Promise<SignedList | undefined>
  get(sequence: number): Promise<SignedList | undefined>
}
