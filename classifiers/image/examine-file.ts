import { constants } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { describeError, WatchlineError } from "../../src/errors.ts"
import type { CardInMemory } from "../../src/model/card-trace.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import type { ImageExaminer } from "../../src/ports/image-examiner.ts"
import { digestsOf } from "./hash/digests.ts"

/** One line of `watchline examine`. */
export type ExaminedFile = { readonly file: string; readonly card?: Pick<CardInMemory, "spec"> } & Omit<
  Examination,
  "examiner" | "card"
>

const defaultMaxBytes = 256 << 20

/**
 * Examines a local file, held in memory only. A file that brings its examiner down still has its digests, with the reason in `error`.
 *
 * Errors: `not_found`, `body_too_large`, `input_invalid` (no regular file, or not readable).
 */
export async function examineFile(
  file: string,
  examiner: ImageExaminer,
  maxBytes: number = defaultMaxBytes,
): Promise<ExaminedFile> {
  const handle = await opened(file)
  try {
    const bytes = await contentOf(handle, maxBytes)
    try {
      const { examiner: _version, card, ...row } = await examiner.examine(bytes)
      card?.content.fill(0)
      return { file, ...row, ...(card ? { card: { spec: card.spec } } : {}) }
    } catch (error) {
      const again = await contentOf(handle, maxBytes)
      const row = { bytes: again.length, ...digestsOf(again), format: "unknown", signals: [], facts: [] }
      again.fill(0)
      return { file, ...row, error: describeError(error).code }
    }
  } finally {
    await handle.close()
  }
}

async function opened(file: string): Promise<FileHandle> {
  try {
    // Without waiting: opening a pipe that nobody writes to would never end.
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    const code = describeError(cause).code === "ENOENT" ? "not_found" : "input_invalid"
    throw new WatchlineError(code, {
      cause,
      message: `The file cannot be opened: ${file}`,
      remedy: "Check the path and its permissions.",
    })
  }
}

async function contentOf(handle: FileHandle, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const stat = await handle.stat()
  if (!stat.isFile())
    throw new WatchlineError("input_invalid", {
      message: "Not a regular file.",
      remedy: "Name files, or a folder to walk.",
    })
  if (stat.size > maxBytes) {
    throw new WatchlineError("body_too_large", {
      message: `${stat.size} bytes are more than the limit of ${maxBytes}.`,
    })
  }
  const bytes = new Uint8Array(stat.size)
  let length = 0
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length)
    if (bytesRead === 0) return bytes.slice(0, length)
    length += bytesRead
  }
  return bytes
}
