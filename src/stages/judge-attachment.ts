import { modelStem } from "../model/artefact.ts"
import type { Attachment } from "../model/attachment.ts"
import { type Finding, findingId } from "../model/finding.ts"

/** What an attached file says of its post: that a chatbot's character is handed over, and which models a workflow asks for. */
export function attachmentFindings({ mandate, post, seenAt, form, card, signals, examiner }: Attachment): Finding[] {
  const subject = { record: "post", id: post } as const
  const base = { mandate, subject, producer: examiner, seenAt }
  if (form === "character-card" && card) {
    const about = `card:${card.name}`
    const id = findingId(subject, "character-card", about, examiner)
    return [{ ...base, id, kind: "character-card", about, signals, reasons: [] }]
  }
  const names = new Map(
    signals.flatMap(({ model, loras = [] }) => [
      ...(model ? [[`checkpoint:${modelStem(model)}`, "checkpoint"] as const] : []),
      ...loras.map(({ name }) => [`lora:${modelStem(name)}`, "lora"] as const),
    ]),
  )
  return [...names].map(([about, artefactKind]) => ({
    ...base,
    id: findingId(subject, "model-link", about, examiner),
    kind: "model-link",
    about,
    platform: "workflow",
    artefactKind,
    signals: [],
    reasons: [{ name: "attachment:workflow", weight: 1 }],
  }))
}
