import type { TextReader } from "../src/ports/text-reader.ts"
import { guideScore } from "./guides/guide-score.ts"
import { findArtefacts } from "./links/artefacts.ts"
import { characterHosts, findCharacters } from "./links/characters.ts"
import { foldText } from "./links/folded-text.ts"
import { artefactHosts } from "./links/recognise-address.ts"

const hosts: ReadonlySet<string> = new Set([...artefactHosts, ...characterHosts])
const isHost = (host: string) => hosts.has(host)

/** Link targets of a post that are read, and the UTF-16 units of each. */
const linkLimit = 500
const linkLengthLimit = 2_048

/**
 * Reads a post: the first 1,000,000 UTF-16 units of its text, 500 links of 2,048 units each; what is beyond is ignored.
 * Work grows linearly with what is read.
 */
export const textReader: TextReader = {
  version: "text@1",
  read(text, links) {
    const folded = foldText(text, isHost)
    const targets = links.slice(0, linkLimit).map((link) => foldText(link.slice(0, linkLengthLimit), isHost))
    return {
      artefacts: findArtefacts(folded, targets),
      characters: findCharacters(folded, targets),
      guide: guideScore(folded.text),
    }
  },
}
