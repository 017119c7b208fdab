import { modelStem } from "../model/artefact.ts"
import type { Signal } from "../model/fingerprint.ts"

/** An id that a picture's metadata give a model, and what it is: a hash or a hub's id identifies, a name only calls. */
export interface NamedBy {
  readonly id: string
  readonly by: "hash" | "hub" | "name"
}

/** The models that a picture's traces name, each as all its ids. */
export function modelsIn(signals: readonly Signal[]): { ids: NamedBy[]; kind: string; baseModel?: string }[] {
  return signals
    .flatMap(({ model, modelHash, modelHubId, baseModel, loras = [] }) => [
      {
        ids: idsOf("checkpoint", model, modelHash, modelHubId),
        kind: "checkpoint",
        ...(baseModel ? { baseModel } : {}),
      },
      ...loras.map(({ name, hash, hubId }) => ({ ids: idsOf("lora", name, hash, hubId), kind: "lora" })),
    ])
    .filter(({ ids }) => ids.length > 0)
}

function idsOf(kind: string, name?: string, hash?: string, hubId?: string): NamedBy[] {
  const hashId = hash === undefined ? undefined : idOfHash(hash)
  const stem = name === undefined ? "" : modelStem(name)
  return [
    ...(hubId ? [{ id: hubId, by: "hub" as const }] : []),
    ...(hashId ? [{ id: hashId, by: "hash" as const }] : []),
    ...(stem.length > 1 ? [{ id: `${kind}:${stem}`, by: "name" as const }] : []),
  ]
}

const hashNames: Readonly<Record<number, string>> = { 8: "autov1", 10: "autov2", 12: "autov3", 64: "sha256" }

function idOfHash(hash: string): string | undefined {
  const [, algorithm, digits] = /^(?:([a-z0-9-]{3,10}):)?([0-9a-f]{8,64})$/i.exec(hash) ?? []
  if (digits === undefined) return undefined
  if (algorithm !== undefined && !/^sha-?256$/i.test(algorithm)) {
    return /^blake3/i.test(algorithm) && digits.length === 64 ? `blake3:${digits.toLowerCase()}` : undefined
  }
  const called = hashNames[digits.length]
  return called && `${called}:${digits.toLowerCase()}`
}

/**
 * What else an id is certain or likely to be, as ids of our own making that never leave the graph: a version has one number on its hub
 * whatever page names it; the first ten digits of a SHA-256 are its AutoV2; a file's name without its extension is what prompts call it by.
 * Short names and AutoV1 or CRC32 (8 digits) fit too many models to join any.
 */
export function joinsOf(id: string): string[] {
  const version = /^civitai:(?:model:\d+@|version:)(\d+)$/.exec(id)?.[1]
  if (version) return [`join:civitai:${version}`]
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(id)?.[1]
  if (sha256) return [`autov2:${sha256.slice(0, 10)}`]
  const name = named.exec(id)
  return name ? [`join:name:${name[1] ?? name[2]}`] : []
}

const named = /^(?:file:(.+)\.[a-z]+|(?:lora|lycoris|checkpoint|embedding|hypernet):(.+))$/

/** A name that two people hardly give by chance. */
function isDistinctive(stem: string): boolean {
  return stem.length >= 6 && /[\d_-]/.test(stem) && /\p{L}{3}/u.test(stem)
}

/** Whether things that share this id are the same: 8 digits and plain words are shared by chance. */
export function isTelling(id: string): boolean {
  if (/^(?:autov1|crc32):/.test(id)) return false
  const stem = named.exec(id)
  return stem === null || isDistinctive(stem[1] ?? stem[2]!)
}

const ranks: readonly RegExp[] = [
  /^civitai:model:\d+@/,
  /^civitai:model:/,
  /^(?:huggingface|tensorart|tusiart|seaart|liblib|shakker|modelscope|openmodeldb|pixai|yodayo|arcenciel|replicate|ollama|github|weights):/,
  /^civitai:version:/,
  /^sha256:/,
  /^autov3:/,
  /^autov2:/,
  /^blake3:/,
  /^file:/,
  /^(?:lora|lycoris|checkpoint|embedding|hypernet):/,
]

/** The ids of one artefact, the one that says most first. */
export function byRank(ids: Iterable<string>): string[] {
  const rank = (id: string) => {
    const place = ranks.findIndex((form) => form.test(id))
    return place < 0 ? ranks.length : place
  }
  return [...ids].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}
