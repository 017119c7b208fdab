import type { Signal, Strength } from "../../../src/model/fingerprint.ts"
import type { Metadata } from "../container/metadata.ts"

/**
 * Recognises one family of generators by the structure of what it writes. Every reader has the same shape: pure, never throws for
 * hostile metadata, one trace per place. A caption that quotes parameters or names a generator is no trace.
 */
export interface ProvenanceReader {
  readonly family: string
  read(metadata: Metadata): Trace[]
}

/** What a reader found. The prompt stays inside the examiner: `signalsOf` (prompt-digest.ts) leaves its length and keyed digest. */
export interface Trace {
  readonly signal: Signal
  readonly prompt?: string | undefined
}

interface Details {
  readonly generator?: string | undefined
  readonly model?: string | undefined
  readonly modelHash?: string | undefined
  readonly modelHubId?: string | undefined
  readonly baseModel?: string | undefined
  readonly loras?: readonly Lora[] | undefined
  readonly extent?: Signal["extent"]
  readonly prompt?: string | undefined
}

export interface Lora {
  readonly name: string
  readonly hash?: string | undefined
  readonly hubId?: string | undefined
}

/** A signal with its details cleaned and cut to what the record allows. */
export function traceOf(family: string, strength: Strength, carrier: string, details: Details = {}): Trace {
  const signal: Signal = { family, strength, carrier: carrier.slice(0, 100) }
  const generator = nameOf(details.generator)?.slice(0, 200)
  const model = modelNameOf(details.model)
  const modelHash = hashOf(details.modelHash)
  const modelHubId = hubIdOf(details.modelHubId)
  const baseModel = nameOf(details.baseModel)?.slice(0, 100)
  const loras = lorasOf(details.loras ?? [])
  if (generator) signal.generator = generator
  if (model) signal.model = model
  if (modelHash) signal.modelHash = modelHash
  if (modelHubId) signal.modelHubId = modelHubId
  if (baseModel) signal.baseModel = baseModel
  if (loras.length > 0) signal.loras = loras
  if (details.extent) signal.extent = details.extent
  return { signal, prompt: details.prompt }
}

/** One entry a name: what names it first, with what others add. */
function lorasOf(loras: readonly Lora[]): NonNullable<Signal["loras"]> {
  const byName = new Map<string, NonNullable<Signal["loras"]>[number]>()
  for (const lora of loras) {
    const name = modelNameOf(lora.name)
    if (!name || (byName.size >= 100 && !byName.has(name))) continue
    const hash = byName.get(name)?.hash ?? hashOf(lora.hash)
    const hubId = byName.get(name)?.hubId ?? hubIdOf(lora.hubId)
    byName.set(name, { name, ...(hash ? { hash } : {}), ...(hubId ? { hubId } : {}) })
  }
  return [...byName.values()]
}

/** Name of a model file without its folders: paths of a machine say more than they should. */
function modelNameOf(value: string | undefined): string | undefined {
  return nameOf(value?.slice(-1000).split(/[\\/]/).at(-1))?.slice(0, 300)
}

function nameOf(value: string | undefined): string | undefined {
  const cleaned = value
    ?.slice(0, 1000)
    .replace(/[\p{Cc}\p{Cs}]/gu, " ")
    .trim()
  return cleaned || undefined
}

function hashOf(value: string | undefined): string | undefined {
  const cleaned = value?.trim().replace(/^0x/, "")
  return cleaned && /^[0-9A-Za-z:_-]{4,128}$/.test(cleaned) ? cleaned : undefined
}

function hubIdOf(value: string | undefined): string | undefined {
  return value && /^[a-z]{2,20}:[\w:@-]{1,38}$/.test(value) ? value : undefined
}
