/** What the head of a file of weights says about it: claims of whoever wrote it. */
export interface WeightsHeader {
  readonly format: "safetensors" | "gguf"
  readonly tensors: number
  readonly kind?: string
  readonly name?: string
  readonly baseModel?: string
  readonly baseModelName?: string
  readonly baseModelHash?: string
  readonly claimedHash?: string
  /** The same in all files of one training. */
  readonly trainingSession?: string
  readonly trainingImages?: number
  readonly trainedFrom?: string
  readonly trainedUntil?: string
}

/** A short value without control characters, and without the folders of somebody's machine. */
export function cleaned(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined
  const text = value
    .slice(0, 1000)
    .replace(/[\p{Cc}\p{Cs}]/gu, " ")
    .trim()
  const last = /^(?:[a-z]:)?[\\/]/i.test(text) ? text.slice(text.search(/[^\\/]*$/)) : text
  return last === "" || last === "None" ? undefined : last.slice(0, 200)
}
