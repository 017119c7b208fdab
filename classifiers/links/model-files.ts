import { matchesOf } from "./character-runs.ts"
import { generatorWords, otherWords } from "./context-words.ts"
import type { FoundArtefact } from "./found-artefact.ts"
import { softwareName } from "./peer-links.ts"

const extension =
  /\.(safetensors|sft|ckpt|gguf|pth?|bin|onnx|torrent)(?![a-z0-9\u00c0-\u04ff]|_[a-z0-9]|-\d|\.(?!zip|7z|rar|torrent)[a-z0-9])/giu

const modelExtension = /\.(?:safetensors|sft|ckpt|gguf|pth?|bin|onnx)$/i

/** Extensions that only model files have. */
const plain: ReadonlySet<string> = new Set(["safetensors", "gguf"])

/** Names that every repository or training run uses for its parts: they identify nothing. */
const generic =
  /^(?:my|your|the|some)[-_](?:\w{1,30}[-_])?(?:checkpoint|model|lora|weights)$|^(?:filename|lightning[-_]model)|^(?:(?:pytorch_|diffusion_pytorch_|adapter_|tf_|flax_|your_?|my_?|the_?|bert_|gpt_?|training_|whole_|full_|best_?|last_?|final_?|latest_?)?(?:model|checkpoint|ckpt|weights?|lora|embedding|state|net|network|file|name|filename|file_?name|lora_?name|model_?name|optimizer|scheduler|trainer|training_args|best|last|final|latest|output|test|x+)|pytorch_lora_weights|consolidated|epoch\d*|example|path)\d{0,6}(?:[._-](?:fp16|fp32|bf16|ema|non_ema|\d{1,6}|of))*$/i

const modelFolder =
  /(?:^|[\\/])(?:loras?|lycoris|embeddings?|checkpoints|stable-diffusion|vae|esrgan|upscale_models|hypernetworks|controlnet|models)[\\/]$/i

const nameLimit = 160
/** Names that are kept of one text: a list that is longer is a catalogue. */
const foundLimit = 5_000
const contextRadius = 90
/** Ambiguous names whose surroundings are looked at, per text: bounds the work on hostile input. */
const ambiguousLimit = 2_000

/** Names of model files. `.safetensors` and `.gguf` speak for themselves, the others need a generative model's surroundings. */
export function findModelFiles(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  let ambiguous = 0
  for (const match of matchesOf(extension, text)) {
    if (found.length >= foundLimit) break
    const name = nameBefore(text, match.index)
    if (!name || generic.test(name.stem)) continue
    const end = match.index + match[0].length
    const kind = match[1]!.toLowerCase()
    if (!plain.has(kind)) {
      if (++ambiguous > ambiguousLimit) break
      if (!/\p{L}/u.test(name.stem)) continue
      // A model's own torrent is named by the model's file.
      if (kind === "torrent" && (modelExtension.test(name.stem) || softwareName.test(name.stem))) continue
      if (!speaksOfModels(text, kind, name, end)) continue
    }
    const id = `file:${decoded(name.stem).toLowerCase()}.${kind}`
    found.push({ id, platform: "file", kind: kindOf(text, name), start: name.start, end })
  }
  return found
}

/** What kind of model a folder of the common interfaces, or a key of their workflows, says that a file is. */
const kindsByPlace: readonly (readonly [string, RegExp])[] = [
  [
    "lora",
    /(?:[\\/](?:loras?|lycoris)[\\/](?:[\w -]{1,60}[\\/])?|"lora(?:_name|_\d{1,2})?"\s{0,2}:\s{0,2}"(?:[\w -]{1,60}[\\/]{1,2})?)$/i,
  ],
  ["embedding", /[\\/]embeddings?[\\/](?:[\w -]{1,60}[\\/])?$/i],
  ["vae", /(?:[\\/]vae[\\/]|"vae_name"\s{0,2}:\s{0,2}"|\bVAE:\s{0,2})$/i],
  ["controlnet", /(?:[\\/]controlnet[\\/]|"control_net_name"\s{0,2}:\s{0,2}")$/i],
  ["upscaler", /(?:[\\/](?:esrgan|upscale_models|realesrgan)[\\/])$/i],
  ["hypernet", /[\\/]hypernetworks?[\\/]$/i],
  [
    "checkpoint",
    /(?:[\\/](?:stable-diffusion|checkpoints|diffusion_models|unet)[\\/](?:[\w -]{1,60}[\\/])?|"(?:ckpt|unet)_name"\s{0,2}:\s{0,2}")$/i,
  ],
]
const kindsByName: readonly (readonly [string, RegExp])[] = [
  ["lora", /(?:^|[^a-z])(?:lora|lycoris|locon|lokr|loha)(?:[^a-z]|$)|LoRA|Lora/],
  ["vae", /(?:^|[^a-z])vae(?:[^a-z]|$)/i],
  ["controlnet", /controlnet|(?:^|[^a-z])control_v\d/i],
  ["embedding", /(?:^|[^a-z])(?:embedding|textual_inversion)(?:[^a-z]|$)/i],
]

function kindOf(text: string, { stem, start }: FileName): string {
  const before = text.slice(Math.max(0, start - 90), start)
  const place = kindsByPlace.find(([, form]) => form.test(before)) ?? kindsByName.find(([, form]) => form.test(stem))
  return place?.[0] ?? "model-file"
}

interface FileName {
  readonly stem: string
  readonly start: number
}

function nameBefore(text: string, dot: number): FileName | undefined {
  // `(.ckpt)` is an extension, no name.
  if ("([{/\\".includes(text[dot - 1] ?? "(")) return undefined
  let start = dot
  let spelled = 0
  while (start > 0 && dot - start < nameLimit) {
    const code = text.charCodeAt(start - 1)
    // Languages without spaces run into a file name: once it has two letters of its own, it begins where they end.
    if (
      code >= 0x2e80
        ? spelled >= 2 || !isLetter(text[start - 1]!)
        : !isNameCode(code) && !(code > 127 && isLetter(text[start - 1]!))
    ) {
      break
    }
    if (isAlphanumeric(code)) spelled++
    start--
  }
  while (start < dot && "-.+~@)%".includes(text[start]!)) start++
  let stem = text.slice(start, dot)
  if (stem.startsWith("(") && !stem.includes(")")) {
    start++
    stem = stem.slice(1)
  }
  const quoted = text[start - 1] === " " ? quotedStart(text, start, dot) : undefined
  if (quoted !== undefined) {
    start = quoted
    stem = text.slice(start, dot)
  }
  return stem.length >= 2 && (/[\p{L}]/u.test(stem) || /^\d{4,}/.test(stem)) ? { stem, start } : undefined
}

const folderName =
  /[\\/](?:loras?|lycoris|embeddings?|checkpoints|stable-diffusion|vae|esrgan|upscale_models|hypernetworks|controlnet)[\\/]([^\\/\n"'`<>|:*?]{1,60})$/i

/** A name in quotes or in a model folder may hold spaces: its first letter, where the quote or the folder stands before. */
function quotedStart(text: string, start: number, dot: number): number | undefined {
  const folder = folderName.exec(text.slice(Math.max(0, start - 120), start))?.[1]
  if (folder !== undefined) return start - folder.length
  const closing = /^\.\w{2,12}(["'`”»])/.exec(text.slice(dot, dot + 16))?.[1]
  if (!closing) return undefined
  const opening = closing === "”" ? "“" : closing === "»" ? "«" : closing
  const from = Math.max(0, start - 80)
  const before = text.slice(from, start)
  const at = Math.max(before.lastIndexOf(opening), before.lastIndexOf("/"), before.lastIndexOf("\\"))
  return at < 0 || /[\n]/.test(before.slice(at)) || !before.includes(opening) ? undefined : from + at + 1
}

function isAlphanumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}

/** Letters, digits and `% ( ) + - . @ _ ~`. */
function isNameCode(code: number): boolean {
  return isAlphanumeric(code) || "%()+-.@_~".includes(String.fromCharCode(code))
}

function isLetter(character: string): boolean {
  return /[\p{L}\p{N}\p{M}]/u.test(character)
}

function speaksOfModels(text: string, kind: string, name: FileName, end: number): boolean {
  const before = text.slice(Math.max(0, name.start - contextRadius), name.start)
  const after = text.slice(end, end + contextRadius)
  if (otherWords.test(before) || otherWords.test(after)) return false
  if (modelFolder.test(before) && kind !== "bin") return true
  if (kindsByName.some(([, form]) => form.test(name.stem))) return true
  if (kind === "ckpt" && distinctive(name.stem) && !trainingRun.test(name.stem)) return true
  if (kind === "ckpt") return generatorWords.test(before) || generatorWords.test(after)
  // .pt is Portugal's domain: nothing of a web address may cling to the name, and the name has to look like a file's.
  if (/(?:\/\/|www\.|@)$/i.test(before.slice(-4)) || /^(?:www\.|.*@)/i.test(name.stem) || /^[/:]/.test(after))
    return false
  if (!generatorWords.test(before) && !generatorWords.test(after)) return false
  return distinctive(name.stem) || generatorWords.test(before.slice(-28))
}

/** A training's own files, whatever is trained. */
const trainingRun =
  /(?:^|[^a-z])(?:epochs?|steps?|iters?|global_step|val|fold|seed|run|loss|acc|bleu)[=_-]?\d|(?:^|[^a-z])(?:best|last|latest)(?:[^a-z]|$)/i

/** No host name and no plain word looks like this. */
function distinctive(stem: string): boolean {
  return /[_()+]|\d/.test(stem) || /[a-z][A-Z]/.test(stem)
}

function decoded(stem: string): string {
  if (!stem.includes("%")) return stem
  try {
    return decodeURIComponent(stem)
  } catch {
    return stem
  }
}
