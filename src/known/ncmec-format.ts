import { Parser } from "htmlparser2"
import { WatchlineError } from "../errors.ts"
import { algorithmNamed, type KnownLine, knownLine } from "./known-entry.ts"

interface Entry {
  readonly gone: boolean
  member: string
  id: string
  classification: string
  readonly fingerprints: { name: string; text: string }[]
}

/**
 * Saved answers of NCMEC's Hash Sharing API, version 2 (`/v2/entries`), one or several after the other: `<image>`, `<video>`, `<deletedImage>`
 * and `<deletedVideo>`, each with the member that shared it and its number there. An entry that comes again replaces what it said before.
 * Lines are numbers of entries.
 *
 * @throws WatchlineError `input_invalid` if the file is no such answer or ends before its end, after the entries before that place
 */
export async function* readNcmec(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<KnownLine> {
  const entries: Entry[] = []
  const path: string[] = []
  let entry: Entry | undefined
  let text = ""
  let answers = 0
  let ending = false
  let cut = false
  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        const name = localName(tag)
        path.push(name)
        text = ""
        if (path.length === 1 && name === "queryresult") answers++
        if (/^(deleted)?(image|video)$/.test(name)) {
          entry = { gone: name.startsWith("deleted"), member: "", id: "", classification: "", fingerprints: [] }
        } else if (name === "member" && entry) entry.member = attributes.id ?? ""
      },
      ontext(part) {
        text += part
      },
      onclosetag(tag, implied) {
        const name = localName(tag)
        path.pop()
        cut ||= ending && implied // an empty element `<member/>` is closed by implication, too
        if (!entry) return
        const parent = path.at(-1)
        if (parent === "fingerprints") entry.fingerprints.push({ name, text })
        else if (name === "id" && parent !== "member") entry.id = text.trim()
        else if (name === "classification") entry.classification = text
        else if (/^(deleted)?(image|video)$/.test(name) && !cut) {
          entries.push(entry)
          entry = undefined
        }
        text = ""
      },
    },
    { xmlMode: true },
  )
  const decoder = new TextDecoder()
  let line = 0
  for await (const chunk of bytes) {
    parser.write(decoder.decode(chunk, { stream: true }))
    for (const one of entries.splice(0)) yield* linesOf(++line, one)
  }
  ending = true
  parser.end()
  for (const one of entries.splice(0)) yield* linesOf(++line, one)
  if (answers > 0 && !cut) return
  throw new WatchlineError("input_invalid", {
    message:
      answers > 0 ? "The file ends before its last entry does." : "The file is no answer of NCMEC's Hash Sharing API.",
    remedy: "Save the answers of /v2/entries as they come, and all of a time window: they are not in order of time.",
  })
}

function* linesOf(line: number, { gone, member, id, classification, fingerprints }: Entry): Generator<KnownLine> {
  if (!member || !id) {
    yield { line, problem: "no member or no id" }
    return
  }
  const reference = `${member}/${id}`
  yield { line, gone: { reference } }
  if (gone) return
  const usable = fingerprints.flatMap(({ name, text }) => {
    const algorithm = algorithmNamed(name)
    return algorithm && text.trim() !== "" ? [{ algorithm, text }] : []
  })
  if (usable.length === 0) yield { line, problem: "no fingerprint that is matched here" }
  for (const { algorithm, text } of usable) {
    yield knownLine(line, algorithm, text, { reference, category: classification })
  }
}

function localName(tag: string): string {
  return tag.slice(tag.indexOf(":") + 1).toLowerCase()
}
