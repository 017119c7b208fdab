import type { ArtefactMention } from "../../src/ports/text-reader.ts"
import { addressScanner, type FoundAddress } from "./address-scanner.ts"
import type { FoldedText } from "./folded-text.ts"
import type { FoundArtefact } from "./found-artefact.ts"
import { findModelFiles } from "./model-files.ts"
import { findModelHashes } from "./model-hashes.ts"
import { findAirNames, findHubPaths, findPromptTags } from "./model-names.ts"
import { findPeerLinks } from "./peer-links.ts"
import { artefactHosts, recogniseAddress } from "./recognise-address.ts"

/** Different artefacts that one post can mention; a list of more than that is a catalogue and is cut. */
const artefactLimit = 1_000
/** Addresses per post that are completed from its link targets. */
const shortenedLimit = 100

const scanAddresses = addressScanner(artefactHosts)

/**
 * Every model or file that a post refers to, once each, in the order of the text; those that only a link target names come last with
 * the span [0, 0]. Spans are positions in the text as it was written.
 */
export function findArtefacts(text: FoldedText, links: readonly FoldedText[]): ArtefactMention[] {
  const mentions = new Map<string, ArtefactMention>()
  const add = (found: FoundArtefact, source: FoldedText | undefined) => {
    if (mentions.has(found.id) || mentions.size >= artefactLimit) return
    mentions.set(found.id, mentionOf(found, source))
  }
  const { whole, shortened } = findIn(text, links)
  for (const found of whole) add(found, text)
  for (const link of links) {
    // The visible part of a shortened address is where its target stands in the text.
    const shown = shortened.find((address) => link.text.includes(address.host + address.rest))
    for (const found of findIn(link, []).whole) {
      if (shown) add({ ...found, start: shown.start, end: shown.end }, text)
      else add(found, undefined)
    }
  }
  return [...withoutEchoes(mentions)]
}

function mentionOf(found: FoundArtefact, source: FoldedText | undefined): ArtefactMention {
  const { id, platform, kind } = found
  if (!source) return { id, platform, kind, span: [0, 0] }
  const { span, disguises } = source.original(found.start, found.end)
  return { id, platform, kind, ...(disguises.length > 0 ? { disguise: disguises.join("+") } : {}), span }
}

/** What one text names, in its order, and the addresses in it of which a forum shows only the beginning. */
function findIn(
  source: FoldedText,
  links: readonly FoldedText[],
): { whole: FoundArtefact[]; shortened: FoundAddress[] } {
  const { text } = source
  const shortened: FoundAddress[] = []
  const parts: FoundArtefact[] = []
  for (const address of scanAddresses(text, 4 * artefactLimit)) {
    const place = { start: address.start, end: address.end }
    if (address.truncated && shortened.length < shortenedLimit && links.some((link) => continues(link.text, address))) {
      shortened.push(address)
      parts.push({ id: "", platform: "", kind: "", ...place })
      continue
    }
    const named = address.rest === "" ? undefined : recogniseAddress(address.host, address.rest)
    if (named) parts.push({ ...named, ...place })
  }
  parts.push(...findPeerLinks(text), ...findHubPaths(text), ...findAirNames(text), ...findPromptTags(text))
  parts.push(...findModelHashes(text), ...findModelFiles(text))
  return { whole: outermost(parts).filter((found) => found.id !== ""), shortened }
}

/** Whether a link target goes on where the address in the text was cut. */
function continues(target: string, address: FoundAddress): boolean {
  const visible = address.host + address.rest
  return target.includes(visible) && !target.endsWith(visible)
}

/** The file name at the end of an address or inside a tag is part of it, no artefact of its own. */
function outermost(found: FoundArtefact[]): FoundArtefact[] {
  const kept: FoundArtefact[] = []
  let end = -1
  for (const one of found.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (one.start < end) continue
    kept.push(one)
    end = one.end
  }
  return kept
}

/** A download address names only the version, a page both: where the post has both, the page's id says it all. */
function* withoutEchoes(mentions: ReadonlyMap<string, ArtefactMention>): Iterable<ArtefactMention> {
  const versions = new Set<string>()
  for (const id of mentions.keys()) {
    const at = id.startsWith("civitai:model:") ? id.indexOf("@") : -1
    if (at > 0) versions.add(`civitai:version:${id.slice(at + 1)}`)
  }
  for (const [id, mention] of mentions) if (!versions.has(id)) yield mention
}
