import { Finding } from "../model/finding.ts"
import type { EventLog } from "../ports/event-log.ts"
import type { Findings } from "../ports/findings.ts"
import type { KnownHashes } from "../ports/known-hashes.ts"
import { encode } from "../ports/message-codec.ts"
import { knownFindings } from "./judge-image.ts"

const appendedAtOnce = 500

/**
 * Matches all collected fingerprints against the known hashes, after a set was added. The findings go through the log like any others, so
 * a repeat adds nothing.
 *
 * @returns the number of images that match
 */
export async function rematch(parts: { findings: Findings; known: KnownHashes; eventLog: EventLog }): Promise<number> {
  let matched = 0
  let found: Finding[] = []
  const publish = async () => {
    if (found.length > 0) await parts.eventLog.append(found.map((f) => encode("findings", f.subject.id, Finding, f)))
    found = []
  }
  for await (const { fingerprint } of parts.findings.images({})) {
    const own = await knownFindings(fingerprint, parts.known)
    if (own.length > 0) matched += 1
    found.push(...own)
    if (found.length >= appendedAtOnce) await publish()
  }
  await publish()
  return matched
}
