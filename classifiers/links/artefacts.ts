import type { ArtefactMention } from "../../src/ports/text-reader.ts"
import { addressScanner, type FoundAddress } from "./address-scanner.ts"
import { findCodeReferences } from "./code-references.ts"
import type { FoldedText } from "./folded-text.ts"
import type { FoundArtefact } from "./found-artefact.ts"
import { findModelFiles } from "./model-files.ts"
import { findModelHashes } from "./model-hashes.ts"
import { findAirNames, findHubPaths, findPromptTags } from "./model-names.ts"
import { findOnionFiles } from "./onion-files.ts"
import { findPeerLinks } from "./peer-links.ts"
import { artefactHosts, recogniseAddress } from "./recognise-address.ts"
import { findShortLinks } from "./short-links.ts"

/** Different artefacts that one post can mention; a list of more than that is a catalogue and is cut. */
const artefactLimit = 1_000
/** Addresses per post that are completed from its link targets. */
const shortenedLimit = 100
/** Other names of one artefact that one post gives away. */
const aliasLimit = 20

const scanAddresses = addressScanner(artefactHosts)

/**
 * Every model or file that a post refers to, once each, in the order of the text; those that only a link target names come last with
 * the span [0, 0]. `texts` are the post's text and what is hidden in it; spans are positions in the text as it was written.
 */
export function findArtefacts(texts: readonly FoldedText[], links: readonly FoldedText[]): ArtefactMention[] {
  const mentions: ArtefactMention[] = []
  const shortened: { address: FoundAddress; source: FoldedText }[] = []
  for (const source of texts) {
    const found = findIn(source, links)
    for (const one of found.whole) if (mentions.length < 2 * artefactLimit) mentions.push(mentionOf(one, source))
    for (const address of found.shortened) shortened.push({ address, source })
  }
  mentions.sort((a, b) => a.span[0] - b.span[0])
  for (const link of links) {
    // The visible part of a shortened address is where its target stands in the text.
    const shown = shortened.find(({ address }) => link.text.includes(address.host + address.rest))
    for (const found of findIn(link, []).whole) {
      if (shown)
        mentions.push(mentionOf({ ...found, start: shown.address.start, end: shown.address.end }, shown.source))
      else mentions.push({ ...mentionOf(found, link), span: [0, 0] })
    }
  }
  return [...withoutEchoes(onceEach(mentions))]
}

/** The first mention of each artefact, with what the others add. */
function onceEach(mentions: readonly ArtefactMention[]): Map<string, ArtefactMention> {
  const first = new Map<string, ArtefactMention>()
  for (const mention of mentions) {
    const known = first.get(mention.id)
    if (!known) {
      if (first.size < artefactLimit) first.set(mention.id, mention)
      continue
    }
    const aliases = [...new Set([...(known.aliases ?? []), ...(mention.aliases ?? [])])].slice(0, aliasLimit)
    first.set(mention.id, { ...known, ...(aliases.length > 0 ? { aliases } : {}) })
  }
  return first
}

function mentionOf(found: FoundArtefact, source: FoldedText): ArtefactMention {
  const { id, platform, kind, aliases, baseModel } = found
  const { span, undone } = source.original(found.start, found.end)
  const disguises = [...new Set(undone.map(({ disguise }) => disguise))].sort()
  return {
    id,
    platform,
    kind,
    ...(aliases ? { aliases } : {}),
    ...(baseModel ? { baseModel } : {}),
    ...(disguises.length > 0 ? { disguise: disguises.join("+"), undone } : {}),
    span,
  }
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
    if (named) parts.push({ ...named, ...fileAlias(address.rest), ...place })
  }
  const all = [parts, ...finders.map((find) => find(text))].flat()
  return { whole: outermost(all).filter((found) => found.id !== ""), shortened }
}

/** What a text names without an address of a known host. */
const finders: readonly ((text: string) => FoundArtefact[])[] = [
  findPeerLinks,
  findHubPaths,
  findAirNames,
  findPromptTags,
  findCodeReferences,
  findModelHashes,
  findModelFiles,
  findOnionFiles,
  findShortLinks,
]

const fileInPath = /\/([^/?#]{2,160}\.(?:safetensors|ckpt|gguf|pth?|sft))(?=[?#/]|$)/i

/** The file that an address of a repository or a host leads to is another name of what it names. */
function fileAlias(rest: string): { aliases?: readonly string[] } {
  const name = fileInPath.exec(rest)?.[1]
  return name ? { aliases: [`file:${name.toLowerCase()}`] } : {}
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
