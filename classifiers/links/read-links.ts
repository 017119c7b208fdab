import type { ArtefactMention, CharacterMention } from "../../src/ports/text-reader.ts"
import { findArtefacts } from "./artefacts.ts"
import { characterHosts, findCharacters } from "./characters.ts"
import { type FoldedText, foldText, textLimit, type Undoing } from "./folded-text.ts"
import {
  dropInvisible,
  undoEntities,
  undoEscapes,
  undoImitations,
  undoMixedWords,
  undoPercent,
  undoWideLetters,
} from "./hidden-characters.ts"
import { hiddenTexts } from "./hidden-texts.ts"
import { knownHosts } from "./known-hosts.ts"
import { mayRefer } from "./marks-of-reference.ts"
import { artefactHosts, recogniseAddress } from "./recognise-address.ts"
import { shortLinkHosts } from "./short-links.ts"
import {
  joinBroken,
  joinDots,
  joinLabels,
  joinMagnets,
  joinSlashes,
  joinSpacedLetters,
  undoMarks,
} from "./spelled-out.ts"

const hosts = knownHosts([...artefactHosts, ...characterHosts, ...shortLinkHosts])

/** In this order: characters first, then words and marks, then what the parts of an address are. */
const undoings: readonly Undoing[] = [
  dropInvisible,
  undoEntities,
  undoEscapes,
  undoPercent,
  undoWideLetters,
  joinSpacedLetters,
  undoMixedWords,
  undoMarks,
  undoImitations(hosts),
  joinDots(hosts),
  joinLabels(hosts),
  joinSlashes(hosts),
  joinBroken(hosts, (host, rest) => recogniseAddress(host, rest) !== undefined),
  joinMagnets,
]
const fold = (text: string) => foldText(text, undoings)
const withHidden = (folded: FoldedText) => [folded, ...hiddenTexts(folded, hosts, fold)]

/** Link targets of a post that are read, and the UTF-16 units of each. */
const linkLimit = 500
const linkLengthLimit = 2_048

export interface ReadLinks {
  readonly artefacts: readonly ArtefactMention[]
  readonly characters: readonly CharacterMention[]
  /** The text with its disguises undone. */
  readonly folded: FoldedText
}

/**
 * What a post leads to: the first 1,000,000 UTF-16 units of its text and 500 links of 2,048 units each are read; what is beyond is ignored.
 * Work grows linearly with what is read.
 */
export function readLinks(post: string, links: readonly string[]): ReadLinks {
  const text = post.slice(0, textLimit)
  if (links.length === 0 && !mayRefer(text)) return { artefacts: [], characters: [], folded: asWritten(text) }
  const folded = fold(text)
  const texts = withHidden(folded)
  const targets = links.slice(0, linkLimit).flatMap((link) => withHidden(fold(link.slice(0, linkLengthLimit))))
  return { artefacts: findArtefacts(texts, targets), characters: findCharacters(texts, targets), folded }
}

/** A text that nothing was undone in. */
const asWritten = (text: string): FoldedText => ({
  text,
  original: (start, end) => ({ span: [start, end], undone: [] }),
})
