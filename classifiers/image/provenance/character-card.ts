import type { CardInMemory } from "../../../src/model/card-trace.ts"
import { type CharacterCard, readCharacterCard } from "../../characters/character-card.ts"
import { Tag } from "../container/exif.ts"
import type { Metadata } from "../container/metadata.ts"
import { exifTexts, textsUnder } from "./carriers.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/**
 * A character card for chat programs: PNG texts `chara` and `ccv3`, JSON in base64, versions 1 to 3; older programs put the JSON into
 * UserComment of a WebP. It says what a file is for, and only weakly how its picture was made. Nothing of the card is in the trace.
 */
export const characterCard: ProvenanceReader = {
  family: "character-card",
  read(metadata) {
    const found = cardIn(metadata)
    return found ? [traceOf(this.family, "weak", found.carrier)] : []
  },
}

/** Name and texts of the card that a picture carries, as bytes to be sealed and overwritten. */
export function cardInMemory(metadata: Metadata): CardInMemory | undefined {
  const card = cardIn(metadata)?.card
  if (!card) return undefined
  const { spec, name, text } = card
  return { spec, content: new TextEncoder().encode(JSON.stringify({ name, text })) }
}

function cardIn(metadata: Metadata): { carrier: string; card: CharacterCard } | undefined {
  for (const { carrier, value } of textsUnder(metadata, "ccv3", "chara")) {
    const card = readCharacterCard(inBase64(value))
    if (card) return { carrier, card }
  }
  for (const { carrier, value } of exifTexts(metadata, Tag.UserComment)) {
    const card = readCharacterCard(value)
    if (card) return { carrier, card }
  }
  return undefined
}

/** Base64 of a text that starts with "{". */
function inBase64(value: string): string {
  return /^\s{0,10}[ea][\w+/]{15}/.test(value) ? Buffer.from(value, "base64").toString("utf8") : ""
}
