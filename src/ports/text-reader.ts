/** A reference to a generative model or a file that may be one. */
export interface ArtefactMention {
  /**
   * Canonical id, `platform:kind:id`: `civitai:model:123@456`, `huggingface:repo:owner/name`, `file:name.safetensors`, `lora:name`,
   * `autov2:a5f58eb1c3`. An AIR URN maps to the id that a link to the same thing has: a link reveals neither ecosystem nor type.
   */
  readonly id: string
  readonly platform: string
  readonly kind: string
  /** Other ids of the same thing that the reference itself gives away: the file behind a repository's address, a magnet's name. */
  readonly aliases?: readonly string[]
  /** What the reference says the model was made for, as it says it: "sdxl". */
  readonly baseModel?: string
  /** How it was hidden, where it was: "hxxp", "dot", several joined by "+". */
  readonly disguise?: string
  /** Each disguise that was undone, with its place in the text as it was written. */
  readonly undone?: readonly { readonly disguise: string; readonly span: readonly [number, number] }[]
  /** Start and end in the text, in UTF-16 units; [0, 0] where only a link target names it. */
  readonly span: readonly [number, number]
}

export interface CharacterMention {
  readonly platform: string
  readonly disguise?: string
  readonly span: readonly [number, number]
}

/** A text scored at or above this is called a guide. */
export const guideThreshold = 0.5

/** How likely a text is a how-to, and why. */
export interface GuideReading {
  /** 0 to 1. */
  readonly score: number
  /** The model's version and how its scores were calibrated. */
  readonly calibration: string
  /** Parts of the sum behind the score, largest first; `term:ID` is a term of the organisation's list. Never words of the text. */
  readonly reasons: readonly { readonly name: string; readonly weight: number }[]
  /** Where it is called a guide: places in the text as it was written, in UTF-16 units, and what each speaks for. */
  readonly spans?: readonly { readonly name: string; readonly span: readonly [number, number] }[]
  /** ISO 639-1, else 639-3; of guides in a workspace. */
  readonly language?: string
  /** By which its copies are recognised; 64 hexadecimal digits that tell nothing without the workspace's key. */
  readonly sketch?: string
}

export interface Reading {
  readonly artefacts: readonly ArtefactMention[]
  readonly characters: readonly CharacterMention[]
  readonly guide: GuideReading
}

/** Finds model links, character platforms and how-to structure in a post. Pure; linear in the length of the text. */
export interface TextReader {
  /** Name and version, the producer of its findings. */
  readonly version: string
  read(text: string, links: readonly string[]): Reading
}
