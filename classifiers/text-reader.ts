import type { TextReader } from "../src/ports/text-reader.ts"
import { guideScore } from "./guides/guide-score.ts"
import { readLinks } from "./links/read-links.ts"

/** Reads a post: what it leads to, and whether it teaches. Bounded and linear, see `readLinks` and `guideScore`. */
export const textReader: TextReader = {
  version: "text@2",
  read(text, links) {
    const { artefacts, characters, folded } = readLinks(text, links)
    return { artefacts, characters, guide: guideScore(folded) }
  },
}
