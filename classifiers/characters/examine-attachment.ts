import type { ExaminedAttachment } from "../../src/model/attachment.ts"
import { digestsOf } from "../image/hash/digests.ts"
import { workflowSignal } from "../image/provenance/comfyui.ts"
import { jsonObject } from "../image/provenance/lenient-json.ts"
import { readCharacterCard } from "./character-card.ts"
import { cardOfCharx } from "./charx.ts"

const examiner = "attachment@1"
/** Letters of JSON that are read; graphs and cards are far smaller, what is larger carries pictures. */
const jsonLimit = 8 << 20

/**
 * Everything that may be kept of an attached file that is no picture. Resolves for whatever bytes; of an archive nothing but a card's JSON
 * is unpacked, and pictures inside a workflow or card are never looked at. Takes ownership of `bytes`: they are overwritten.
 */
export async function examineAttachment(bytes: Uint8Array<ArrayBuffer>): Promise<ExaminedAttachment> {
  try {
    const { sha256 } = await digestsOf(bytes)
    return { bytes: bytes.length, sha256, ...formOf(bytes), examiner }
  } finally {
    bytes.fill(0)
  }
}

function formOf(bytes: Uint8Array): Pick<ExaminedAttachment, "form" | "signals" | "card"> {
  const isArchive = bytes[0] === 0x50 && bytes[1] === 0x4b
  const json = jsonObject(isArchive ? (cardOfCharx(bytes) ?? "") : textOf(bytes))
  const card = readCharacterCard(json)
  if (card) {
    const { spec, name, text } = card
    return {
      form: "character-card",
      signals: [{ family: "character-card", strength: "weak", carrier: isArchive ? "charx:card.json" : "json" }],
      card: { spec, content: new TextEncoder().encode(JSON.stringify({ name, text })) },
    }
  }
  const workflow = json && !isArchive ? workflowSignal(json) : undefined
  return workflow ? { form: "workflow", signals: [workflow] } : { form: "other", signals: [] }
}

function textOf(bytes: Uint8Array): string {
  return bytes.length > jsonLimit ? "" : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
}
