import { hasAny, labelEnd, matchesOf } from "./character-runs.ts"
import type { FoundArtefact } from "./found-artefact.ts"

const kinds =
  "checkpoint|lora|lycoris|locon|dora|embedding|hypernet|vae|controlnet|upscaler|motion|unet|diffusionmodel|textencoder|model"
const sources =
  "civitai|civitai-r2|huggingface|orchestrator|tensorart|seaart|modelscope|liblib|shakker|openmodeldb|pixai"
const sourceNames: ReadonlySet<string> = new Set(sources.split("|"))
const air = new RegExp(
  `(?<![\\w:])(?:urn:)?(?:air:)?([a-z0-9]{1,20}):(${kinds}):(${sources}):([\\w-]{1,96}(?:\\/[\\w.-]{1,96})?)(?:@([\\w-]{1,80}))?(?:\\+\\d{1,20})?(?:\\.[a-z]{2,12})?`,
  "gi",
)

/**
 * AIR URNs, `urn:air:{ecosystem}:{type}:{source}:{id}[@{version}]` (civitai developer documentation, "AIR"), prefixes optional. The id is the
 * one that a link to the same thing has, so that both join; the type says the kind, which a link cannot.
 */
export function findAirNames(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  if (!namesSource(text)) return found
  for (const match of matchesOf(air, text)) {
    const [whole, ecosystem, type, source, id, version] = match
    const place = { start: match.index, end: match.index + whole.length }
    const kind = type!.toLowerCase()
    const platform = source!.toLowerCase()
    const noun = platform === "huggingface" || platform === "modelscope" ? "repo" : "model"
    // A repository's version is a revision, which its links do not carry either.
    const suffix = version && noun === "model" ? `@${version}` : ""
    const baseModel = ecosystem!.toLowerCase()
    found.push({ id: `${platform}:${noun}:${id}${suffix}`.toLowerCase(), platform, kind, baseModel, ...place })
  }
  return found
}

/** Whether a source stands between two colons: a cheap look before the pattern. */
function namesSource(text: string): boolean {
  for (let colon = text.indexOf(":"); colon >= 0; colon = text.indexOf(":", colon + 1)) {
    const end = labelEnd(text, colon + 1)
    if (text[end] === ":" && sourceNames.has(text.slice(colon + 1, end).toLowerCase())) return true
  }
  return false
}

const hubScheme =
  /hf:\/\/(?:models\/)?(?!(?:datasets|spaces|buckets)\/)([\w.-]{1,96}\/[\w.-]{1,96})(?:@[\w.-]{1,80})?(?:\/[\w./-]{0,300})?/gi

/** `hf://owner/repo[@revision][/path]` (huggingface_hub's file system paths), data sets and spaces left out. */
export function findHubPaths(text: string): FoundArtefact[] {
  if (!hasAny(text, ["hf://", "HF://"])) return []
  return Array.from(matchesOf(hubScheme, text), (match) => ({
    id: `huggingface:repo:${match[1]!.replace(/\.+$/, "").toLowerCase()}`,
    platform: "huggingface",
    kind: "model",
    start: match.index,
    end: match.index + match[0].length,
  }))
}

const promptTag =
  /<\s?(lora|lyco|lycoris|locon|hypernet|embed|embedding|ti)\s?:\s?([^<>:\n]{1,120})(?::[^<>\n]{0,60})?>/gi
const embeddingTag = /(?<![\w:/<])embedding:([\p{L}\p{N}_][\p{L}\p{N}_.-]{1,80})/gu
const tagKinds: Readonly<Record<string, string>> = {
  lora: "lora",
  lyco: "lycoris",
  lycoris: "lycoris",
  locon: "lycoris",
  embed: "embedding",
  embedding: "embedding",
  ti: "embedding",
  hypernet: "hypernet",
}

/** What prompts of the common interfaces name: `<lora:name:0.8>` and `embedding:name`. Names are file names, compared without case. */
export function findPromptTags(text: string): FoundArtefact[] {
  const found: FoundArtefact[] = []
  for (const match of text.includes("<") ? matchesOf(promptTag, text) : []) {
    const name = canonicalName(match[2]!)
    if (placeholder.test(name)) continue
    const kind = tagKinds[match[1]!.toLowerCase()]!
    found.push({
      id: `${kind}:${name}`,
      platform: "prompt",
      kind,
      start: match.index,
      end: match.index + match[0].length,
    })
  }
  for (const match of text.includes("embedding:") ? matchesOf(embeddingTag, text) : []) {
    const name = canonicalName(match[1]!.replace(/\.+$/, ""))
    if (placeholder.test(name)) continue
    const end = match.index + "embedding:".length + match[1]!.length
    found.push({ id: `embedding:${name}`, platform: "prompt", kind: "embedding", start: match.index, end })
  }
  return found
}

/** What documentation writes where a name goes. */
const placeholder =
  /^(?:name|filename|file_name|your[ _-]?\w*|my[ _-]?lora|lora_?name|embedding_?name|x+|\.+|model_?name)$/

function canonicalName(name: string): string {
  const file = name.trim().slice(name.trim().search(/[^/\\]*$/))
  return file
    .replace(/\.(?:safetensors|ckpt|pt|bin)$/i, "")
    .toLowerCase()
    .toWellFormed()
}
