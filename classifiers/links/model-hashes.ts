import type { FoundArtefact } from "./found-artefact.ts"

/** Words that say whose hash it is. A bare hexadecimal number is a commit, a container image or a download's checksum. */
const label =
  /(?<![\w])(?:(?:model|checkpoint|ckpt|lora|vae|ti|embedding|safetensors)s?[ _-]{0,2}(?:file )?(?:hash(?:es)?|sha-?256)|autov[123]|hash(?:es)? of (?:the |this )?(?:model|checkpoint|lora)|sha-?256 of (?:the |this )?(?:model|checkpoint|lora)(?: file)?)(?![\w])/gi
const value =
  /["'`]?\s{0,3}(?:\((?:autov[123]|sha-?256)\)|is|autov[123]|sha-?256)?\s{0,3}[:=]?\s{0,3}["'`]?(?:0x)?([0-9a-f]{8,64})(?![\w])/iy
/** The values of `Lora hashes: "name: hash, name: hash"` in generation metadata. */
const listed = /\s{0,3}[:=]\s{0,3}"([^"\n]{1,4000})"/iy
const names: Readonly<Record<number, string>> = { 8: "autov1", 10: "autov2", 12: "autov3", 64: "sha256" }

/** Hashes of model files, as interfaces print them: 8 (AutoV1), 10 (AutoV2), 12 (AutoV3) or 64 digits (SHA-256), with their label. */
export function findModelHashes(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  for (const match of text.matchAll(label)) {
    const after = match.index + match[0].length
    value.lastIndex = after
    const single = value.exec(text)
    if (single) push(found, single[1]!, value.lastIndex - single[1]!.length)
    listed.lastIndex = after
    const list = single ? undefined : listed.exec(text)?.[1]
    if (!list) continue
    const from = listed.lastIndex - 1 - list.length
    for (const one of list.matchAll(/: ?([0-9a-f]{8,64})(?=,|$)/gi)) {
      push(found, one[1]!, from + one.index + one[0].length - one[1]!.length)
    }
  }
  return found
}

function push(found: FoundArtefact[], digits: string, start: number): void {
  const name = names[digits.length]
  if (name)
    found.push({
      id: `${name}:${digits.toLowerCase()}`,
      platform: "hash",
      kind: "hash",
      start,
      end: start + digits.length,
    })
}
