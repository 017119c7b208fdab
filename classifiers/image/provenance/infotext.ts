import { pairsOf } from "./infotext-pairs.ts"
import { arrayOf, jsonObject, objectOf, stringOf } from "./lenient-json.ts"
import type { Lora } from "./reader.ts"

/** A parameter block as AUTOMATIC1111's web UI and its relatives write it: prompt lines, then one line of `Key: value` pairs. */
export interface Infotext {
  readonly fields: ReadonlyMap<string, string>
  /** Names from `<lora:name:weight>` marks in the prompt, from the hash fields, and from Civitai's list. */
  readonly loras: readonly Lora[]
  /** What was asked for: the lines before the negative prompt. */
  readonly prompt: string
}

/**
 * Reads a parameter block, or undefined if the text is none. The last line (but for "Template" lines) has to be one of pairs from its
 * first character on, with values that have the form of what they claim to be, so that prose around quoted parameters is not taken for a
 * block.
 */
export function readInfotext(text: string): Infotext | undefined {
  const lines = text
    .slice(-(256 << 10))
    .trimEnd()
    .split(/\r?\n/)
  for (let back = 1; back <= Math.min(lines.length, 20); back++) {
    const line = lines[lines.length - back]!.trim()
    if (isPairLine(line)) {
      const fields = pairsOf(line)
      return fields && isComplete(fields) ? infotextOf(lines.slice(0, -back), fields) : undefined
    }
    if (back > 1 || !/^(?:Negative )?Template: /.test(line)) {
      // Templates may run over several lines; anything else after the pairs means that they are quoted.
      if (!lines.slice(-20).some((later) => /^(?:Negative )?Template: /.test(later))) return undefined
    }
  }
  return undefined
}

/**
 * A block whose line breaks a later tool turned into spaces. Only for places that nothing but generators write, because it looks like
 * parameters quoted in a sentence.
 */
export function readFlatInfotext(text: string): Infotext | undefined {
  const flat = text
    .slice(-(256 << 10))
    .replace(/\s+/g, " ")
    .trim()
  const from = flat.lastIndexOf(" Steps: ")
  const fields = from < 0 ? undefined : pairsOf(flat.slice(from + 1))
  if (!fields || !isComplete(fields) || fields.size < 5) return undefined
  return infotextOf(flat.slice(0, from).split(/ (?=Negative prompt: )/), fields)
}

/** Most writers begin with the steps; some forks sort their keys. Then three well-known keys have to come first. */
function isPairLine(line: string): boolean {
  if (/^Steps: (?:\d{1,6}|undefined|None)?\s{0,3}(?:,|$)/.test(line)) return true
  const start = line.slice(0, 400).split(", ", 3)
  return start.length === 3 && start.every((pair) => knownKey.test(pair)) && /(?:^|, )(?:Steps|Seed): \d/.test(line)
}

const knownKey =
  /^(?:Steps|Sampler|Schedule type|Scheduler|CFG scale|Distilled CFG Scale|Guidance|Guidance scale|Seed|Size|Model|Model hash|App|Version|Pipeline|Backend|VAE|Clip skip): /

/** Forms of the fields that a true line has; two of them, or one beside a sampler or a model's name, are enough. */
const forms: Readonly<Record<string, RegExp>> = {
  Seed: /^-?\d{1,20}$/,
  Size: /^\d{2,5} ?x ?\d{2,5}$/,
  "CFG scale": /^-?(?:\d{1,6}(?:\.\d{0,12})?|inf|nan)$/,
  "Guidance scale": /^\d{1,6}(?:\.\d{0,12})?$/,
  Guidance: /^\d{1,6}(?:\.\d{0,12})?$/,
  "Distilled CFG Scale": /^\d{1,6}(?:\.\d{0,12})?$/,
  "Model hash": /^[0-9a-f]{8,64}$/i,
  App: /^SD\.Next$/,
}
const names = ["Sampler", "Schedule type", "Scheduler", "Model", "Pipeline", "Version", "Civitai resources"]

function isComplete(fields: ReadonlyMap<string, string>): boolean {
  const seed = fields.get("Seed")
  const scale = fields.get("CFG scale")
  if (seed !== undefined && !/^(?:-?\d{1,20}|undefined|None)?$/.test(seed)) return false
  if (scale && !/^(?:-?(?:\d{1,6}(?:\.\d{0,12})?|inf|nan)|undefined|None)$/.test(scale)) return false
  const formed = Object.entries(forms).filter(([key, form]) => form.test(fields.get(key) ?? "")).length
  return fields.size >= 3 && (formed >= 2 || (formed === 1 && names.some((key) => fields.has(key))))
}

function infotextOf(before: readonly string[], fields: ReadonlyMap<string, string>): Infotext {
  const negative = before.findIndex((line) => line.startsWith("Negative prompt:"))
  const prompt = (negative < 0 ? before : before.slice(0, negative)).join("\n")
  return { fields, loras: lorasOf(prompt, fields), prompt }
}

/** What a block says about the model that was used. */
export function modelOf({ fields, loras, prompt }: Infotext) {
  const checkpoint = civitaiResources(fields).find(({ type }) => /^checkpoint$/i.test(type))
  return {
    model: named(fields.get("Model")) ?? checkpoint?.name,
    modelHash: fields.get("Model hash") || jsonString(fields.get("Hashes"), "model"),
    modelHubId: checkpoint?.hubId,
    loras,
    prompt,
  }
}

function named(value: string | undefined): string | undefined {
  return value && !/^(?:None|undefined|null)$/.test(value) ? value : undefined
}

function jsonString(json: string | undefined, key: string): string | undefined {
  return stringOf(jsonObject(json ?? "")?.[key])
}

interface Resource extends Lora {
  readonly type: string
}

/** Civitai's generator appends what it used: type, names, and the version's number on the hub. */
function civitaiResources(fields: ReadonlyMap<string, string>): Resource[] {
  const list = fields.get("Civitai resources")
  const parsed = list?.startsWith("[") ? jsonObject(`{"list":${list}}`)?.list : undefined
  return arrayOf(parsed)
    .slice(0, 100)
    .flatMap((entry) => {
      const resource = objectOf(entry)
      const id = resource?.modelVersionId ?? /@(\d{1,12})$/.exec(stringOf(resource?.air) ?? "")?.[1]
      const name = stringOf(resource?.modelName) ?? stringOf(resource?.name)
      const hubId = /^\d{1,12}$/.test(String(id)) ? `civitai:version:${id}` : undefined
      if (!resource || (!name && !hubId)) return []
      const hash = stringOf(resource.hash)
      return [{ type: stringOf(resource.type) ?? "", name: name ?? hubId!, hash, hubId }]
    })
}

function lorasOf(prompt: string, fields: ReadonlyMap<string, string>): Lora[] {
  const loras: Lora[] = []
  for (const pair of (fields.get("Lora hashes") ?? "").split(",")) {
    const colon = pair.indexOf(":")
    // Fooocus puts the weight behind the hash.
    if (colon > 0)
      loras.push({
        name: pair.slice(0, colon).trim(),
        hash: pair
          .slice(colon + 1)
          .split(":")[0]!
          .trim(),
      })
  }
  for (const [key, hash] of Object.entries(jsonObject(fields.get("Hashes") ?? "") ?? {})) {
    if (/^lora:/i.test(key)) loras.push({ name: key.slice(5), hash: stringOf(hash) })
  }
  for (const resource of civitaiResources(fields))
    if (/^(?:lora|lycoris|locon|dora)$/i.test(resource.type)) loras.push(resource)
  // The negative prompt names what is to be absent; marks stand in the positive one.
  for (const [, name] of prompt.matchAll(/<(?:lora|lyco|lycoris):([^:<>\n]{1,200})/g)) loras.push({ name: name! })
  return loras
}
