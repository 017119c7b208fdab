import { constants, inflateSync } from "node:zlib"
import { asciiAt, latin1, looseText, viewOf } from "./bytes.ts"
import { Cap } from "./caps.ts"
import { readExif } from "./exif.ts"
import { readPhotoshop } from "./iptc-iim.ts"
import { emptyMetadata, type Metadata } from "./metadata.ts"
import { readSamsungTrailer } from "./samsung-trailer.ts"

/**
 * Chunks of a PNG (W3C PNG 3rd edition): header, texts before and after the picture, eXIf, XMP, caBX (C2PA), and ImageMagick's
 * "Raw profile type …" texts, frames of an animation. Checksums are not verified: readers elsewhere don't either, and a wrong one hides nothing here.
 */
export function readPng(bytes: Uint8Array): Metadata {
  const found = emptyMetadata("png")
  const view = viewOf(bytes)
  const budget: Budget = { left: Cap.allTexts }
  let frames = 0
  let at = 8
  found.truncated = true
  for (let parts = 0; at + 12 <= bytes.length && parts < Cap.parts; parts++) {
    const length = view.getUint32(at)
    const type = asciiAt(bytes, at + 4, 4)
    const data = bytes.subarray(at + 8, Math.min(at + 8 + length, bytes.length))
    const whole = data.length === length
    if (type === "IHDR" && data.length >= 8 && found.width === undefined) {
      found.width = view.getUint32(at + 8)
      found.height = view.getUint32(at + 12)
      found.lossless = true
      found.alpha = data[8] === 8 && data[9] === 6
    } else if (type === "eXIf") {
      const exif = readExif(data, "png:eXIf")
      if (exif) found.exif.push(exif)
    } else if (type === "caBX") {
      found.jumbf.push({ carrier: "png:caBX", bytes: data })
    } else if (type === "tEXt" || type === "zTXt" || type === "iTXt") {
      readText(found, type, data, budget)
    } else if (type === "fcTL") {
      frames++
    } else if (type === "IDAT") {
      // Before the first frame: a picture of its own, for readers that don't know animations.
      frames ||= 1
    } else if (type === "IEND") {
      found.truncated = false
      found.trailingBytes = Math.max(0, bytes.length - (at + 12 + length))
      if (found.trailingBytes > 0) found.texts.push(...readSamsungTrailer(bytes, "png:SEF"))
      break
    }
    if (!whole) break
    at += 12 + length
  }
  found.frames = Math.max(1, frames)
  return found
}

/** Bytes of text that may still be taken from the file, inflated or not. */
interface Budget {
  left: number
}

function readText(found: Metadata, type: "tEXt" | "zTXt" | "iTXt", data: Uint8Array, budget: Budget): void {
  if (found.texts.length >= Cap.texts) return
  const end = data.indexOf(0)
  if (end < 1 || end > 79) return
  const key = latin1(data.subarray(0, end))
  const body =
    type === "tEXt" ? data.subarray(end + 1) : type === "zTXt" ? zText(data, end, budget) : iText(data, end, budget)
  if (!body || body.length > Cap.text || body.length > budget.left) return
  budget.left -= body.length
  const carrier = `png:${type}`
  if (key === "XML:com.adobe.xmp") found.xmp.push({ carrier, key, value: looseText(body) })
  else if (key.startsWith("Raw profile type ")) readRawProfile(found, carrier, key.slice(17).toLowerCase(), body)
  else found.texts.push({ carrier, key, value: looseText(body) })
}

function zText(data: Uint8Array, end: number, budget: Budget): Uint8Array | undefined {
  return data[end + 1] === 0 ? inflate(data.subarray(end + 2), budget) : undefined
}

/** Key, compression flag and method, language, translated key, text. */
function iText(data: Uint8Array, end: number, budget: Budget): Uint8Array | undefined {
  const language = data.indexOf(0, end + 3)
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1)
  if (translated < 0) return undefined
  const body = data.subarray(translated + 1)
  return data[end + 1] === 1 ? inflate(body, budget) : body
}

/** A cut stream gives what it holds; one that unpacks to more than the cap gives nothing, and counts as the cap. */
function inflate(data: Uint8Array, budget: Budget): Uint8Array | undefined {
  const cap = Math.min(Cap.text, budget.left)
  if (cap <= 0) return undefined
  try {
    return inflateSync(data, { maxOutputLength: cap, finishFlush: constants.Z_SYNC_FLUSH })
  } catch {
    budget.left -= Math.min(cap, data.length * 1032)
    return undefined
  }
}

/** ImageMagick's text form of a profile: name, length, then hexadecimal digits in lines. */
function readRawProfile(found: Metadata, carrier: string, kind: string, body: Uint8Array): void {
  const text = latin1(body)
  const header = /^\s{0,8}\w{1,16}\s{1,8}\d{1,10}\s/.exec(text)
  if (!header) return
  const bytes = Buffer.from(text.slice(header[0].length).replace(/\s+/g, ""), "hex")
  if (kind === "xmp") found.xmp.push({ carrier, key: "xmp", value: looseText(bytes) })
  else if (kind === "iptc" || kind === "8bim") found.texts.push(...readPhotoshop(bytes, `${carrier}:iptc`))
  else if (kind === "exif" || kind === "app1") {
    const xmp = "http://ns.adobe.com/xap/1.0/\0"
    if (asciiAt(bytes, 0, xmp.length) === xmp) {
      found.xmp.push({ carrier, key: "xmp", value: looseText(bytes.subarray(xmp.length)) })
    } else {
      const exif = readExif(bytes, `${carrier}:exif`)
      if (exif) found.exif.push(exif)
    }
  }
}
