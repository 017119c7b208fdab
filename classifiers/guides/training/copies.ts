import { createHash } from "node:crypto"
import { guideSketch } from "../guide-sketch.ts"
import { readFiles, type Text } from "./read-texts.ts"

/**
 * How far copies of a guide, and different guides, lie apart: the experiment behind the radius within which texts are one cluster
 * (infra/measurements/guide-copies.md).
 *
 *   node classifiers/guides/training/copies.ts --clones DIR
 *
 * Guides are the manifest's tutorials, at the length of a post and of a page. Each is copied as people copy, with seeded changes; every copy
 * is compared with its original, every guide with all others, under several keys.
 */
const clones = process.argv[process.argv.indexOf("--clones") + 1]!
const keys = Array.from({ length: 4 }, (_, n) => createHash("sha256").update(`copies ${n}`).digest())
const radii = [60, 68, 76, 80, 84, 88, 92, 96, 100, 104]
/** Pages of documentation that share so many of their runs of three words are copies of each other themselves. */
const sameText = 0.4

const guides = readFiles(import.meta.dirname, clones).filter(
  ({ label, kind }) => label === "guide" && kind === "tutorial",
)
const changes: Readonly<Record<string, (text: string, random: () => number) => string>> = {
  "posted again, with a greeting": (text) =>
    `Found this elsewhere, might help someone:\n\n${text}\n\nHave fun with it!`,
  "another layout": otherLayout,
  "5 % of words edited": (text, random) => edited(text, 0.05, random),
  "10 % of words edited": (text, random) => edited(text, 0.1, random),
  "20 % of words edited": (text, random) => edited(text, 0.2, random),
  "30 % of words edited": (text, random) => edited(text, 0.3, random),
  "another layout, 10 % edited, with a greeting": (text, random) =>
    `Reposting:\n${edited(otherLayout(text), 0.1, random)}\nThanks to whoever wrote it.`,
  "the first two thirds only": (text) => text.slice(0, Math.floor((text.length * 2) / 3)),
  "the first half only": (text) => text.slice(0, Math.floor(text.length / 2)),
}

function otherLayout(text: string): string {
  return text
    .replaceAll(/^[\s>]*(?:#{1,6} |\d{1,2}[.)] |[-*+] )/gm, "")
    .replaceAll(/\*\*|__|`/g, "")
    .split("\n")
    .map((line, place) => (place % 3 === 0 ? `- ${line}` : line))
    .join("\n\n")
}

/** Of the chosen words a third goes, a third is another of the same text, and beside a third stands another. */
function edited(text: string, share: number, random: () => number): string {
  const words = text.split(/(\s+)/)
  const pool = words.filter((word) => /\p{L}/u.test(word))
  const another = () => pool[Math.floor(random() * pool.length)] ?? ""
  // Scripts without spaces: their characters are the words.
  if (pool.length < text.length / 25) return editedCharacters(text, share, random)
  return words
    .map((word) => {
      if (!/\p{L}/u.test(word) || random() >= share) return word
      const how = random()
      return how < 1 / 3 ? "" : how < 2 / 3 ? another() : `${word} ${another()}`
    })
    .join("")
}

function editedCharacters(text: string, share: number, random: () => number): string {
  const characters = [...text]
  return characters
    .map((character) => {
      // one word is about two of them
      if (random() >= share / 2) return character
      const how = random()
      const another = characters[Math.floor(random() * characters.length)]!
      return how < 1 / 3 ? "" : how < 2 / 3 ? another : character + another
    })
    .join("")
}

const distances = new Map<string, number[]>(Object.keys(changes).map((name) => [name, []]))
const apart = { same: [] as number[], other: [] as number[] }
let copiesOfDocumentation = 0
let withoutSketch = 0
const overlaps = new Map<string, number>()

for (const unit of ["opening", "whole"] as const) {
  const texts = guides.filter((guide) => guide.unit === unit)
  for (const key of keys) {
    const sketches = texts.map(({ text }) => bitsOf(guideSketch(text, key)))
    withoutSketch += sketches.filter((sketch) => sketch === undefined).length
    for (const [name, change] of Object.entries(changes)) {
      for (const [place, { text }] of texts.entries()) {
        const [sketch, copy] = [sketches[place], bitsOf(guideSketch(change(text, seeded(`${name}${place}`)), key))]
        if (sketch) distances.get(name)!.push(copy ? distance(sketch, copy) : 256)
      }
    }
    for (let a = 0; a < texts.length; a++) {
      for (let b = 0; b < a; b++) {
        const [one, other] = [sketches[a], sketches[b]]
        if (!one || !other) continue
        const apartBy = distance(one, other)
        if (apartBy <= 112 && overlapOf(texts[a]!, texts[b]!, `${unit}${a}/${b}`) >= sameText) copiesOfDocumentation++
        else apart[texts[a]!.source === texts[b]!.source ? "same" : "other"].push(apartBy)
      }
    }
  }
}

/** Share of the shorter text's runs of three words that the other has too. */
function overlapOf(a: Text, b: Text, pair: string): number {
  const known = overlaps.get(pair)
  if (known !== undefined) return known
  const [x, y] = [runsOf(a.text), runsOf(b.text)]
  const overlap = x.intersection(y).size / Math.max(1, Math.min(x.size, y.size))
  overlaps.set(pair, overlap)
  return overlap
}

function runsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\p{L}\p{M}]+|\d+/gu) ?? []
  return new Set(words.slice(2).map((word, place) => `${words[place]} ${words[place + 1]} ${word}`))
}

function bitsOf(sketch: string | undefined): Int32Array | undefined {
  if (sketch === undefined) return undefined
  return Int32Array.from({ length: 8 }, (_, n) => Number.parseInt(sketch.slice(n * 8, n * 8 + 8), 16) | 0)
}

function distance(a: Int32Array, b: Int32Array): number {
  let count = 0
  for (let n = 0; n < 8; n++) {
    let part = a[n]! ^ b[n]!
    part -= (part >>> 1) & 0x5555_5555
    part = (part & 0x3333_3333) + ((part >>> 2) & 0x3333_3333)
    count += Math.imul((part + (part >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
  }
  return count
}

function seeded(seed: string): () => number {
  let state = createHash("sha256").update(seed).digest().readUInt32LE()
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const within = (of: readonly number[], radius: number) => of.filter((one) => one <= radius).length
const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`
const quantile = (of: readonly number[], share: number) =>
  of.toSorted((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * share))]
const copies = [...distances].map(([name, of]) =>
  line([
    name,
    quantile(of, 0.5),
    quantile(of, 0.95),
    ...radii.map((radius) => `${((100 * within(of, radius)) / of.length).toFixed(1)} %`),
  ]),
)
const strangers = Object.entries({
  "guides of one source": apart.same,
  "guides of different sources": apart.other,
}).map(([name, of]) => line([name, of.length, quantile(of, 0), ...radii.map((radius) => within(of, radius))]))
process.stdout.write(
  `${[
    line(["copies within", "median", "95 %", ...radii]),
    line(["---", "---", "---", ...radii.map(() => "---")]),
    ...copies,
    "",
    line(["pairs of strangers within", "pairs", "least", ...radii]),
    line(["---", "---", "---", ...radii.map(() => "---")]),
    ...strangers,
    "",
    `${guides.length} texts of ${new Set(guides.map(({ source }) => source)).size} sources, ${keys.length} keys; ${copiesOfDocumentation} pairs left out because they share ${100 * sameText} % of their runs of words; ${withoutSketch} texts without a sketch.`,
  ].join("\n")}\n`,
)
