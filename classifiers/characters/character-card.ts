import { countOf, type JsonObject, jsonObject, objectOf, stringOf } from "../image/provenance/lenient-json.ts"

/** A card for chat programs: which version of the form it has, what the character is called, and all its texts. */
export interface CharacterCard {
  readonly spec: "v1" | "v2" | "v3"
  readonly name: string
  readonly text: string
}

const texts = ["description", "personality", "scenario", "first_mes", "mes_example"]
const moreTexts = [...texts, "system_prompt", "post_history_instructions", "creator_notes"]
/** Letters of a card that are kept, sealed. */
const textLimit = 100_000
const nameLimit = 300

/**
 * Reads the JSON of a character card, versions 1 (fields at the top) to 3 (`spec`, `data`); undefined if it is none. A first version has no
 * mark of its own: three of its five texts have to be there.
 */
export function readCharacterCard(json: string | JsonObject | undefined): CharacterCard | undefined {
  const card = typeof json === "string" ? jsonObject(json) : json
  if (!card) return undefined
  const version = typeof card.spec === "string" ? /^chara_card_v([23])$/.exec(card.spec)?.[1] : undefined
  const body = version ? objectOf(card.data) : card
  if (!body || typeof body.name !== "string" || countOf(body, texts) < (version ? 1 : 3)) return undefined
  const parts = moreTexts.flatMap((key) => stringOf(body[key]) ?? [])
  return {
    spec: version === "3" ? "v3" : version === "2" ? "v2" : "v1",
    name: body.name.slice(0, nameLimit),
    text: parts.join("\n").slice(0, textLimit),
  }
}
