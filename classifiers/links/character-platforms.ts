/** Public front ends where people talk with chatbot characters. Add a row to add a platform. */
interface CharacterPlatform {
  readonly platform: string
  /** Exact host names without a leading `www.` or `m.`. */
  readonly hosts: readonly string[]
}

export const characterPlatforms: readonly CharacterPlatform[] = [
  { platform: "character.ai", hosts: ["character.ai", "beta.character.ai", "old.character.ai", "c.ai"] },
  { platform: "chub", hosts: ["chub.ai", "venus.chub.ai", "characterhub.org"] },
  { platform: "janitorai", hosts: ["janitorai.com", "jannyai.com"] },
  { platform: "spicychat", hosts: ["spicychat.ai"] },
  { platform: "aicharactercards", hosts: ["aicharactercards.com"] },
  { platform: "polybuzz", hosts: ["polybuzz.ai"] },
  { platform: "talkie", hosts: ["talkie-ai.com"] },
  { platform: "chai", hosts: ["chai-research.com"] },
  { platform: "figgs", hosts: ["figgs.ai"] },
  { platform: "backyard", hosts: ["backyard.ai"] },
  { platform: "sakura", hosts: ["sakura.fm"] },
  { platform: "agnai", hosts: ["agnai.chat"] },
  { platform: "pygmalion", hosts: ["pygmalion.chat"] },
  { platform: "replika", hosts: ["replika.com"] },
]

/** First path parts that speak about the platform, not about a character. */
export const platformPages: ReadonlySet<string> = new Set(
  "blog about help faq press careers jobs terms tos privacy policies policy login signin signup register support contact pricing docs status news".split(
    " ",
  ),
)
