import { Tag } from "../container/exif.ts"
import type { Metadata } from "../container/metadata.ts"
import { hasCharacterCard } from "./character-card.ts"

const exposure = [Tag.ExposureTime, Tag.FNumber, Tag.Iso, Tag.FocalLength, Tag.LensModel]

/** Observations that are no signals: a camera's EXIF, a C2PA store of whatever content, bytes after the picture's end, a chat character. */
export function readFacts(metadata: Metadata): string[] {
  const facts: string[] = []
  const camera = metadata.exif.some(
    ({ texts, tags }) => (texts.has(Tag.Make) || texts.has(Tag.Model)) && exposure.some((tag) => tags.has(tag)),
  )
  if (camera) facts.push("camera-exif")
  if (metadata.jumbf.length > 0) facts.push("c2pa")
  if (metadata.trailingBytes > 0) facts.push("trailing-bytes")
  if (hasCharacterCard(metadata)) facts.push("character-card")
  return facts
}
