import { characterRuns, hexadecimalSet, matchesOf } from "./character-runs.ts"
import { modelWords, softwareWords } from "./context-words.ts"
import type { FoundArtefact } from "./found-artefact.ts"

const digits =
  /["'`*]{0,3}\s{0,3}(?:(?:of|for) (?:(?:the|this|my|its|that) )?[\w.-]{1,80}(?: file)?\s{0,2})?(?:\((?:autov[123]|sha-?256)\)|is|are|autov[123]|sha-?256)?\s{0,3}[:=]{0,2}>?\s{0,3}["'`*]{0,3}(?:0x)?([0-9a-f]{8,64})(?![\w])/iy
/** Words that say whose hash it is. A bare hexadecimal number is a commit, a container image or a download's checksum. */
const label =
  /(?<![\w])(?:(?:(?:base |refiner )?model|checkpoint|ckpt|lora|lycoris|vae|ti|embedding|hypernet(?:work)?|controlnet|safetensors|civitai)s?(?:['’]s)?[ _-]{0,2}(?:file )?(?:hash(?:es)?|sha-?256|checksum)|(?:ss|sshs)_(?:new_)?(?:sd_)?(?:model|vae|legacy)_hash|modelspec\.hash_sha256|autov[123](?: hash)?|hash(?:es)? of (?:the |this |my )?(?:\w+ )?(?:model|checkpoint|lora|embedding|vae)|sha-?256 of (?:the |this )?(?:model|checkpoint|lora)(?: file)?)(?![\w])/gi
/** Names of algorithms alone: the words around them have to speak of a model. */
const algorithm = /(?<![\w@])(sha-?256(?:sum)?|blake-?3|b3sum|crc-?32|hash|checksum)(?![\w])/gi
/** A line of `sha256sum`: the digest, then the name of a model's file. */
const sumLine =
  /(?<![0-9a-z])([0-9a-f]{64})\s{1,3}\*?(?:\S{0,200}\/)?\S{1,160}\.(?:safetensors|ckpt|gguf|pth?|sft)(?!\w)/gi
/** A checkpoint's title in web interfaces: `name.safetensors [a5f58eb1c3]`. */
const titled = /\.(?:safetensors|ckpt) \[([0-9a-f]{10}|[0-9a-f]{8})\]/gi
/** The values of `Lora hashes: "name: hash, name: hash"` in generation metadata. */
const listed = /\s{0,3}[:=]\s{0,3}"([^"\n]{1,4000})"/iy
/** `Hashes: {"model": "…", "lora:name": "…"}` of the same metadata. */
const hashTable = /(?<![\w])"?Hashes"?\s{0,3}:\s{0,3}\{([^{}]{1,4000})\}/gi
const tableRow = /"(?:(lora|embed|hypernet|vae|model)(?::([^"]{1,120}))?)"\s{0,3}:\s{0,3}"([0-9a-f]{8,64})"/gi
/** The checkpoint's name beside its hash. */
const modelName = /^,?\s{0,3}Model:\s{0,3}([^,\n]{2,100})/i
const modelNameBefore = /(?<![\w])Model:\s{0,3}([^,\n]{2,100}),\s{0,3}$/i

/** Numbers that are looked at after a label, per text: bounds the work on hostile input. */
const labelLimit = 5_000
const contextRadius = 110

const plainNames: Readonly<Record<number, string>> = { 8: "autov1", 10: "autov2", 12: "autov3", 64: "sha256" }

/**
 * Hashes of model files, as interfaces print them: 8 (AutoV1), 10 (AutoV2), 12 (AutoV3) or 64 digits (SHA-256), BLAKE3 and CRC32 where they
 * are called so; with a label that says that they are a model's.
 */
export function findModelHashes(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  if (!hasHash(text)) return found
  let looked = 0
  for (const match of matchesOf(label, text)) {
    if (++looked > labelLimit) break
    const after = match.index + match[0].length
    const single = digitsAt(text, after)
    const called = text.slice(Math.max(0, match.index - 8), after)
    if (single) found.push(...hash(nameOf(called, single.value), single, nameBeside(text, match.index, single.end)))
    else found.push(...listAt(text, after))
  }
  for (const match of matchesOf(algorithm, text)) {
    if (++looked > labelLimit) break
    const single = digitsAt(text, match.index + match[0].length)
    if (single && isModels(text, match.index, single)) found.push(...hash(nameOf(match[0], single.value), single))
  }
  for (const match of matchesOf(sumLine, text)) {
    found.push(...hash("sha256", { value: match[1]!, start: match.index, end: match.index + 64 }))
  }
  for (const match of matchesOf(titled, text)) {
    const end = match.index + match[0].length - 1
    found.push(...hash(plainNames[match[1]!.length], { value: match[1]!, start: end - match[1]!.length, end }))
  }
  for (const match of matchesOf(hashTable, text)) {
    const from = match.index + match[0].length - 1 - match[1]!.length
    for (const row of matchesOf(tableRow, match[1]!)) {
      const end = from + row.index + row[0].length - 1
      const place = { value: row[3]!, start: end - row[3]!.length, end }
      const kind = row[1]!.toLowerCase()
      found.push(
        ...hash(
          plainNames[row[3]!.length],
          place,
          row[2] ? `${kind === "embed" ? "embedding" : kind}:${row[2].toLowerCase()}` : undefined,
        ),
      )
    }
  }
  return found
}

/** A stretch of eight or more hexadecimal digits, one of them no letter. */
function hasHash(text: string): boolean {
  for (const [start, end] of characterRuns(text, hexadecimalSet, 8))
    if (/\d/.test(text.slice(start, Math.min(end, start + 64)))) return true
  return false
}

interface Digits {
  readonly value: string
  readonly start: number
  readonly end: number
}

function digitsAt(text: string, at: number): Digits | undefined {
  digits.lastIndex = at
  const value = digits.exec(text)?.[1]
  return value === undefined ? undefined : { value, start: digits.lastIndex - value.length, end: digits.lastIndex }
}

/** Canonical prefix of a hash, from what it is called and how long it is. */
function nameOf(called: string, value: string): string | undefined {
  if (/blake|b3/i.test(called)) return value.length === 64 ? "blake3" : undefined
  if (/crc/i.test(called)) return value.length === 8 ? "crc32" : undefined
  return plainNames[value.length]
}

function hash(name: string | undefined, { value, start, end }: Digits, alias?: string): FoundArtefact[] {
  if (name === undefined || !/\d/.test(value)) return []
  const id = `${name}:${value.toLowerCase()}`
  return [{ id, platform: "hash", kind: "hash", ...(alias ? { aliases: [alias.toWellFormed()] } : {}), start, end }]
}

/** `Model: name` right after or before `Model hash: …` is the same model's name. */
function nameBeside(text: string, start: number, end: number): string | undefined {
  const name =
    modelName.exec(text.slice(end, end + 130))?.[1] ??
    modelNameBefore.exec(text.slice(Math.max(0, start - 130), start))?.[1]
  return name ? `checkpoint:${name.trim().toLowerCase()}` : undefined
}

function listAt(text: string, at: number): FoundArtefact[] {
  listed.lastIndex = at
  const list = listed.exec(text)?.[1]
  if (!list) return []
  const from = listed.lastIndex - 1 - list.length
  const found: FoundArtefact[] = []
  for (const one of matchesOf(/([^:,]{1,120}): ?([0-9a-f]{8,64})(?=,|$)/gi, list)) {
    const end = from + one.index + one[0].length
    const place = { value: one[2]!, start: end - one[2]!.length, end }
    found.push(...hash(plainNames[one[2]!.length], place, `lora:${one[1]!.trim().toLowerCase()}`))
  }
  return found
}

function isModels(text: string, label: number, digits: Digits): boolean {
  const words =
    text.slice(Math.max(0, label - contextRadius), digits.start) + text.slice(digits.end, digits.end + contextRadius)
  return modelWords.test(words) && !softwareWords.test(words)
}
