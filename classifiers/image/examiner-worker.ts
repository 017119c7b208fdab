import type { ExaminedAttachment } from "../../src/model/attachment.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import { examineAttachment } from "../characters/examine-attachment.ts"
import { examine } from "./examine.ts"
import type { DecodeLimits } from "./examiner-limits.ts"
import type { PixelModel } from "./pixel/open-model.ts"

export interface ExaminerTask {
  readonly of: "picture" | "attachment"
  /** Moved here from the caller's thread. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly limits: DecodeLimits
  readonly promptKey: Uint8Array | undefined
  /** Manifests of the models that look at pixels. */
  readonly models: readonly string[]
}

/** What runs in a worker of the examiner pool. */
export default async function run(task: ExaminerTask): Promise<Examination | ExaminedAttachment> {
  const { bytes, limits, promptKey, models } = task
  if (task.of === "attachment") return examineAttachment(bytes)
  return examine(bytes, limits, promptKey, models.length > 0 ? await opened(models) : [])
}

let open: Promise<PixelModel[]> | undefined

/** Once for the life of a worker; the runtime is loaded only where a model wants it. */
function opened(manifests: readonly string[]): Promise<PixelModel[]> {
  open ??= import("./pixel/open-model.ts").then(({ openPixelModels }) => openPixelModels(manifests))
  return open
}
