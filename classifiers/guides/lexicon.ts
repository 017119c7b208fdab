import {
  adviceWords, closingVerbs, closingVerbsJoined, explainingWords, guideWords, openingVerbs, openingVerbsJoined, orderWords, readerWords,
} from "./step-language.ts" // biome-ignore format: one line less to read
import { askWords, changeWords, courtesyWords, problemWords, selfWords, tellingWords } from "./talk-language.ts"
import { editorWords, samplerNames, settingWords, strongToolWords, weakToolWords } from "./tool-vocabulary.ts"

/** What a word speaks for; one bit each. */
export const Sense = {
  order: 1, verb: 2, closingVerb: 4, advice: 8, guide: 16, self: 32, courtesy: 64, ask: 128, problem: 256, telling: 512, change: 1024,
  tool: 2048, weakTool: 4096, editor: 8192, setting: 16384, sampler: 32768, explaining: 65536, reader: 131072,
} as const // biome-ignore format: a table

export interface Entry {
  senses: number
  /** Which setting it names, from 1. */
  setting: number
  /** Tells different words of one sense apart. */
  readonly id: number
  /** Phrases that end with this word: the words before, nearest first. */
  phrases: { readonly before: readonly string[]; readonly entry: Entry }[]
}

/** A word of a script without spaces, looked for at every position. */
export interface JoinedWord {
  readonly text: string
  readonly entry: Entry
}

/** From hiragana to the last syllable of Korean, less what lies between that is no script of words. */
const joinedScript = /^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u

const senses: readonly (readonly [string, number])[] = [
  [orderWords, Sense.order], [openingVerbs, Sense.verb], [openingVerbsJoined, Sense.verb], [closingVerbs, Sense.closingVerb],
  [closingVerbsJoined, Sense.closingVerb], [adviceWords, Sense.advice], [guideWords, Sense.guide], [selfWords, Sense.self],
  [courtesyWords, Sense.courtesy], [askWords, Sense.ask], [problemWords, Sense.problem], [tellingWords, Sense.telling],
  [changeWords, Sense.change], [strongToolWords, Sense.tool], [weakToolWords, Sense.weakTool], [editorWords, Sense.editor],
  [samplerNames, Sense.sampler], [explainingWords, Sense.explaining], [readerWords, Sense.reader],
] // biome-ignore format: a table

export const spacedWords = new Map<string, Entry>()
/** By first UTF-16 unit, longest first. */
export const joinedWords = new Map<number, JoinedWord[]>()

const entries = new Map<string, Entry>()

function entryOf(text: string): Entry {
  const known = entries.get(text)
  if (known) return known
  const entry: Entry = { senses: 0, setting: 0, id: entries.size, phrases: [] }
  entries.set(text, entry)
  if (joinedScript.test(text)) {
    const list = joinedWords.get(text.charCodeAt(0)) ?? []
    list.push({ text: text.replaceAll("_", " "), entry })
    joinedWords.set(text.charCodeAt(0), list)
    return entry
  }
  const words = text.split("_")
  if (words.length === 1) spacedWords.set(text, entry)
  else spacedEntry(words.at(-1)!).phrases.push({ before: words.slice(0, -1).reverse(), entry })
  return entry
}

function spacedEntry(word: string): Entry {
  const known = spacedWords.get(word)
  if (known) return known
  const entry = entryOf(word)
  return entry
}

for (const [table, sense] of senses)
  for (const word of table.split(/\s+/)) if (word !== "") entryOf(word).senses |= sense
for (const [place, words] of Object.values(settingWords).entries()) {
  for (const word of words.split(" ")) {
    const entry = entryOf(word)
    entry.senses |= Sense.setting
    entry.setting = place + 1
  }
}
for (const list of joinedWords.values()) list.sort((a, b) => b.text.length - a.text.length)
