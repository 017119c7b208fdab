/**
 * The bytes of a base64 text (RFC 4648 §4); undefined unless it is their one canonical spelling. Node ignores stray characters and spare
 * bits, but what is signed or authenticated must not have two spellings.
 */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64")
  return bytes.toString("base64") === text ? bytes : undefined
}
