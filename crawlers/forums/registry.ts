import { closest } from "fastest-levenshtein"
import { WatchlineError } from "../../src/errors.ts"
import type { ForumEngine, PageInput } from "./forum-engine.ts"
import { generic } from "./generic.ts"
import { phpbb } from "./phpbb.ts"

/** Every forum software with a parser of its own, and last the fallback for all others. */
export const forumEngines: readonly ForumEngine[] = [phpbb, generic]

/** For help texts and suggestions. */
export const engineNames: readonly string[] = forumEngines.map((engine) => engine.name)

/** @throws WatchlineError `not_found`, with the nearest name */
export function engineByName(name: string): ForumEngine {
  const engine = forumEngines.find((candidate) => candidate.name === name.toLowerCase())
  if (engine) return engine
  throw new WatchlineError("not_found", {
    message: `No forum engine is called "${name}".`,
    remedy: `Did you mean "${closest(name.toLowerCase(), [...engineNames])}"? Known engines: ${engineNames.join(", ")}.`,
  })
}

/** So many markers identify an engine. */
const enough = 2

/** The engine of which a page shows the most markers, at least two; else the generic one, with what little was seen. */
export function detectEngine(page: PageInput): { readonly engine: ForumEngine; readonly markers: readonly string[] } {
  let best: { engine: ForumEngine; markers: readonly string[] } = { engine: generic, markers: [] }
  for (const engine of forumEngines) {
    if (engine === generic) continue
    const markers = [...engine.markers(page)]
    if (markers.length >= enough && markers.length > best.markers.length) best = { engine, markers }
  }
  return best.engine === generic ? { engine: generic, markers: [...generic.markers(page)] } : best
}

/** Says the engine of page after page of one forum. That of the page before is asked first and has only to be sure: most pages need no more. */
export function engineDetector(): (page: PageInput) => ForumEngine {
  let last: ForumEngine | undefined
  return (page) => {
    if (last && Iterator.from(last.markers(page)).take(enough).toArray().length === enough) return last
    const { engine } = detectEngine(page)
    if (engine !== generic) last = engine
    return engine
  }
}
