import { TextDecoder } from "node:util"

/** A longer line is no hash entry. */
const lineLimit = 65_536

export interface TextLine {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** The line was longer than 65,536 units; `text` is its beginning. */
  readonly cut: boolean
}

/** Lines of a UTF-8 or, with a byte-order mark, UTF-16LE stream, whatever ends them. Memory is bounded by one chunk and one line. */
export async function* byteLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  let number = 0
  let rest = ""
  let overlong = false
  for await (const text of decoded(bytes)) {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    for (const line of lines) {
      yield lineOf(++number, line, overlong)
      overlong = false
    }
    if (rest.length > lineLimit) {
      overlong = true
      rest = rest.slice(0, lineLimit)
    }
  }
  rest = rest.replace(/\r$/, "")
  if (rest !== "" || overlong) yield lineOf(++number, rest, overlong)
}

function lineOf(number: number, text: string, overlong: boolean): TextLine {
  const cut = overlong || text.length > lineLimit
  return { number, text: cut ? text.slice(0, lineLimit) : text, cut }
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let held: Uint8Array = new Uint8Array(0)
  for await (const chunk of bytes) {
    if (!decoder) {
      // Two bytes decide; a stream may come in smaller pieces.
      held = Buffer.concat([held, chunk])
      if (held.byteLength < 2) continue
      decoder = decoderFor(held)
      yield decoder.decode(held, { stream: true })
    } else yield decoder.decode(chunk, { stream: true })
  }
  yield decoder ? decoder.decode() : new TextDecoder().decode(held)
}

function decoderFor(start: Uint8Array): TextDecoder {
  return new TextDecoder(start[0] === 0xff && start[1] === 0xfe ? "utf-16le" : "utf-8")
}

/** The first line of a stream, or its first 65,536 bytes where there is none in them; and the stream from its beginning again. */
export async function peeked(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ firstLine: string; bytes: AsyncGenerator<Uint8Array> }> {
  const source = bytes[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let head = ""
  let size = 0
  while (size < lineLimit && !head.trimStart().includes("\n")) {
    const next = await source.next()
    if (next.done) break
    chunks.push(next.value)
    size += next.value.byteLength
    const start = Buffer.concat(chunks)
    head = decoderFor(start).decode(start)
  }
  const again = async function* () {
    try {
      yield* chunks
      for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
    } finally {
      await source.return?.()
    }
  }
  return { firstLine: head.trimStart().split("\n", 1)[0] ?? "", bytes: again() }
}
