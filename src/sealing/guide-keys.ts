import { hkdfSync } from "node:crypto"

/** Keys for what is kept of a guide's text: one per purpose, so that knowing one tells nothing of the others. */
export interface GuideKeys {
  /** Makes sketches, by which copies of a guide are recognised. */
  readonly sketch: Uint8Array
  /** Makes the ids by which terms of the organisation's list are named. */
  readonly termIds: Uint8Array
  /** Seals the list of terms. */
  readonly termList: Uint8Array
}

/** Derived from the workspace key (HKDF-SHA-256, RFC 5869). */
export function guideKeysOf(workspaceKey: Uint8Array): GuideKeys {
  const derive = (purpose: string) =>
    new Uint8Array(hkdfSync("sha256", workspaceKey, new Uint8Array(0), `watchline/1/${purpose}`, 32))
  return {
    sketch: derive("digest/guide-sketch"),
    termIds: derive("digest/term"),
    termList: derive("term-list"),
  }
}
