import { createPublicKey, type KeyObject, verify } from "node:crypto"
import type { Pixels } from "../pixels.ts"
import { jsonObject, stringOf } from "./lenient-json.ts"
import { pythonJson } from "./python-json.ts"

const maxComment = 256 << 10
/** Its largest pictures have a quarter of that; the pixels are copied once to be verified. */
const maxPixels = 16_000_000

/** NovelAI's public key (Ed25519), from NovelAI/novelai-image-metadata, `nai_sig.py`. */
const novelaiKey = keyOf("Y2JcQAOhLwzwSDUJPNgL04nS0Tbqm7cSRc4xk0vRMic=")

/** The 32 bytes of an Ed25519 key behind the head that DER gives them (RFC 8410). */
function keyOf(base64: string): KeyObject {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(base64, "base64")])
  return createPublicKey({ key: der, format: "der", type: "spki" })
}

/**
 * Does NovelAI's own signature hold over these pixels and settings? It is over red, green and blue of every pixel, row by row, and then
 * the settings without the signature, as Python's `json.dumps` writes them. A picture that was changed, or re-encoded with loss, fails.
 */
export function novelaiSignatureHolds(comment: string, pixels: Pixels, key: KeyObject = novelaiKey): boolean {
  if (comment.length > maxComment || pixels.channels === 1 || pixels.width * pixels.height > maxPixels) return false
  const text = stringOf(jsonObject(comment)?.Comment) ?? comment
  const signature = Buffer.from(stringOf(jsonObject(text)?.signed_hash) ?? "", "base64")
  const settings = signature.length === 64 ? pythonJson(text, "signed_hash") : undefined
  if (settings === undefined) return false
  const signed = Buffer.concat([colours(pixels), Buffer.from(settings)])
  try {
    return verify(null, signed, key, signature)
  } finally {
    signed.fill(0)
  }
}

function colours({ data, width, height, channels }: Pixels): Buffer {
  if (channels === 3) return data
  const rgb = Buffer.alloc(width * height * 3)
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    rgb[to] = data[from]!
    rgb[to + 1] = data[from + 1]!
    rgb[to + 2] = data[from + 2]!
  }
  return rgb
}
