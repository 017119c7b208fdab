import type { NamedArtefact } from "./recognise-address.ts"

/** An artefact at a place of the scanned text. */
export interface FoundArtefact extends NamedArtefact {
  readonly start: number
  readonly end: number
}
