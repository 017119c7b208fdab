import type { CharacterMention } from "../../src/ports/text-reader.ts"
import { addressScanner, type FoundAddress } from "./address-scanner.ts"
import { type CharacterPlatform, characterPlatforms, platformPages } from "./character-platforms.ts"
import { matchesOf } from "./character-runs.ts"
import type { FoldedText, Undone } from "./folded-text.ts"

const platformOf: ReadonlyMap<string, CharacterPlatform> = new Map(
  characterPlatforms.flatMap((row) => row.hosts.map((host) => [host, row] as const)),
)

/** Host names of every character platform. */
export const characterHosts: readonly string[] = [...platformOf.keys()]

const scanAddresses = addressScanner(characterHosts)
const mentionLimit = 1_000

const cardMark = /chara_card_v|\.charx/i
/** A character's file by its name, or its own JSON pasted into a post. */
const cards = /(?<![\w.-])[\w-][\w.-]{0,100}\.charx(?!\w)|"spec"\s{0,5}:\s{0,5}"chara_card_v[23]"/gi

/** Links to platforms where people talk with chatbot characters, once per address; those without a place in the text have span [0, 0]. */
export function findCharacters(texts: readonly FoldedText[], links: readonly FoldedText[]): CharacterMention[] {
  const mentions = new Map<string, CharacterMention>()
  const shortened: { address: FoundAddress; span: readonly [number, number] }[] = []
  for (const source of texts) {
    for (const address of scanAddresses(source.text, mentionLimit)) {
      const { span, undone } = source.original(address.start, address.end)
      if (address.truncated) shortened.push({ address, span })
      // A bare name in a sentence speaks about a platform; hidden, written as an address, or with a path it leads there.
      else if (address.withScheme || address.rest.length > 1 || undone.length > 0) add(mentions, address, span, undone)
    }
  }
  for (const { text, original } of texts) {
    for (const match of cardMark.test(text) ? matchesOf(cards, text) : []) {
      const { span } = original(match.index, match.index + match[0].length)
      const key = match[0].toLowerCase()
      if (!mentions.has(key) && mentions.size < mentionLimit) mentions.set(key, { platform: "character-card", span })
    }
  }
  for (const link of links) {
    for (const address of scanAddresses(link.text, 10)) {
      const shown = shortened.find((one) =>
        (address.host + address.rest).startsWith(one.address.host + one.address.rest),
      )
      add(mentions, address, shown?.span ?? [0, 0], [])
    }
  }
  return [...mentions.values()].sort((a, b) => a.span[0] - b.span[0])
}

function add(
  mentions: Map<string, CharacterMention>,
  address: FoundAddress,
  span: readonly [number, number],
  undone: readonly Undone[],
): void {
  const row = platformOf.get(address.host)!
  const first = address.rest.split(/[/?#]/, 2)[1]?.toLowerCase() ?? ""
  if (platformPages.has(first) || (row.paths && !row.paths.test(address.rest))) return
  const key = address.host + address.rest.replace(/\/$/, "")
  if (mentions.has(key)) return
  const disguises = [...new Set(undone.map(({ disguise }) => disguise))].sort()
  mentions.set(key, {
    platform: row.platform,
    ...(disguises.length > 0 ? { disguise: disguises.join("+") } : {}),
    span,
  })
}
