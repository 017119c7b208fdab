import { matchQuality } from "../matching/pdq-index.ts"
import { type Finding, findingId } from "../model/finding.ts"
import type { Fingerprint, Signal } from "../model/fingerprint.ts"
import type { PixelScore } from "../model/pixel-score.ts"
import type { KnownHashes, KnownMatch } from "../ports/known-hashes.ts"
import type { PixelScorer } from "../ports/pixel-scorer.ts"

/** What an image's own bytes say: signals of a generator, if there are any. No signal, no finding: absence says nothing. */
export function generatedFinding(fingerprint: Fingerprint): Finding | undefined {
  if (fingerprint.signals.length === 0) return undefined
  return finding(fingerprint, "ai-image", undefined, "provenance@2", fingerprint.signals)
}

/** A chatbot's character that an image carries; known again by the keyed digest of its name. */
export function cardFinding(fingerprint: Fingerprint): Finding | undefined {
  const { card, signals } = fingerprint
  if (!card) return undefined
  const own = signals.filter(({ family }) => family === "character-card")
  return finding(fingerprint, "character-card", `card:${card.name}`, "provenance@2", own)
}

/**
 * What a model says of an image's pixels, where its bytes are silent: provenance of strength strong or better speaks alone, and the two are
 * never averaged. Only a score that reached a threshold is a finding, and never a strong one.
 */
export function pixelFinding(fingerprint: Fingerprint, scorer: PixelScorer): Finding | undefined {
  if (hasStrongProvenance(fingerprint)) return undefined
  const score = scorer.score(fingerprint)
  if (!score || score.abstained !== undefined || score.level === "none") return undefined
  return scoredFinding(fingerprint, score, scorer.version)
}

export function hasStrongProvenance({ signals }: Fingerprint): boolean {
  return signals.some(({ strength }) => strength === "strong" || strength === "conclusive")
}

/** A score as a finding, or why there is none. */
export function scoredFinding(fingerprint: Fingerprint, score: PixelScore, producer: string): Finding {
  const reasons = [
    ...(score.interval
      ? [
          { name: "lower end of the score's interval", weight: score.interval[0] },
          { name: "upper end of the score's interval", weight: score.interval[1] },
        ]
      : []),
    ...(score.precision
      ? [
          { name: "of such findings generated, if 1 in 100 pictures is", weight: score.precision.atOnePercent },
          { name: "of such findings generated, if 10 in 100 pictures are", weight: score.precision.atTenPercent },
        ]
      : []),
  ]
  const signal: Signal = { family: "pixel", strength: score.level === "flag" ? "moderate" : "weak", model: score.model }
  const reached = score.level === "flag" || score.level === "review"
  return {
    ...finding(fingerprint, "ai-image", undefined, producer, reached ? [signal] : []),
    ...(score.score === undefined ? {} : { score: score.score }),
    ...(score.calibration === undefined ? {} : { calibration: score.calibration }),
    ...(score.abstained === undefined ? {} : { abstained: score.abstained }),
    reasons,
  }
}

/**
 * One finding per source of known hashes that has this image or one of its frames: the nearest match speaks for the source, the whole
 * image before a frame.
 */
export async function knownFindings(fingerprint: Fingerprint, known: KnownHashes): Promise<Finding[]> {
  const bySource = new Map<string, PlacedMatch>()
  for (const match of await matchesOf(fingerprint, known)) {
    const nearest = bySource.get(match.known.source)
    if (!nearest || match.distance < nearest.distance) bySource.set(match.known.source, match)
  }
  return [...bySource.values()].map((match) => {
    const exact = match.known.algorithm !== "pdq"
    const signal: Signal = {
      family: `known-${match.known.algorithm}`,
      strength: exact ? "conclusive" : "strong",
      carrier: carrierOf(match),
    }
    const about = [match.known.source, match.known.category].filter(Boolean).join(": ")
    return finding(fingerprint, "known-image", about, "known@1", [signal])
  })
}

function carrierOf({ distance, turn, frame }: PlacedMatch): string {
  return `distance ${distance}${turn ? `, turned: ${turn}` : ""}${frame === undefined ? "" : `, frame ${frame}`}`
}

interface PlacedMatch extends KnownMatch {
  readonly frame?: number
}

async function matchesOf(fingerprint: Fingerprint, known: KnownHashes): Promise<PlacedMatch[]> {
  const { md5, sha1, sha256, pdq, pdqQuality = 0, frames = [] } = fingerprint
  const usable = pdq !== undefined && pdqQuality >= matchQuality
  const matches: PlacedMatch[] = await known.match({ md5, sha1, sha256, ...(usable ? { pdq } : {}) })
  for (const frame of frames) {
    if (frame.pdqQuality < matchQuality) continue
    for (const match of await known.match({ pdq: frame.pdq })) matches.push({ ...match, frame: frame.index })
  }
  return matches
}

function finding(
  fingerprint: Fingerprint,
  kind: Finding["kind"],
  about: string | undefined,
  producer: string,
  signals: Signal[],
): Finding {
  const subject = { record: "fingerprint", id: fingerprint.id } as const
  return {
    id: findingId(subject, kind, about, producer),
    mandate: fingerprint.mandate,
    kind,
    subject,
    ...(about ? { about } : {}),
    producer,
    signals,
    reasons: [],
    seenAt: fingerprint.seenAt,
  }
}
