import { hkdfSync } from "node:crypto"

/**
 * Key for digests of image prompts, derived from the workspace key (HKDF-SHA-256, RFC 5869): equal prompts are known to be equal within a
 * workspace, and nobody can try guesses without its key.
 */
export function promptKeyOf(workspaceKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", workspaceKey, new Uint8Array(0), "watchline/1/digest/prompt", 32))
}
