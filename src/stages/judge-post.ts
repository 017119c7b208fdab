import { type Finding, findingId } from "../model/finding.ts"
import type { Post } from "../model/post.ts"
import { type ArtefactMention, guideThreshold, type TextReader } from "../ports/text-reader.ts"

const mostSpans = 100

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
  const { score, calibration, reasons, spans = [], language, sketch } = reading.guide
  if (score >= guideThreshold) {
    found.push({
      ...base,
      id: findingId(base.subject, "guide", undefined, reader.version),
      kind: "guide",
      producer: reader.version,
      signals: [],
      score,
      calibration,
      reasons: [...reasons],
      spans: spans.slice(0, mostSpans).map(({ name, span: [start, end] }) => ({ name, span: [start, end] })),
      ...(language ? { language } : {}),
      ...(sketch ? { sketch } : {}),
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
