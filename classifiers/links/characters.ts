import type { CharacterMention } from "../../src/ports/text-reader.ts"
import { addressScanner, type FoundAddress } from "./address-scanner.ts"
import { characterPlatforms, platformPages } from "./character-platforms.ts"
import type { FoldedText } from "./folded-text.ts"

const platformOf: ReadonlyMap<string, string> = new Map(
  characterPlatforms.flatMap(({ platform, hosts }) => hosts.map((host) => [host, platform] as const)),
)

/** Host names of every character platform. */
export const characterHosts: readonly string[] = [...platformOf.keys()]

const scanAddresses = addressScanner(characterHosts)
const mentionLimit = 1_000

/** Links to platforms where people talk with chatbot characters, once per address; those without a place in the text have span [0, 0]. */
export function findCharacters(text: FoldedText, links: readonly FoldedText[]): CharacterMention[] {
  const mentions = new Map<string, CharacterMention>()
  const inText = scanAddresses(text.text, mentionLimit)
  for (const address of inText) {
    const { span, disguises } = text.original(address.start, address.end)
    // A bare name in a sentence speaks about a platform; hidden, written as an address, or with a path it leads there.
    if (!address.withScheme && address.rest.length < 2 && disguises.length === 0) continue
    if (address.truncated) continue
    add(mentions, address, span)
  }
  for (const link of links) {
    for (const address of scanAddresses(link.text, 10)) {
      const shown = inText.find((one) => one.truncated && (address.host + address.rest).startsWith(one.host + one.rest))
      add(mentions, address, shown ? text.original(shown.start, shown.end).span : [0, 0])
    }
  }
  return [...mentions.values()]
}

function add(mentions: Map<string, CharacterMention>, address: FoundAddress, span: readonly [number, number]): void {
  const first = address.rest.split(/[/?#]/, 2)[1]?.toLowerCase() ?? ""
  if (platformPages.has(first)) return
  const key = address.host + address.rest.replace(/\/$/, "")
  if (!mentions.has(key)) mentions.set(key, { platform: platformOf.get(address.host)!, span })
}
