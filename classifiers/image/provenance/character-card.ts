import { Tag } from "../container/exif.ts"
import { exifTexts, textsUnder } from "./carriers.ts"
import { countOf, type JsonObject, jsonObject, objectOf } from "./lenient-json.ts"
import { type ProvenanceReader, traceOf } from "./reader.ts"

/**
 * A character card for chat programs: PNG texts `chara` and `ccv3`, JSON in base64, versions 1 to 3; older programs put the JSON into
 * UserComment of a WebP. It says what a file is for, and only weakly how its picture was made. Nothing of the card is kept.
 */
export const characterCard: ProvenanceReader = {
  family: "character-card",
  read(metadata) {
    const inPng = textsUnder(metadata, "chara", "ccv3").find(({ value }) => isCard(inBase64(value)))
    const found = inPng ?? exifTexts(metadata, Tag.UserComment).find(({ value }) => isCard(jsonObject(value)))
    return found ? [traceOf(this.family, "weak", found.carrier)] : []
  },
}

function isCard(card: JsonObject | undefined): boolean {
  if (!card) return false
  const named = typeof card.spec === "string" && /^chara_card_v\d$/.test(card.spec)
  const body = named ? objectOf(card.data) : card
  return body !== undefined && typeof body.name === "string" && countOf(body, texts) >= (named ? 1 : 3)
}

/** Base64 of a text that starts with "{". */
function inBase64(value: string): JsonObject | undefined {
  if (!/^\s{0,10}[ea][\w+/]{15}/.test(value)) return undefined
  return jsonObject(Buffer.from(value, "base64").toString("utf8"))
}

const texts = ["description", "personality", "scenario", "first_mes", "mes_example"]
