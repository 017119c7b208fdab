import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { basename } from "node:path"
import { crc32 } from "node:zlib"
import { ggufHeaderLimit, isGguf, readGgufHeader } from "./gguf-header.ts"
import { readSafetensorsHeader, safetensorsHeaderLength, safetensorsHeaderLimit } from "./safetensors-header.ts"
import type { WeightsHeader } from "./weights-header.ts"

/** A local file of weights, as a line of `watchline examine`. */
export interface ExaminedWeights {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly sha1: string
  readonly md5: string
  readonly format: "safetensors" | "gguf" | "pytorch"
  readonly signals: readonly never[]
  readonly facts: readonly string[]
  /** Canonical ids of the model, as posts and pictures name it. */
  readonly artefacts: readonly string[]
  readonly header?: WeightsHeader
  /** The header is longer than is read, or is none. */
  readonly error?: "weights_header_unreadable"
}

const pieceLength = 1 << 20
/** AutoV1: 64 KiB from 1 MiB on (kohya-ss `model_hash`). */
const [autoV1From, autoV1To] = [0x100000, 0x110000]

/**
 * Reads a local file of weights: its header, never its tensors as such, and the digests that posts and pictures name it by, in one pass with
 * a megabyte in memory. Undefined if it is no such file. Nothing in it is executed: a PyTorch archive is told by its first entry and only
 * digested.
 */
export async function examineWeights(file: string, signal?: AbortSignal): Promise<ExaminedWeights | undefined> {
  // Without waiting: opening a pipe that nobody writes to would never end.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
  if (!handle) return undefined
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) return undefined
    const start = await bytesOf(handle, 0, 128)
    const headerLength = safetensorsHeaderLength(start, stat.size)
    const format =
      headerLength !== undefined ? "safetensors" : isGguf(start) ? "gguf" : isPyTorch(start) ? "pytorch" : undefined
    if (!format) return undefined
    const header = await headerOf(handle, format, headerLength)
    const bodyStart = headerLength === undefined ? undefined : 8 + headerLength
    const { autoV1, body, crc, ...digests } = await digestsOf(handle, stat.size, bodyStart, signal)
    return {
      file,
      bytes: stat.size,
      ...digests,
      format,
      signals: [],
      facts: [],
      artefacts: [
        `sha256:${digests.sha256}`,
        `autov2:${digests.sha256.slice(0, 10)}`,
        ...(body ? [`autov3:${body.slice(0, 12)}`] : []),
        ...(autoV1 ? [`autov1:${autoV1.slice(0, 8)}`] : []),
        `crc32:${crc.toString(16).padStart(8, "0")}`,
        `file:${basename(file).toLowerCase()}`,
      ],
      ...(header ? { header } : format === "pytorch" ? {} : { error: "weights_header_unreadable" as const }),
    }
  } finally {
    await handle.close()
  }
}

/** A zip archive whose first entry is the pickle of `torch.save`. */
function isPyTorch(start: Uint8Array): boolean {
  const text = Buffer.from(start).toString("latin1")
  // The entry's name follows the 30 bytes of its local header.
  return text.startsWith("PK\x03\x04") && /^[^\0]{1,80}?\/(?:data\.pkl|\.format_version|\.data\/)/.test(text.slice(30))
}

async function headerOf(
  handle: FileHandle,
  format: string,
  length: number | undefined,
): Promise<WeightsHeader | undefined> {
  if (format === "gguf") return readGgufHeader(await bytesOf(handle, 0, ggufHeaderLimit))
  if (length === undefined || length > safetensorsHeaderLimit) return undefined
  return readSafetensorsHeader(Buffer.from(await bytesOf(handle, 8, length)).toString("utf8"))
}

async function digestsOf(handle: FileHandle, length: number, bodyStart: number | undefined, signal?: AbortSignal) {
  const whole = { sha256: createHash("sha256"), sha1: createHash("sha1"), md5: createHash("md5") }
  const parts = { body: createHash("sha256"), autoV1: createHash("sha256") }
  let crc = 0
  for (let at = 0; at < length; ) {
    signal?.throwIfAborted()
    const piece = await bytesOf(handle, at, pieceLength)
    if (piece.length === 0) break
    for (const hash of Object.values(whole)) hash.update(piece)
    crc = crc32(piece, crc)
    if (bodyStart !== undefined && at + piece.length > bodyStart)
      parts.body.update(piece.subarray(Math.max(0, bodyStart - at)))
    if (at < autoV1To && at + piece.length > autoV1From) {
      parts.autoV1.update(piece.subarray(Math.max(0, autoV1From - at), Math.max(0, autoV1To - at)))
    }
    at += piece.length
  }
  return {
    sha256: whole.sha256.digest("hex"),
    sha1: whole.sha1.digest("hex"),
    md5: whole.md5.digest("hex"),
    crc,
    body: bodyStart === undefined ? undefined : parts.body.digest("hex"),
    autoV1: length >= autoV1To ? parts.autoV1.digest("hex") : undefined,
  }
}

async function bytesOf(handle: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, from + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return buffer.subarray(0, read)
}
