import type { Examination } from "../../src/model/fingerprint.ts"
import { examine } from "./examine.ts"
import type { DecodeLimits } from "./examiner-limits.ts"
import type { PixelModel } from "./pixel/open-model.ts"

export interface ExaminerTask {
  /** Moved here from the caller's thread. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly limits: DecodeLimits
  readonly promptKey: Uint8Array | undefined
  /** Manifests of the models that look at pixels. */
  readonly models: readonly string[]
}

/** What runs in a worker of the examiner pool. */
export default async function run({ bytes, limits, promptKey, models }: ExaminerTask): Promise<Examination> {
  return examine(bytes, limits, promptKey, models.length > 0 ? await opened(models) : [])
}

let open: Promise<PixelModel[]> | undefined

/** Once for the life of a worker; the runtime is loaded only where a model wants it. */
function opened(manifests: readonly string[]): Promise<PixelModel[]> {
  open ??= import("./pixel/open-model.ts").then(({ openPixelModels }) => openPixelModels(manifests))
  return open
}
