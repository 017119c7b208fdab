import { closeSync, fsyncSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { crc32 } from "node:zlib"
import { PdqIndex } from "./pdq-index.ts"
import { PdqSegment, segmentLayout } from "./pdq-segment.ts"

/**
 * A PDQ index as a file, so that it is there in seconds after a start. The store that the hashes come from stays the truth: a file that is
 * missing, cut, damaged or of another version is no loss, the index is built from the store again.
 *
 * Form: eight bytes of magic, length (4) and CRC-32 (4) of the head, the head as JSON with each segment's rows, bytes and CRC-32, then the
 * segments as they lie in memory. A new file is written beside the old one, synced, and put in its place, so a kill leaves one or the other.
 */
interface Head {
  readonly layout: number
  readonly stamp: string
  readonly segments: readonly {
    readonly rows: number
    readonly gone: number
    readonly sealed: boolean
    readonly bytes: number
    readonly crc: number
  }[]
}

export type IndexFile =
  | { readonly index: PdqIndex; readonly stamp: string }
  /** Why there is none, for a person; `missing` where nothing was ever written. */
  | { readonly problem: string; readonly missing?: true }

const magic = Buffer.from("WLPDQIX\n")
const preamble = magic.length + 8
const headLimit = 65_536
/** Read and written at once. */
const stride = 16 * 2 ** 20

/** @param stamp what the store must say for the file to be its own, and how far it goes; given back by `readIndexFile` */
export function writeIndexFile(path: string, index: PdqIndex, stamp: string): void {
  const segments = index.segments.filter(({ rows }) => rows > 0)
  const head: Head = {
    layout: segmentLayout,
    stamp,
    segments: segments.map((segment) => ({
      rows: segment.rows,
      gone: segment.rows - segment.size,
      sealed: segment.sealed,
      bytes: segment.image().byteLength,
      crc: checksum(segment.image()),
    })),
  }
  const text = Buffer.from(JSON.stringify(head))
  const before = Buffer.alloc(preamble)
  magic.copy(before)
  before.writeUInt32LE(text.length, magic.length)
  before.writeUInt32LE(crc32(text), magic.length + 4)
  const temporary = `${path}.${process.pid}`
  try {
    const file = openSync(temporary, "w", 0o600)
    try {
      for (const part of [before, text, ...segments.map((segment) => segment.image())]) writeAll(file, part)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncFolder(dirname(path))
  removeLeftovers(path)
}

/** What writers left that were killed. */
function removeLeftovers(path: string): void {
  const folder = dirname(path)
  for (const name of readdirSync(folder)) {
    const writer = name.startsWith(`${basename(path)}.`) ? Number(name.slice(basename(path).length + 1)) : Number.NaN
    if (Number.isInteger(writer) && !lives(writer)) rmSync(join(folder, name), { force: true })
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

export function readIndexFile(path: string): IndexFile {
  let file: number
  try {
    file = openSync(path, "r")
  } catch {
    return { problem: "there is no index file", missing: true }
  }
  try {
    return read(file)
  } catch (error) {
    return { problem: `the index file cannot be read (${(error as NodeJS.ErrnoException).code ?? "no memory"})` }
  } finally {
    closeSync(file)
  }
}

function read(file: number): IndexFile {
  const before = Buffer.alloc(preamble)
  if (!readAll(file, before) || !before.subarray(0, magic.length).equals(magic))
    return { problem: "it is no index file" }
  const length = before.readUInt32LE(magic.length)
  const text = Buffer.alloc(Math.min(length, headLimit))
  if (length > headLimit || !readAll(file, text) || crc32(text) !== before.readUInt32LE(magic.length + 4)) {
    return { problem: "the head of the index file is damaged" }
  }
  const head = JSON.parse(text.toString()) as Head
  if (head.layout !== segmentLayout) return { problem: "the index file is of another version" }
  const segments: PdqSegment[] = []
  for (const { rows, gone, sealed, bytes, crc } of head.segments) {
    const segment = PdqSegment.toFill(rows, gone, sealed)
    const image = segment.image()
    if (image.byteLength !== bytes || !readAll(file, image)) return { problem: "the index file is cut short" }
    if (checksum(image) !== crc) return { problem: "the checksum of the index file does not match: it is damaged" }
    segments.push(segment)
  }
  const open = segments.at(-1)?.sealed === false ? segments.pop() : undefined
  return { index: new PdqIndex(segments, open), stamp: head.stamp }
}

function checksum(bytes: Uint8Array): number {
  let crc = 0
  for (let at = 0; at < bytes.byteLength; at += stride) crc = crc32(bytes.subarray(at, at + stride), crc)
  return crc
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at, Math.min(stride, bytes.byteLength - at))
}

function readAll(file: number, into: Uint8Array): boolean {
  for (let at = 0; at < into.byteLength; ) {
    const read = readSync(file, into, at, Math.min(stride, into.byteLength - at), null)
    if (read === 0) return false
    at += read
  }
  return true
}

/** The new name is on the disk only when its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r")
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
