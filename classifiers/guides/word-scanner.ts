import { charKinds, is } from "./char-kinds.ts"
import { type Entry, joinedWords, Sense, spacedWords } from "./lexicon.ts"
import { imperativeEnding } from "./step-language.ts"
import type { ScannedSpan, TextCounts } from "./text-counts.ts"

const fileEnds: ReadonlySet<string> = new Set(
  "safetensors ckpt json png pt pth gguf yaml yml py bat sh txt toml onnx bin webp jpg jpeg zip 7z exe xcf psd".split(
    " ",
  ),
)
/** Words after which a verb opens a clause as it does after a comma. */
const joiners: ReadonlySet<string> = new Set("and then und dann et puis y luego e depois poi en dan oraz i и затем а й та ve sonra och sedan og så ja și és και و please bitte just simply also or to jetzt nun".split(" ")) // biome-ignore format: a table

/** What the words of a text leave behind beside counts. */
export interface FoundWords {
  readonly order: Set<number>
  readonly tool: Set<number>
  readonly editor: Set<number>
  /** One bit a setting that was given a value. */
  settings: number
  /** How the last sentence ended: "?", "." or not yet. */
  lastEnd: string
}

export const noWords = (): FoundWords => ({
  order: new Set(),
  tool: new Set(),
  editor: new Set(),
  settings: 0,
  lastEnd: "",
})

interface ScannedText {
  /** Lower case, unit for unit as long as `source`. */
  readonly text: string
  readonly source: string
  readonly counts: TextCounts
  readonly found: FoundWords
  span(name: ScannedSpan["name"], from: number, to: number): void
}

/**
 * Reads the words between two places of a text, one character after the other: what they speak for, which clauses open or close with an
 * order, which settings get a value.
 */
export function wordScanner({ text, source, counts, found, span }: ScannedText): (from: number, to: number) => void {
  const kinds = charKinds()

  return function readWords(from, to) {
    let at = from
    let opening = true
    let clauseStart = from
    let clauseWords = 0
    let told = false
    let lastVerbEnd = -1
    let settingEnd = -1
    let settingBit = 0
    let settingStart = 0
    let numberEnd = -1
    let numberStart = 0
    // the words before, nearest first, as far as nothing but a space or hyphen stands between
    let before1 = ""
    let before2 = ""
    let before3 = ""
    let joinedCount = 0

    const instruct = (place: number) => {
      if (told) return
      told = true
      counts.instructions++
      span("instruction", clauseStart, place)
    }
    const endClause = (sentence: boolean) => {
      // a verb at the very end: "Checkpoint laden"
      if (!told && lastVerbEnd >= at - 1 && clauseWords > 1) instruct(at)
      if (clauseWords > 0) {
        counts.clauses++
        if (sentence) counts.sentences++
      }
      opening = true
      told = false
      clauseWords = 0
      clauseStart = at + 1
      lastVerbEnd = -1
    }
    const value = (bit: number, first: number, last: number) => {
      if ((found.settings & bit) === 0) span("setting", first, last)
      found.settings |= bit
    }
    const meet = (entry: Entry, first: number, last: number, joined: boolean): void => {
      const { senses } = entry
      if (senses === 0) return
      if (senses & Sense.tool) {
        counts.tools++
        if (!found.tool.has(entry.id)) {
          found.tool.add(entry.id)
          span("tool", first, last)
        }
      }
      if (senses & Sense.weakTool) counts.weakTools++
      if (senses & Sense.editor) {
        counts.editors++
        found.editor.add(entry.id)
      }
      if (senses & Sense.sampler) counts.samplers++
      if (senses & Sense.setting) {
        const bit = 1 << entry.setting
        if (numberEnd >= 0 && first - numberEnd <= 2) value(bit, numberStart, last)
        settingEnd = last
        settingStart = first
        settingBit = bit
      }
      if (senses & Sense.advice) counts.advice++
      if (senses & Sense.explaining) counts.explaining++
      if (senses & Sense.reader) counts.reader++
      if (senses & Sense.guide) counts.guideWords++
      if (senses & Sense.self) counts.self++
      if (senses & Sense.courtesy) counts.courtesy++
      if (senses & Sense.ask) counts.ask++
      if (senses & Sense.problem) counts.problems++
      if (senses & Sense.telling) counts.telling++
      if (senses & Sense.change) counts.changes++
      if (senses & Sense.order && (opening || joined)) found.order.add(entry.id)
      if (senses & Sense.verb && opening) instruct(Math.min(to, last + 60))
      if (senses & Sense.closingVerb) {
        if (joined) instruct(last)
        else lastVerbEnd = last
      }
    }

    const readWord = () => {
      const first = at
      while (at < to) {
        const next = kinds[text.charCodeAt(at)]!
        if (next === is.letter || next === is.digit) at++
        else if (next === is.apostrophe && at + 1 < to && kinds[text.charCodeAt(at + 1)] === is.letter) at++
        else break
      }
      if (at - first > 40) {
        counts.words++
        opening = false
        return
      }
      let word = text.slice(first, at)
      if (word.includes("\u2019")) word = word.replaceAll("\u2019", "'")
      counts.words++
      clauseWords++
      if (word === "http" || word === "https") {
        counts.links++
        while (at < to && kinds[text.charCodeAt(at)] !== is.space) at++
        return
      }
      if (text.charCodeAt(at) === 46 && at + 2 < to) {
        const ending = /^[a-z0-9]{2,11}/.exec(text.slice(at + 1, at + 13))?.[0]
        if (ending !== undefined && fileEnds.has(ending)) {
          counts.files++
          at += 1 + ending.length
          opening = false
          return
        }
      }
      const entry =
        spacedWords.get(word) ?? (word.includes("'") ? spacedWords.get(word.slice(0, word.indexOf("'"))) : undefined)
      if (entry) {
        meet(entry, first, at, false)
        for (const { before, entry: phrase } of entry.phrases) {
          if (
            before[0] !== before1 ||
            (before.length > 1 && before[1] !== before2) ||
            (before.length > 2 && before[2] !== before3)
          )
            continue
          meet(phrase, first, at, false)
        }
      } else if (word === "i") {
        if (source.charCodeAt(first) === 73) counts.self++
      } else if (word.length > 5 && imperativeEnding.test(word) && !told) instruct(Math.min(to, at + 40))
      else if (word.length > 3 && opening && word.endsWith("ez")) instruct(Math.min(to, at + 40))
      opening =
        joiners.has(word) || (entry !== undefined && (entry.senses & (Sense.order | Sense.guide)) !== 0 && opening)
      before3 = before2
      before2 = before1
      before1 = word
    }

    const readJoined = (code: number) => {
      const list = joinedWords.get(code)
      let length = 1
      if (list) {
        for (const { text: word, entry } of list) {
          if (!text.startsWith(word, at)) continue
          meet(entry, at, at + word.length, true)
          length = word.length
          opening = (entry.senses & Sense.order) !== 0
          break
        }
        if (length === 1) opening = false
      } else opening = false
      joinedCount += length
      clauseWords++
      at += length
    }

    const readNumber = () => {
      const first = at
      while (at < to && kinds[text.charCodeAt(at)] === is.digit) at++
      const mark = text.charCodeAt(at)
      if ((mark === 46 || mark === 44) && kinds[text.charCodeAt(at + 1)] === is.digit && at + 1 < to) {
        at++
        while (at < to && kinds[text.charCodeAt(at)] === is.digit) at++
      }
      const next = text.charCodeAt(at)
      if ((next === 120 || next === 215) && at - first >= 3 && kinds[text.charCodeAt(at + 1)] === is.digit) {
        counts.sizes++
        at++
        while (at < to && kinds[text.charCodeAt(at)] === is.digit) at++
      }
      if (settingEnd >= 0 && first - settingEnd <= 14 && isValueGap(text.slice(settingEnd, first))) {
        value(settingBit, settingStart, at)
        settingEnd = -1
      }
      numberStart = first
      numberEnd = at
      // "4x" and "1e-4" are one word, "30步" are two
      while (at < to && kinds[text.charCodeAt(at)] === is.letter) at++
      if (at > numberEnd + 3) at = numberEnd
      opening = false
    }

    const readMark = (code: number, kind: number) => {
      at++
      if (kind === is.sentenceEnd) {
        if (code === 63 || code === 0xff1f || code === 0x061f) {
          counts.questions++
          found.lastEnd = "?"
        } else {
          if (code === 33 || code === 0xff01) counts.exclamations++
          else if (code === 46 && at < to && kinds[text.charCodeAt(at)] !== is.space) return
          found.lastEnd = "."
        }
        at--
        endClause(true)
        at++
      } else if (kind === is.clauseEnd) {
        if (code === 44 || code === 0xff0c || code === 0x3001) counts.commas++
        at--
        endClause(false)
        at++
      } else if (code === 61 || code === 8211 || code === 8212) opening = true
      else if (code === 59) endClause(false)
      if (kind === is.other && code !== 45 && code !== 95) before1 = ""
    }

    while (at < to) {
      const code = text.charCodeAt(at)
      const kind = kinds[code]!
      if (kind === is.letter) readWord()
      else if (kind === is.joined) readJoined(code)
      else if (kind === is.digit) readNumber()
      else readMark(code, kind)
    }
    if (joinedCount > 0) counts.words += joinedCount / 1.7
    endClause(found.lastEnd === "")
    if (clauseWords === 0 && to > from && kinds[text.charCodeAt(to - 1)] !== is.sentenceEnd) {
      counts.sentences++
      found.lastEnd = text.charCodeAt(to - 1) === 63 ? "?" : found.lastEnd
    }
  }
}

/** What may stand between a setting's name and its value. */
function isValueGap(gap: string): boolean {
  return /^[\s"'*`:=：~≈(]{0,4}(?:(?:to|at|of|is|auf|bei|von|à|a|en|em|su|op|na|do|på|pe|în|ke|до|на|в|с|设为|設為|設定為|设置为|调到|为|為|は|を|に|로|를|around|about|about|değerini|değeri|على)\s{0,2}){0,2}[\s"'*`:=]{0,3}[.]?$/u.test(
    gap,
  )
}
