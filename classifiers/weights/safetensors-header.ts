import { cleaned, type WeightsHeader } from "./weights-header.ts"

/** Headers are some kilobytes; training metadata can make them a few megabytes. */
export const safetensorsHeaderLimit = 16 << 20

/** Length of the JSON that follows the first eight bytes (little-endian); undefined if this is no safetensors file. */
export function safetensorsHeaderLength(start: Uint8Array, fileLength: number): number | undefined {
  if (start.length < 9 || start[8] !== 0x7b) return undefined
  const length = Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true))
  return length >= 2 && length <= fileLength - 8 ? length : undefined
}

/**
 * What a safetensors header says (huggingface/safetensors README; ModelSpec 1.0.1; kohya-ss `ss_*`): only what identifies the model and its
 * training. Captions, folders and thumbnails of the training data are left out; hashes in it are claims.
 */
export function readSafetensorsHeader(json: string): WeightsHeader | undefined {
  const header = objectOf(json)
  if (!header) return undefined
  const { __metadata__: given, ...tensors } = header
  const names = Object.keys(tensors)
  const metadata = isObject(given) ? given : {}
  const text = (...keys: string[]) => keys.map((key) => cleaned(metadata[key])).find((value) => value !== undefined)
  const number = (key: string) => {
    const value = Number(metadata[key])
    return metadata[key] !== undefined && Number.isFinite(value) ? value : undefined
  }
  return {
    format: "safetensors",
    tensors: names.length,
    ...present({
      kind: kindOf(names, text("ss_network_module", "modelspec.architecture")),
      name: text("modelspec.title", "ss_output_name"),
      baseModel: text("ss_base_model_version", "modelspec.architecture", "sd_version"),
      baseModelName: text("ss_sd_model_name"),
      baseModelHash: text("ss_new_sd_model_hash", "ss_sd_model_hash"),
      claimedHash: text("modelspec.hash_sha256", "sshs_model_hash", "sshs_legacy_hash"),
      trainingSession: text("ss_session_id"),
      trainingImages: number("ss_num_train_images"),
      trainedFrom: instantOf(number("ss_training_started_at")),
      trainedUntil: instantOf(number("ss_training_finished_at")),
    }),
  }
}

/** The kind of model, from what its tensors are called. */
function kindOf(names: readonly string[], says: string | undefined): string | undefined {
  const some = (form: RegExp) => names.some((name) => form.test(name))
  if (some(/(?:^|\.)(?:hada_|lokr_|oft_|dyn_)/)) return "lycoris"
  if (some(/lora_(?:up|down|A|B)\b|\.lora\./) || /lora/i.test(says ?? "")) return "lora"
  if (some(/^(?:control_model\.|controlnet_|input_hint_block)/) || /controlnet/i.test(says ?? "")) return "controlnet"
  if (some(/^model\.diffusion_model\./)) return "checkpoint"
  if (some(/^(?:double_blocks|joint_blocks|transformer_blocks|down_blocks|input_blocks)\./)) return "unet"
  if (names.length <= 4 && some(/^(?:emb_params|clip_[lg]|string_to_param|\*|<.*>)$/)) return "embedding"
  if (
    names.length > 0 &&
    names.every((name) => /^(?:first_stage_model\.)?(?:encoder|decoder|quant_conv|post_quant_conv)/.test(name))
  )
    return "vae"
  return undefined
}

function instantOf(seconds: number | undefined): string | undefined {
  return seconds !== undefined && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000).toISOString() : undefined
}

function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function present<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: NonNullable<Fields[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
