import { JSONParser } from "@streamparser/json"
import { WatchlineError } from "../errors.ts"

/**
 * Values at these places of a JSON document (`$.value.*`), as they come: a document of any size is read in the memory of one entry. Several
 * documents may follow each other, as saved pages of an exchange do.
 *
 * @param what the document's name in an error
 * @throws WatchlineError `input_invalid` where the bytes are no complete JSON document, after the entries before that place
 */
export async function* jsonEntries(
  bytes: AsyncIterable<Uint8Array>,
  places: readonly string[],
  what: string,
): AsyncGenerator<unknown> {
  const found: unknown[] = []
  let problem: Error | undefined
  const parser = new JSONParser({ paths: [...places], keepStack: false, separator: "" })
  parser.onValue = ({ value, parent }) => {
    found.push(value)
    if (Array.isArray(parent)) parent.length = 0 // an outer entry that is wanted too would keep all inner ones
  }
  parser.onError = (error) => {
    problem ??= error
  }
  for await (const chunk of bytes) {
    parser.write(chunk)
    yield* found.splice(0)
    if (problem) break
  }
  if (!problem && !parser.isEnded) parser.end()
  yield* found.splice(0)
  if (!problem) return
  throw new WatchlineError("input_invalid", {
    message: `The file is no complete ${what}.`,
    remedy: "Export it again. What stands before the damaged place has been read.",
    cause: problem,
  })
}
