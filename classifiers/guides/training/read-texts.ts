import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { git, type Label, type Manifest, type ManifestEntry, repositoryFolder } from "./manifest.ts"

export interface Text {
  readonly text: string
  readonly label: Label
  readonly kind: string
  /** Texts of one source never stand on both sides of a split: the owner of a repository; for our own posts the language. */
  readonly source: string
  readonly unit: "whole" | "opening" | "passage" | "post"
}

const wholeLimit = 8_000
const passageLength = 1_500
const shortest = 250

const manifestIn = (folder: string) => JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest

/** The texts of all files that the manifest names, from bare clones. */
export function readFiles(folder: string, clones: string): Text[] {
  return manifestIn(folder).files.flatMap((entry) => textsOf(entry, clones))
}

/** Every text that the manifest names, and the posts that were written for this. Errors where a text is not what was meant. */
export function readTexts(folder: string, clones: string): Text[] {
  const texts = readFiles(folder, clones)
  const opening = new Map(
    readFileSync(join(clones, "threads.txt"), "utf8")
      .split(/^=== /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n")).trim()]),
  )
  for (const { repository, issue, sha256 } of manifestIn(folder).threads) {
    const text = opening.get(`${repository}#${issue}`) ?? ""
    if (createHash("sha256").update(text).digest("hex") !== sha256)
      throw new Error(`threads.txt does not hold ${repository}#${issue} as it was read.`)
    texts.push({ text, label: "other", kind: "discussion", source: owner(repository), unit: "whole" })
    // and each contribution alone, as a forum shows it
    for (const paragraph of text.split(/\n\n+/).filter((p) => p.length > 120 && !p.startsWith("#")))
      texts.push({ text: paragraph, label: "other", kind: "discussion", source: owner(repository), unit: "post" })
  }
  for (const line of readFileSync(join(folder, "posts.jsonl"), "utf8").trim().split("\n")) {
    const { language, label, text } = JSON.parse(line) as { language: string; label: Label; text: string }
    texts.push({ text, label, kind: "own post", source: `posts in ${language}`, unit: "post" })
  }
  return texts
}

const owner = (repository: string) => repository.split("/")[0]!

function textsOf(entry: ManifestEntry, clones: string): Text[] {
  const bytes = git(repositoryFolder(clones, entry.repository), "cat-file", "blob", entry.blob)
  const content = (entry.path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")
  const base = { label: entry.label, kind: entry.kind, source: owner(entry.repository) }
  if (entry.table) {
    const { columns, where = {}, most } = entry.table
    return rows(content, entry.table.separator)
      .filter((row) => Object.entries(where).every(([name, value]) => row[name] === value))
      .map((row) =>
        columns
          .map((name) => row[name] ?? "")
          .join("\n\n")
          .trim(),
      )
      .filter((text) => text.length > 150)
      .sort((a, b) => (digest(a) < digest(b) ? -1 : 1))
      .slice(0, most)
      .map((text) => ({ ...base, text: text.slice(0, wholeLimit), unit: "post" as const }))
  }
  const text = entry.kind === "code" ? content : withoutSiteMarkup(content, entry.blob)
  if (entry.passages) {
    return passages(text, entry.passages, entry.blob).map((passage) => ({
      ...base,
      text: passage,
      unit: "passage" as const,
    }))
  }
  const whole = { ...base, text: text.slice(0, wholeLimit), unit: "whole" as const }
  if (text.length < shortest) return []
  if (text.length < 2 * passageLength) return [whole]
  return [whole, { ...base, text: opening(text), unit: "opening" }]
}

/** Pieces of the length of a long post, from places that follow from the blob's id, cut at empty lines. */
function passages(text: string, count: number, blob: string): string[] {
  const found: string[] = []
  for (let place = 0; place < count; place++) {
    const share = Number.parseInt(digest(`${blob}${place}`).slice(0, 8), 16) / 0xffffffff
    const near = Math.floor(((place + share) / count) * Math.max(0, text.length - passageLength))
    const start = text.indexOf("\n\n", near)
    const from = start === -1 ? near : start
    const end = text.indexOf("\n\n", from + passageLength)
    const passage = text.slice(from, end === -1 ? from + passageLength : Math.min(end, from + 2 * passageLength)).trim()
    if (passage.length > 300) found.push(passage)
  }
  return found
}

/** What would fit a post: the beginning, cut at an empty line. */
function opening(text: string): string {
  const end = text.lastIndexOf("\n\n", passageLength)
  return text.slice(0, end > passageLength / 2 ? end : passageLength).trim()
}

/**
 * A page as a post would have it: no front matter, comments, pictures, tags. One text in three also loses its headings, emphasis and the
 * numbers of its lists, as happens where people copy a text into a forum.
 */
function withoutSiteMarkup(text: string, blob: string): string {
  const plain = text
    .replace(/^---\n[\s\S]*?\n---\n/, "")
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/^import .*$/gm, "")
    .replaceAll(/<[^>\n]{1,400}>/g, "")
    .replaceAll(/^:::.*$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim()
  if (Number.parseInt(blob.slice(0, 4), 16) % 3 !== 0) return plain
  return plain
    .replaceAll(/^#{1,6} /gm, "")
    .replaceAll(/\*\*|__|`/g, "")
    .replaceAll(/^\s*(?:\d{1,2}[.)]|[-*])\s+/gm, "")
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

/** Rows of a table with quoted fields (RFC 4180), by the names in its first row. */
function rows(content: string, separator: string): Record<string, string>[] {
  const table: string[][] = [[]]
  let field = ""
  let quoted = false
  for (let at = 0; at < content.length; at++) {
    const char = content[at]!
    if (quoted) {
      if (char === '"' && content[at + 1] === '"') field += content[at++]
      else if (char === '"') quoted = false
      else field += char
    } else if (char === '"' && field === "") quoted = true
    else if (char === separator || char === "\n") {
      table.at(-1)!.push(field)
      field = ""
      if (char === "\n") table.push([])
    } else if (char !== "\r") field += char
  }
  const [names = [], ...body] = table
  return body.map((cells) => Object.fromEntries(names.map((name, place) => [name, cells[place] ?? ""])))
}
