import type { ExaminedAttachment } from "../model/attachment.ts"
import type { Examination } from "../model/fingerprint.ts"

/** How busy an examiner is: pictures in hand, pictures that wait, and how many it may have in hand. */
export interface ExaminerLoad {
  readonly busy: number
  readonly waiting: number
  readonly workers: number
}

/**
 * Takes an image's bytes to what may be kept of it.
 *
 * - `examine` takes ownership of `bytes`: they are moved to a worker, overwritten when it has finished, and must not be used again.
 * - It always resolves for bytes that could be hashed; what could not be read is said in `error`. A worker that dies or exceeds its time
 *   is replaced; then it rejects with `examiner_crashed` or `examiner_timeout`.
 */
export interface ImageExaminer {
  /** Name and version, part of every fingerprint's identity. */
  readonly version: string
  examine(bytes: Uint8Array<ArrayBuffer>): Promise<Examination>
  /** The same for an attached file that is no picture. */
  examineAttachment(bytes: Uint8Array<ArrayBuffer>): Promise<ExaminedAttachment>
  load(): ExaminerLoad
  close(): Promise<void>
}
