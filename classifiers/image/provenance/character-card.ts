import type { Metadata } from "../container/metadata.ts"
import { textsUnder } from "./carriers.ts"
import { countOf, jsonObject, objectOf } from "./lenient-json.ts"

/**
 * Does a PNG carry a character card for chat programs (texts `chara` and `ccv3`: JSON in base64, versions 1 to 3)? A matter of its own:
 * it says what a file is for, nothing about how the picture was made. Nothing of the card is kept.
 */
export function hasCharacterCard(metadata: Metadata): boolean {
  return textsUnder(metadata, "chara", "ccv3").some(({ value }) => {
    // "{" at the start of a text, as base64.
    if (!/^\s{0,10}[ea][\w+/]{15}/.test(value)) return false
    const card = jsonObject(Buffer.from(value, "base64").toString("utf8"))
    if (!card) return false
    const named = typeof card.spec === "string" && /^chara_card_v\d$/.test(card.spec)
    const body = named ? objectOf(card.data) : card
    return body !== undefined && typeof body.name === "string" && countOf(body, texts) >= (named ? 1 : 3)
  })
}

const texts = ["description", "personality", "scenario", "first_mes", "mes_example"]
