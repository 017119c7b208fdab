import { crc32 } from "node:zlib"
import { asciiAt, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"

/** One frame of an animated PNG: where it lies on the canvas, how it is put there, and its data. */
export interface ApngFrame {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** What becomes of its place before the next frame. */
  readonly dispose: "keep" | "clear" | "restore"
  /** Whether it replaces what lies there, or is blended over it. */
  readonly over: boolean
  /** Views into the file: zlib data. */
  readonly data: Uint8Array[]
}

export interface Apng {
  readonly width: number
  readonly height: number
  /** The picture that other readers show is no part of the animation. */
  readonly defaultApart: boolean
  readonly frames: readonly ApngFrame[]
  /** Header and palette, as every frame's own PNG needs them. */
  readonly header: Uint8Array
  readonly palette: readonly (readonly [string, Uint8Array])[]
}

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")
const disposals = ["keep", "clear", "restore"] as const

/** Frames of an animated PNG (W3C PNG 3rd edition, 11.3.6), in the order of the file. A frame that does not lie on the canvas ends the list. */
export function readApng(bytes: Uint8Array): Apng | undefined {
  const view = viewOf(bytes)
  const frames: ApngFrame[] = []
  const palette: [string, Uint8Array][] = []
  let header: Uint8Array | undefined
  let defaultApart = false
  let at = 8
  for (let parts = 0; at + 12 <= bytes.length && parts < Cap.parts; parts++) {
    const length = view.getUint32(at)
    if (at + 12 + length > bytes.length) break
    const type = asciiAt(bytes, at + 4, 4)
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (type === "IHDR" && length === 13) header ??= data
    else if (type === "PLTE" || type === "tRNS") palette.push([type, data])
    else if (type === "fcTL" && length === 26 && header) {
      const frame = frameOf(data)
      if (!fits(frame, viewOf(header))) break
      frames.push(frame)
    } else if (type === "IDAT") {
      if (frames.length === 0) defaultApart = true
      else frames.at(-1)!.data.push(data)
    } else if (type === "fdAT" && length > 4) frames.at(-1)?.data.push(data.subarray(4))
    else if (type === "IEND") break
    at += 12 + length
  }
  if (!header) return undefined
  const size = viewOf(header)
  return { width: size.getUint32(0), height: size.getUint32(4), defaultApart, frames, header, palette }
}

function frameOf(control: Uint8Array): ApngFrame {
  const view = viewOf(control)
  return {
    width: view.getUint32(4),
    height: view.getUint32(8),
    x: view.getUint32(12),
    y: view.getUint32(16),
    dispose: disposals[control[24]!] ?? "keep",
    over: control[25] === 1,
    data: [],
  }
}

function fits({ x, y, width, height }: ApngFrame, header: DataView): boolean {
  return width > 0 && height > 0 && x + width <= header.getUint32(0) && y + height <= header.getUint32(4)
}

/** A frame as a PNG of its own. The caller overwrites it. */
export function pngOfFrame({ header, palette }: Apng, { width, height, data }: ApngFrame): Buffer<ArrayBuffer> {
  const own = Buffer.from(header)
  own.writeUInt32BE(width, 0)
  own.writeUInt32BE(height, 4)
  const chunks = [["IHDR", own], ...palette, ...data.map((part) => ["IDAT", part]), ["IEND", Buffer.alloc(0)]] as const
  const size = chunks.reduce((sum, [, body]) => sum + 12 + body.length, signature.length)
  const png = Buffer.alloc(size)
  let at = signature.copy(png)
  for (const [type, body] of chunks as readonly (readonly [string, Uint8Array])[]) {
    png.writeUInt32BE(body.length, at)
    png.write(type, at + 4, "latin1")
    png.set(body, at + 8)
    png.writeUInt32BE(crc32(png.subarray(at + 4, at + 8 + body.length)), at + 8 + body.length)
    at += 12 + body.length
  }
  return png
}
