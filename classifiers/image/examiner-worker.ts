import type { Examination } from "../../src/model/fingerprint.ts"
import { examine } from "./examine.ts"
import type { DecodeLimits } from "./examiner-limits.ts"

export interface ExaminerTask {
  /** Moved here from the caller's thread. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly limits: DecodeLimits
  readonly promptKey: Uint8Array | undefined
}

/** What runs in a worker of the examiner pool. */
export default function run({ bytes, limits, promptKey }: ExaminerTask): Promise<Examination> {
  return examine(bytes, limits, promptKey)
}
