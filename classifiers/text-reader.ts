import type { TextReader } from "../src/ports/text-reader.ts"
import { guideScore } from "./guides/guide-score.ts"
import { findArtefacts } from "./links/artefacts.ts"
import { characterHosts, findCharacters } from "./links/characters.ts"
import { type FoldedText, foldText, type Undoing } from "./links/folded-text.ts"
import {
  dropInvisible,
  undoEntities,
  undoEscapes,
  undoImitations,
  undoMixedWords,
  undoPercent,
  undoWideLetters,
} from "./links/hidden-characters.ts"
import { hiddenTexts } from "./links/hidden-texts.ts"
import { knownHosts } from "./links/known-hosts.ts"
import { artefactHosts, recogniseAddress } from "./links/recognise-address.ts"
import { shortLinkHosts } from "./links/short-links.ts"
import { joinBroken, joinDots, joinLabels, joinMagnets, joinSlashes, joinSpacedLetters, undoMarks } from "./links/spelled-out.ts"

const hosts = knownHosts([...artefactHosts, ...characterHosts, ...shortLinkHosts])
/** In this order: characters first, then words and marks, then what the lines of an address are. */
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

/**
 * Reads a post: the first 1,000,000 UTF-16 units of its text, 500 links of 2,048 units each; what is beyond is ignored.
 * Work grows linearly with what is read.
 */
export const textReader: TextReader = {
  version: "text@2",
  read(text, links) {
    const folded = fold(text)
    const texts = withHidden(folded)
    const targets = links.slice(0, linkLimit).flatMap((link) => withHidden(fold(link.slice(0, linkLengthLimit))))
    return {
      artefacts: findArtefacts(texts, targets),
      characters: findCharacters(texts, targets),
      guide: guideScore(folded.text),
    }
  },
}
