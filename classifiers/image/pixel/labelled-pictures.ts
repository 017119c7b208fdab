import type { PixelModelManifest } from "../../../src/model/pixel-model.ts"
import type { ImageExaminer } from "../../../src/ports/image-examiner.ts"
import type { PixelEvidence } from "../../../src/ports/pixel-scorer.ts"
import { abstention, logitOf } from "./calibrated-scorer.ts"
import type { readPixelHead } from "./read-manifest.ts"

/** A picture whose class is known, as a model saw it. */
export interface SeenPicture {
  readonly generated: boolean
  /** Where it came from: calibration and intervals are by sources, since pictures of one source are alike. */
  readonly source: string
  readonly logit: number
  readonly evidence: PixelEvidence & { readonly bytes?: number }
  /** Its colour histogram, where it was asked for. */
  readonly colours?: Float32Array
}

export interface SeenPictures {
  readonly seen: SeenPicture[]
  /** Why the others can't be assessed, and how many. */
  readonly abstained: Map<string, number>
}

/** A file with what is known of it. `bytes` gives a copy that the examiner may overwrite. */
export interface LabelledFile {
  readonly generated: boolean
  readonly source: string
  bytes(): Promise<Uint8Array<ArrayBuffer>>
}

/** Looks at pictures one after the other; none is kept. `colours` makes their histograms too. */
export async function seePictures(
  model: ReturnType<typeof readPixelHead>,
  examiner: ImageExaminer,
  files: AsyncIterable<LabelledFile> | Iterable<LabelledFile>,
  colours?: (bytes: Uint8Array) => Promise<Float32Array>,
): Promise<SeenPictures> {
  const seen: SeenPicture[] = []
  const abstained = new Map<string, number>()
  for await (const { generated, source, bytes } of files) {
    const own = await bytes()
    const histogram = await colours?.(own).catch(() => undefined)
    const evidence = await examiner.examine(own)
    const reading = evidence.pixels?.find((r) => r.model === model.name)
    const logit = reading && logitOf(model, reading)
    const reason = evidence.error ?? reading?.failed ?? abstention(model.manifest as PixelModelManifest, evidence)
    if (reason !== undefined || logit === undefined) {
      const why = reason ?? "model_failed"
      abstained.set(why, (abstained.get(why) ?? 0) + 1)
    } else seen.push({ generated, source, logit, evidence, ...(histogram ? { colours: histogram } : {}) })
  }
  return { seen, abstained }
}
