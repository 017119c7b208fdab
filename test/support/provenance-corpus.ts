import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Signal } from "../../src/model/fingerprint.ts"

/** What a file of a corpus should yield; one entry of its `manifest.json`. */
export interface Expectation {
  readonly file: string
  readonly sha256: string
  readonly kind: "generated" | "c2pa-fixture" | "camera-or-drawn" | "unlabelled"
  /** `carrier:generator` of each signal in the bytes. */
  readonly expect: readonly string[]
  readonly grade: "full" | "partial" | null
  /** Names of the generator that count as right. */
  readonly accept: readonly string[]
}

/** Real files stay outside the repository, because of their licences and size. */
export const corpusFolder = fileURLToPath(new URL("../../../shared/data/provenance/", import.meta.url))

export function hasCorpus(folder: string): boolean {
  return existsSync(join(folder, "manifest.json"))
}

export async function readCorpus(folder: string): Promise<Expectation[]> {
  return JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as Expectation[]
}

const order = ["weak", "moderate", "strong", "conclusive"]
const rank = ({ strength }: Signal) => order.indexOf(strength)

/** What an examination gets right of what is expected. */
export interface Judgement {
  /** The strongest signal, or one as strong, names the generator. */
  readonly named: boolean
  /** Strong or conclusive for a full trace, moderate for a partial one, nothing for the rest. */
  readonly graded: boolean
}

export function judge(expected: Expectation, signals: readonly Signal[]): Judgement {
  const top = Math.max(-1, ...signals.map(rank))
  if (expected.grade === null) return { named: signals.length === 0, graded: signals.length === 0 }
  const strongest = signals.filter((signal) => rank(signal) === top)
  const named = strongest.some(({ generator, family }) => expected.accept.includes(generator ?? family))
  const graded = expected.grade === "full" ? top >= order.indexOf("strong") : top === order.indexOf("moderate")
  return { named, graded }
}
