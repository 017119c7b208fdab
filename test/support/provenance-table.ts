import type { ImageFormat } from "../../classifiers/image/container/format.ts"
import type { Signal } from "../../src/model/fingerprint.ts"
import { provenanceVectors } from "./provenance-vectors.ts"

export const containers = ["png", "jpeg", "webp", "tiff", "gif", "avif", "heic", "jxl"] as const satisfies ImageFormat[]
type Container = (typeof containers)[number]

/** Families that live in pixels: their vectors are made by the tests of their readers, which decode them. */
const inPixels = ["stealth", "invisible-watermark"]

export const families = [...new Set([...provenanceVectors.map(({ family }) => family), ...inPixels])].sort()

/** Where a family cannot stand, and why. */
const notApplicable: readonly { because: string; families: readonly string[]; formats: readonly Container[] }[] = [
  {
    because: "GIF has no EXIF",
    families: ["openai", "xai", "novelai", "imaginairy", "black-forest-labs", "character-card"],
    formats: ["gif"],
  },
  {
    because: "written as texts of a PNG only",
    families: ["hf-job", "stability-matrix"],
    formats: ["jpeg", "webp", "tiff", "gif", "avif", "heic", "jxl"],
  },
  {
    because: "lowest bits survive only where pixels are stored without loss, and its writers make PNG and WebP",
    families: inPixels,
    formats: ["jpeg", "tiff", "gif", "avif", "heic", "jxl"],
  },
  {
    because: "the editor's block stands behind JPEG and PNG",
    families: ["samsung"],
    formats: ["webp", "tiff", "gif", "avif", "heic", "jxl"],
  },
]

/** Why a cell is empty; undefined where a vector is due. */
export function whyEmpty(family: string, format: Container): string | undefined {
  return notApplicable.find((rule) => rule.families.includes(family) && rule.formats.includes(format))?.because
}

export function hasVector(family: string, format: Container): boolean {
  if (inPixels.includes(family)) return format === "png" || format === "webp"
  return provenanceVectors.some((vector) => vector.family === family && vector.format === format)
}

/** Families of one examination as the table's rows name them. */
export function rowsOf(signals: readonly Signal[]): Set<string> {
  return new Set(signals.map(({ family, carrier }) => (carrier?.startsWith("pixels:stealth") ? "stealth" : family)))
}
