import { createPublicKey, type KeyObject, sign, verify } from "node:crypto"
import { strictBase64 } from "./base64.ts"
import { canonicalJson } from "./record.ts"

/**
 * Ed25519 (RFC 8032) over the canonical text (RFC 8785) of a JSON value, as mandates and lists carry it. It lies this deep because
 * rooms that may not import each other sign (sealing, delist) and verify (crawlers, delist).
 *
 * @returns base64 of 64 bytes
 */
export function signCanonical(value: unknown, privateKey: KeyObject): string {
  return sign(null, Buffer.from(canonicalJson(value)), privateKey).toString("base64")
}

/** Whether this key signed this value. Never throws: what cannot be read is not signed. */
export function verifyCanonical(value: unknown, signature: string, publicKey: KeyObject | string): boolean {
  try {
    const key = typeof publicKey === "string" ? publicKeyOf(publicKey) : publicKey
    const bytes = strictBase64(signature)
    if (key?.asymmetricKeyType !== "ed25519" || bytes?.length !== 64) return false
    return verify(null, Buffer.from(canonicalJson(value)), key, bytes)
  } catch {
    return false
  }
}

/** The public half of a key as records name it: base64 of the DER SubjectPublicKeyInfo (RFC 8410). */
export function publicKeyText(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key
  return publicKey.export({ type: "spki", format: "der" }).toString("base64")
}

/** Reads what `publicKeyText` wrote; undefined if it is anything else. */
function publicKeyOf(text: string): KeyObject | undefined {
  const der = strictBase64(text)
  return der && createPublicKey({ key: der, type: "spki", format: "der" })
}
