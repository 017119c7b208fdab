import { Finding } from "../model/finding.ts"
import type { EventLog } from "../ports/event-log.ts"
import type { Findings } from "../ports/findings.ts"
import { encode } from "../ports/message-codec.ts"
import type { PixelScorer } from "../ports/pixel-scorer.ts"
import { hasStrongProvenance, scoredFinding } from "./judge-image.ts"

export interface Rescored {
  /** Images with a descriptor or a logit that the scorer can read. */
  readonly scored: number
  readonly findings: number
  /** Images that the scorer says nothing about, by reason. */
  readonly abstained: Readonly<Record<string, number>>
  /** Images that no model looked at when they were there. */
  readonly neverLooked: number
}

const appendedAtOnce = 500

/**
 * Scores all collected images again from what was kept of them, after a head or a calibration was exchanged; the images are gone. Findings
 * of the former version stay beside the new ones. An image that had a finding gets one of the new version too, whatever it says now, so that
 * its history tells when a score was taken back. A repeat adds nothing.
 */
export async function rescore(parts: {
  findings: Findings
  eventLog: EventLog
  scorer: PixelScorer
}): Promise<Rescored> {
  const { scorer } = parts
  const before = new Set<string>()
  for await (const { producer, subject } of parts.findings.findings({}, "ai-image"))
    if (producer.startsWith("pixel:")) before.add(subject.id)
  const tally = { scored: 0, findings: 0, neverLooked: 0 }
  const abstained: Record<string, number> = {}
  let found: Finding[] = []
  const publish = async () => {
    if (found.length > 0) await parts.eventLog.append(found.map((f) => encode("findings", f.subject.id, Finding, f)))
    tally.findings += found.length
    found = []
  }
  for await (const { fingerprint } of parts.findings.images({})) {
    const score = scorer.score(fingerprint)
    if (!score) tally.neverLooked += 1
    else if (score.abstained !== undefined) abstained[score.abstained] = (abstained[score.abstained] ?? 0) + 1
    else tally.scored += 1
    if (!score || hasStrongProvenance(fingerprint)) continue
    const reached = score.abstained === undefined && score.level !== "none"
    if (reached || before.has(fingerprint.id)) found.push(scoredFinding(fingerprint, score, scorer.version))
    if (found.length >= appendedAtOnce) await publish()
  }
  await publish()
  return { ...tally, abstained }
}
