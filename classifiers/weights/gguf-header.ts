import { cleaned, type WeightsHeader } from "./weights-header.ts"

/** Enough for the keys that name a model; the vocabulary after them is not read. */
export const ggufHeaderLimit = 1 << 20

const keyLimit = 200
/** Bytes of a value of each fixed-size type (ggml `docs/gguf.md`): 8 is a string, 9 an array. */
const sizes: readonly (number | undefined)[] = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8]

export function isGguf(start: Uint8Array): boolean {
  return Buffer.from(start.subarray(0, 4)).toString("latin1") === "GGUF"
}

/** What a GGUF header of version 2 or 3 says (ggml `docs/gguf.md`), as far as `bytes` go; undefined if it cannot be read. */
export function readGgufHeader(bytes: Uint8Array): WeightsHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isGguf(bytes) || bytes.length < 24 || view.getUint32(4, true) < 2 || view.getUint32(4, true) > 3)
    return undefined
  const values = new Map<string, string>()
  const count = Math.min(keyLimit, Number(view.getBigUint64(16, true)))
  for (let at = 24, read = 0; read < count; read++) {
    const key = stringAt(view, at)
    if (!key || key.end + 4 > view.byteLength) break
    const type = view.getUint32(key.end, true)
    at = key.end + 4
    const size = sizes[type]
    if (size !== undefined) {
      at += size
      continue
    }
    // An array is a vocabulary: what identifies the model comes before.
    const value = type === 8 ? stringAt(view, at) : undefined
    if (!value) break
    values.set(key.text, value.text)
    at = value.end
  }
  const architecture = cleaned(values.get("general.architecture"))
  const name = cleaned(values.get("general.name") ?? values.get("general.basename"))
  const baseName = cleaned(values.get("general.base_model.0.name"))
  return {
    format: "gguf",
    tensors: Number(view.getBigUint64(8, true)),
    ...(name ? { name } : {}),
    ...(architecture ? { baseModel: architecture } : {}),
    ...(baseName ? { baseModelName: baseName } : {}),
  }
}

function stringAt(view: DataView, at: number): { text: string; end: number } | undefined {
  if (at + 8 > view.byteLength) return undefined
  const length = Number(view.getBigUint64(at, true))
  const end = at + 8 + length
  if (!Number.isSafeInteger(end) || end > view.byteLength) return undefined
  return { text: Buffer.from(view.buffer, view.byteOffset + at + 8, length).toString("utf8"), end }
}
