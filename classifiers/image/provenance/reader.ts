import type { Signal, Strength } from "../../../src/model/fingerprint.ts"
import type { Metadata } from "../container/metadata.ts"

/**
 * Recognises one family of generators by the structure of what it writes. Every reader has the same shape: pure, never throws for
 * hostile metadata, one signal per trace. A caption that quotes parameters or names a generator is no trace.
 *
 * Prompts never leave a reader: only names and hashes of generators, models and LoRAs do.
 */
export interface ProvenanceReader {
  readonly family: string
  read(metadata: Metadata): Signal[]
}

interface Details {
  readonly generator?: string | undefined
  readonly model?: string | undefined
  readonly modelHash?: string | undefined
  readonly loras?: readonly Lora[] | undefined
}

export interface Lora {
  readonly name: string
  readonly hash?: string | undefined
}

/** A signal with its details cleaned and cut to what the record allows. */
export function signalOf(family: string, strength: Strength, carrier: string, details: Details = {}): Signal {
  const signal: Signal = { family, strength, carrier: carrier.slice(0, 100) }
  const generator = nameOf(details.generator)?.slice(0, 200)
  const model = modelNameOf(details.model)
  const modelHash = hashOf(details.modelHash)
  const loras = lorasOf(details.loras ?? [])
  if (generator) signal.generator = generator
  if (model) signal.model = model
  if (modelHash) signal.modelHash = modelHash
  if (loras.length > 0) signal.loras = loras
  return signal
}

function lorasOf(loras: readonly Lora[]): NonNullable<Signal["loras"]> {
  const byName = new Map<string, string | undefined>()
  for (const lora of loras) {
    const name = modelNameOf(lora.name)
    if (!name || (byName.size >= 100 && !byName.has(name))) continue
    byName.set(name, byName.get(name) ?? hashOf(lora.hash))
  }
  return [...byName].map(([name, hash]) => (hash ? { name, hash } : { name }))
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
