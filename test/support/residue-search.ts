import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"

/** Something that must not be found, in every form in which a program might have kept it. */
export interface Needle {
  readonly name: string
  readonly forms: readonly Buffer[]
}

export interface Hit {
  readonly where: string
  readonly what: string
}

/** Text as UTF-8 and UTF-16, hexadecimal, and base64 at each of the three places where it can start. */
export function textNeedle(name: string, text: string): Needle {
  const bytes = Buffer.from(text)
  return { name, forms: [bytes, Buffer.from(text, "utf16le"), ...encodings(bytes)] }
}

/** Text that stands as pixels: red, green and blue in a row; with alpha between them; and blue first. */
export function pixelNeedle(name: string, text: string): Needle {
  const pixels = Array.from({ length: Math.floor(text.length / 3) }, (_, i) =>
    Buffer.from(text.slice(i * 3, i * 3 + 3)),
  )
  const opaque = Buffer.from([255])
  const forms = [
    Buffer.concat(pixels),
    Buffer.concat(pixels.flatMap((pixel) => [pixel, opaque])),
    Buffer.concat(pixels.map((pixel) => Buffer.from(pixel).reverse())),
  ]
  return { name, forms: forms.flatMap((form) => [form, ...encodings(form)]) }
}

export function bytesNeedle(name: string, bytes: Uint8Array): Needle {
  return { name, forms: [Buffer.from(bytes), ...encodings(Buffer.from(bytes))] }
}

function encodings(bytes: Buffer): Buffer[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "")
    // the first and the last letter mix with what stands beside the text
    return text.slice(shift === 0 ? 0 : shift + 1, -1)
  })
  const url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))
  const hex = bytes.toString("hex")
  return [...new Set([...base64, ...url, hex, hex.toUpperCase()])].map((text) => Buffer.from(text))
}

/** Searches every file under the folders, and the captured outputs, by their raw bytes. */
export function searchResidue(
  folders: readonly string[],
  needles: readonly Needle[],
  outputs: Readonly<Record<string, string>> = {},
): { readonly files: number; readonly hits: Hit[] } {
  const hits: Hit[] = []
  const look = (where: string, content: Buffer) => {
    for (const { name, forms } of needles) {
      if (forms.some((form) => content.includes(form))) hits.push({ where, what: name })
    }
  }
  const files = folders.flatMap(filesUnder)
  for (const file of files) look(file, readFileSync(file))
  for (const [name, text] of Object.entries(outputs)) look(name, Buffer.from(text))
  return { files: files.length, hits }
}

export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}
