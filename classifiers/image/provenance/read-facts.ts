import { Tag } from "../container/exif.ts"
import type { Metadata } from "../container/metadata.ts"
import { xmpTexts } from "./carriers.ts"
import { characterCard } from "./character-card.ts"

const exposure = [Tag.ExposureTime, Tag.FNumber, Tag.Iso, Tag.FocalLength, Tag.LensModel]

/**
 * Observations that are no signals: a camera's EXIF, a C2PA store of whatever content, one that lies on a server (named, never fetched),
 * bytes after the picture's end, a chat character.
 */
export function readFacts(metadata: Metadata): string[] {
  const facts: string[] = []
  const camera = metadata.exif.some(
    ({ texts, tags }) => (texts.has(Tag.Make) || texts.has(Tag.Model)) && exposure.some((tag) => tags.has(tag)),
  )
  if (camera) facts.push("camera-exif")
  if (metadata.jumbf.length > 0) facts.push("c2pa")
  else if (xmpTexts(metadata, "http://purl.org/dc/terms/", "provenance").some(({ value }) => /^https?:/i.test(value)))
    facts.push("c2pa-elsewhere")
  if (metadata.trailingBytes > 0) facts.push("trailing-bytes")
  if (characterCard.read(metadata).length > 0) facts.push("character-card")
  return facts
}
