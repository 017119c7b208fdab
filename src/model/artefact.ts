import type { Instant } from "./record.ts"

/** A picture whose own metadata name the artefact. */
export interface ArtefactImage {
  /** SHA-256 of the image's bytes. */
  readonly sha256: string
  /** What in the metadata says so: a hash or a hub's id identifies the model, a name only calls it. */
  readonly by: readonly ("hash" | "hub" | "name")[]
}

/** What a file of weights is called by: its name without folders and ending, in small letters. */
export function modelStem(name: string): string {
  const file = name.slice(name.search(/[^/\\]*$/))
  return file
    .replace(/\.(?:safetensors|ckpt|pth?|bin|gguf|sft)$/i, "")
    .trim()
    .toLowerCase()
}

/**
 * One model or file that may be one, with everything that is known to be the same: a page and its download address, a file and the tag that
 * prompts call it by, a hash and the name beside it. Identity: its canonical id.
 */
export interface Artefact {
  /** Of all its ids, the one that says most: a hub's page before a hash, a hash before a name. */
  readonly id: string
  readonly aliases: readonly string[]
  /** "checkpoint", "lora", "lycoris", "embedding", "controlnet", "vae", "upscaler" …; "model" or "model-file" where nothing says more. */
  readonly kind: string
  readonly platform: string
  /** The page of the model that this is a version of. */
  readonly versionOf?: string
  /** What it was made for, as a reference or a picture says. */
  readonly baseModel?: string
  /** Posts that name it, and the threads, forums and authors (pseudonyms) of those. */
  readonly posts: number
  readonly threads: number
  readonly forums: number
  readonly authors: number
  /** Posts that hide it: at least one disguise had to be undone. */
  readonly disguised: number
  /** Pictures whose metadata carry its hash or name: how many different ones, how often posted, and the first of them. */
  readonly imageCount: number
  readonly sightings: number
  readonly images: readonly ArtefactImage[]
  /** When it was named or shown first and last. */
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}
