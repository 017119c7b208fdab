import { WatchlineError } from "../errors.ts"
import type { HashAlgorithm } from "../model/known-hash.ts"
import { readCsv } from "./csv-format.ts"
import { readJsonl } from "./jsonl-format.ts"
import type { KnownLine } from "./known-entry.ts"
import { readNcmec } from "./ncmec-format.ts"
import { readPytx } from "./pytx-format.ts"
import { readStopNcii } from "./stopncii-format.ts"
import { readVics } from "./vics-format.ts"

interface KnownFileOptions {
  /** What a bare column of hashes is, where nothing in the file says so. */
  readonly algorithm?: HashAlgorithm
}

type Reader = (bytes: AsyncIterable<Uint8Array>, options: KnownFileOptions) => AsyncGenerator<KnownLine>

const formats: Readonly<Record<string, Reader>> = {
  csv: readCsv,
  jsonl: readJsonl,
  ncmec: readNcmec,
  pytx: readPytx,
  stopncii: readStopNcii,
  vics: readVics,
}

/** Names of the formats of known-hash files, for help texts. */
export const knownFormats: readonly string[] = Object.keys(formats)

/**
 * Reads a known-hash file as a stream: each hash, or the place and the reason where there is none; a bad entry never ends the rest.
 *
 * @throws WatchlineError `usage` for an unknown format, `input_invalid` for a file that is not of the format at all.
 */
export function readKnownFile(
  format: string,
  bytes: AsyncIterable<Uint8Array>,
  options: KnownFileOptions = {},
): AsyncGenerator<KnownLine> {
  const read = Object.hasOwn(formats, format) ? formats[format] : undefined
  if (!read) {
    const remedy = `Use one of ${knownFormats.join(", ")}.`
    throw new WatchlineError("usage", { message: `No known-hash format is called "${format}".`, remedy })
  }
  return read(bytes, options)
}
