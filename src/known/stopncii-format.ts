import { WatchlineError } from "../errors.ts"
import { jsonEntries } from "./json-entries.ts"
import { isObject } from "./jsonl-format.ts"
import { algorithmNamed, goneLine, type KnownLine, knownLine } from "./known-entry.ts"

/** Of a case that was taken back by the person who had opened it, or was deleted. */
const goneStatus: ReadonlySet<unknown> = new Set(["Withdrawn", "Deleted"])

/**
 * Saved answers of StopNCII's `FetchHashes`, one after the other: `hashRecords[]` with `signalType`, `hashValue` and `hashStatus`. A record is
 * the newest state of its hash. Lines are numbers of records.
 */
export async function* readStopNcii(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<KnownLine> {
  let line = 0
  let nothing = true
  for await (const entry of jsonEntries(bytes, ["$.hashRecords", "$.hashRecords.*"], "StopNCII answer")) {
    nothing = false
    if (Array.isArray(entry)) continue
    line++
    if (!isObject(entry) || typeof entry.signalType !== "string" || typeof entry.hashValue !== "string") {
      yield { line, problem: "no `signalType` or no `hashValue`" }
      continue
    }
    const algorithm = algorithmNamed(entry.signalType)
    if (!algorithm) yield { line, problem: "a signal type that is not matched here" }
    else if (goneStatus.has(entry.hashStatus)) yield goneLine(line, algorithm, entry.hashValue)
    else yield knownLine(line, algorithm, entry.hashValue)
  }
  if (nothing) {
    throw new WatchlineError("input_invalid", {
      message: "The file has no `hashRecords` list.",
      remedy: "Save the answers of FetchHashes as they come.",
    })
  }
}
