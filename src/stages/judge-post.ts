import { type Finding, findingId } from "../model/finding.ts"
import type { Post } from "../model/post.ts"
import type { ArtefactMention, TextReader } from "../ports/text-reader.ts"

/** A post scored at or above this is called a guide; the score and its reasons stand in the finding. */
const guideThreshold = 0.5

/** What a post's text and links say: models and characters that it names, and whether it teaches. */
export function postFindings(post: Post, text: string, reader: TextReader): Finding[] {
  const reading = reader.read(text, post.links)
  const base = {
    mandate: post.mandate,
    subject: { record: "post", id: post.id },
    signals: [],
    seenAt: post.seenAt,
  } as const
  const found: Finding[] = []
  for (const artefact of reading.artefacts) {
    found.push({
      ...base,
      id: findingId(base.subject, "model-link", artefact.id, reader.version),
      kind: "model-link",
      about: artefact.id,
      platform: artefact.platform,
      artefactKind: artefact.kind,
      ...(artefact.aliases ? { aliases: [...artefact.aliases] } : {}),
      ...(artefact.baseModel ? { baseModel: artefact.baseModel } : {}),
      producer: reader.version,
      signals: [],
      reasons: disguisesOf(artefact),
    })
  }
  for (const platform of new Set(reading.characters.map((c) => c.platform))) {
    found.push({
      ...base,
      id: findingId(base.subject, "character-link", platform, reader.version),
      kind: "character-link",
      about: platform,
      platform,
      producer: reader.version,
      signals: [],
      reasons: [],
    })
  }
  if (reading.guide.score >= guideThreshold) {
    found.push({
      ...base,
      id: findingId(base.subject, "guide", undefined, reader.version),
      kind: "guide",
      producer: reader.version,
      signals: [],
      score: reading.guide.score,
      calibration: "hand-set@1",
      reasons: [...reading.guide.reasons],
    })
  }
  return found
}

/** Each disguise that had to be undone to see the reference, with its place: evidence that somebody hid it. */
function disguisesOf({ undone = [] }: ArtefactMention): Finding["reasons"] {
  return undone.slice(0, 50).map(({ disguise, span }) => ({
    name: `disguise:${disguise}`,
    weight: 1,
    span: [span[0], span[1]],
  }))
}
