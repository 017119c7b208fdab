import { hash } from "node:crypto"

export interface Digests {
  readonly sha256: string
  readonly sha1: string
  readonly md5: string
}

/** The three digests that hash lists exchange, in lower-case hexadecimal. SHA-1 and MD5 are there because most lists still carry them. */
export function digestsOf(bytes: Uint8Array): Digests {
  return { sha256: hash("sha256", bytes, "hex"), sha1: hash("sha1", bytes, "hex"), md5: hash("md5", bytes, "hex") }
}
