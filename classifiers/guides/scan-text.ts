import { type Entry, joinedWords, Sense, spacedWords } from "./lexicon.ts"
import { imperativeEnding } from "./step-language.ts"
import { formPhrases } from "./talk-language.ts"

/** UTF-16 units of a text that are read, lines, and units of a line: nobody writes a guide beyond that. */
const readLimit = 200_000
const lineLimit = 5_000
const lineLengthLimit = 20_000
const spanLimit = 60
const spanLengthLimit = 200

/** A place in the text that speaks for a guide. */
export interface ScannedSpan {
  readonly name: "instruction" | "step" | "setting" | "tool"
  readonly start: number
  readonly end: number
}

/** What a text consists of, counted in one pass. */
export interface TextCounts {
  /** Words; in scripts without spaces 1.7 characters are one. */
  words: number
  clauses: number
  sentences: number
  questions: number
  exclamations: number
  /** The last sentence is a question. The first is often the title of a thread, which others wrote. */
  endsAsking: boolean
  lines: number
  headings: number
  bullets: number
  /** The longest run of steps that are numbered one after the other. */
  steps: number
  machineLines: number
  /** Of these, the ones that stand in the open, not in a block of code. */
  openMachineLines: number
  commands: number
  changeLines: number
  changeVerbLines: number
  versionHeadings: number
  /** Clauses that open with an order, or close with one where a language puts it there. */
  instructions: number
  orderWords: number
  advice: number
  explaining: number
  reader: number
  guideWords: number
  self: number
  courtesy: number
  ask: number
  problems: number
  telling: number
  changes: number
  tools: number
  toolKinds: number
  weakTools: number
  editorKinds: number
  editors: number
  /** Different settings that are given a value. */
  settings: number
  samplers: number
  sizes: number
  files: number
  /** Arrows, and names in quotation marks, bold type or code: what one clicks on. */
  controls: number
  links: number
  mentions: number
  dates: number
  versions: number
  formPhrases: number
  /** The line of parameters that tools write under a picture. */
  parameterLines: number
  commas: number
  readonly spans: ScannedSpan[]
}

/** What a character is to the scanner. */
const is = {
  other: 0,
  letter: 1,
  digit: 2,
  joined: 3,
  space: 4,
  sentenceEnd: 5,
  clauseEnd: 6,
  apostrophe: 7,
} as const
let tabled: Uint8Array | undefined

/** By UTF-16 unit; made when the first text is read. */
function charKinds(): Uint8Array {
  const table = new Uint8Array(65_536)
  const letter = /[\p{L}\p{M}]/u
  for (let code = 0; code < 65_536; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue
    const char = String.fromCharCode(code)
    if (letter.test(char)) table[code] = is.letter
    else if (/\s/u.test(char)) table[code] = is.space
  }
  for (let code = 48; code < 58; code++) table[code] = is.digit
  for (const [from, to] of [[0x3040, 0x30ff], [0x3400, 0x9fff], [0xac00, 0xd7af]] as const) table.fill(is.joined, from, to + 1) // biome-ignore format: a table
  for (const char of ".!?。！？…؟") table[char.charCodeAt(0)] = is.sentenceEnd
  for (const char of ",;:，、；：،→>()（）|") table[char.charCodeAt(0)] = is.clauseEnd
  for (const char of "'\u2019") table[char.charCodeAt(0)] = is.apostrophe
  return table
}

const stepMark =
  /^[-*•#>\s[\]b]{0,8}(?:\*\*)?(?:(?:step|schritt|étape|etape|paso|passo|passaggio|stap|krok|steg|trin|vaihe|bước|langkah|adım|шаг|крок|стъпка|步骤|步驟|ステップ|手順|단계)\s{0,2}(\d{1,2}|one|two|three|four|five)|第?\s?(\d{1,2}|[一二三四五六七八九十])\s?步|(\d{1,2})\s?(?:[.):、．]|\ufe0f?\u20e3)(?!\d)|([①-⑳]))/u
const bullet = /^(?:[-*•–+]|\[\*\])\s?\S/
const heading =
  /^(?:#{1,6} \S|\[(?:b|h\d|size=[^\]]{1,10})\].{2,80}\[\/(?:b|h\d|size)\]:?$|\*\*[^*]{2,80}\*\*:?$|={3,}|[^.!?。]{3,60}[:：]$)/u
const command =
  /^(?:\$ |> )?(?:pip3? install|git (?:clone|pull)|python3? \S|conda |accelerate launch|cd \S|uv |docker |npm |apt |wget |curl |source |\.\/)|^--[a-z_]+/
const machine =
  /^(?:[{}\]]|\[\d|"\w+":|import |from \w+ import|def |class |@|file ".*", line \d|\d{4}-\d\d-\d\d[t ]\d|\[?(?:info|error|warning|debug)\b|traceback|at [\w.]+\(|[\w.]+ ?= ?[\w.]+\(|\^{3}|<[a-z/])/
const parameters = /(?:steps|sampler|seed|size|model|cfg scale): [^,\n]{1,40},/g
const change =
  /^[-*•\s]{0,4}(?:\[[^\]]{0,20}\]\s?)?(?:added|fixed|removed|improved|changed|updated|feat|fix|fixes|bump|merge|revert|refactor|support|allow|prevent|handle|bugfix|hotfix|chore|docs|new|neu|behoben|ajout|corrig|añad|corregid|adicionad|corrigid|добавлен|исправлен|улучшен|新增|修复|优化|追加|修正|추가|수정)\b/u
const changeVerb =
  /^[-*•\s]{0,4}(?:add|fix|update|improve|remove|support|allow|change|rename|refactor|implement|introduce|bump)\b/
const codeWords =
  /^(?:\/\/|"{3}|self\.|return\b|(?:if|elif|for|while|with|try|except|else)\b.{0,90}:$|raise |assert |args\.|parser\.|\)|\w+: \S+ ?= |\w+ ?= ?\S)/
const versionHeading =
  /^[#*\s[]{0,6}(?:version |v)?\d{1,3}\.\d{1,4}(?:\.\d{1,4})?\b[^a-z]{0,30}$|^[#*\s[]{0,6}(?:version |v)?\d{1,2}\.\d{1,2}\.\d{1,4}\b/
const date = /\b(?:20\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[./]\d{1,2}[./]20\d\d)\b/g
const version = /\bv?\d{1,3}\.\d{1,3}\.\d{1,3}\b|\bv\d{1,2}\.\d{1,3}\b/g
const mention = /(?:^|\s)@[a-z][\w-]{2,}|(?:^|[\s(])#\d{2,6}\b/g
const control = /\*\*[^*\n]{2,40}\*\*|`[^`\n]{2,60}`|["“«「『【][^"”»」』】\n]{2,40}["”»」』】]|\s(?:->|→|➜|>)\s/g
const fileEnds: ReadonlySet<string> = new Set(
  "safetensors ckpt json png pt pth gguf yaml yml py bat sh txt toml onnx bin webp jpg jpeg zip 7z exe xcf psd".split(
    " ",
  ),
)
const digitsOf: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3, four: 4, five: 5 }
const chineseDigits = "一二三四五六七八九十"
/** Words after which a verb opens a clause as it does after a comma. */
const joiners: ReadonlySet<string> = new Set("and then und dann et puis y luego e depois poi en dan oraz i и затем а й та ve sonra och sedan og så ja și és και و please bitte just simply also or to jetzt nun".split(" ")) // biome-ignore format: a table

/** Reads a text once, line by line; linear in its first 200,000 units. */
export function scanText(source: string): TextCounts {
  tabled ??= charKinds()
  const kinds = tabled
  const counts: TextCounts = {
    words: 0, clauses: 0, sentences: 0, questions: 0, exclamations: 0, endsAsking: false, lines: 0, headings: 0, bullets: 0, steps: 0,
    machineLines: 0, openMachineLines: 0, commands: 0, changeLines: 0, changeVerbLines: 0, versionHeadings: 0, instructions: 0, orderWords: 0, advice: 0, explaining: 0, reader: 0, guideWords: 0, self: 0,
    courtesy: 0, ask: 0, problems: 0, telling: 0, changes: 0, tools: 0, toolKinds: 0, weakTools: 0, editorKinds: 0, editors: 0, settings: 0,
    samplers: 0, sizes: 0, files: 0, controls: 0, links: 0, mentions: 0, dates: 0, versions: 0, formPhrases: 0, parameterLines: 0, commas: 0,
    spans: [],
  } // biome-ignore format: a table
  const read = source.length > readLimit ? source.slice(0, readLimit) : source
  // the only letter whose lower case is longer: spans must stay where they are
  const text = read.replaceAll("\u0130", "i").toLowerCase()
  const seen = { order: new Set<number>(), tool: new Set<number>(), editor: new Set<number>(), settings: 0 }
  let fenced = false
  let run = 0
  let lastStep = 0
  let bareRun = 0
  let bestBareRun = 0
  let lastEnd = ""
  let start = 0
  for (let line = 0; line < lineLimit && start <= text.length; line++) {
    let end = text.indexOf("\n", start)
    if (end === -1) end = text.length
    readLine(start, Math.min(end, start + lineLengthLimit))
    start = end + 1
  }
  counts.orderWords = seen.order.size
  counts.toolKinds = seen.tool.size
  counts.editorKinds = seen.editor.size
  counts.settings = bits(seen.settings)
  if (bestBareRun >= 3) counts.steps = Math.max(counts.steps, bestBareRun)
  counts.endsAsking = lastEnd === "?"
  return counts

  function span(name: ScannedSpan["name"], from: number, to: number): void {
    if (counts.spans.length < spanLimit)
      counts.spans.push({ name, start: from, end: Math.min(to, from + spanLengthLimit) })
  }

  function readLine(from: number, to: number): void {
    const trimmed = text.slice(from, to).trim()
    if (trimmed === "") return
    counts.lines++
    if (trimmed.startsWith("```") || trimmed.startsWith("~~~") || /^\[\/?code\]/.test(trimmed)) {
      fenced = !fenced && !trimmed.includes("[/code]")
      counts.machineLines++
      return
    }
    const head = trimmed.slice(0, 100)
    const isCommand = command.test(head)
    if (isCommand) counts.commands++
    if (
      fenced ||
      isCommand ||
      machine.test(head) ||
      codeWords.test(head) ||
      looksLikeCode(head) ||
      isIndentedCode(from, to, head)
    ) {
      counts.machineLines++
      if (!fenced && !isCommand) counts.openMachineLines++
      return
    }
    if (head.startsWith(">") || head.startsWith("|")) return // what somebody else said, or a table
    if (trimmed.length < 120 && heading.test(trimmed)) counts.headings++
    if (change.test(head)) counts.changeLines++
    if (changeVerb.test(head)) counts.changeVerbLines++
    if (versionHeading.test(head)) counts.versionHeadings++
    const step = stepMark.exec(head)
    if (step) {
      const number = stepNumber(step)
      run = number === lastStep + 1 ? run + 1 : 1
      lastStep = number
      if (run >= 2) counts.steps = Math.max(counts.steps, run)
      if (number > 0) span("step", from, from + Math.min(to - from, 30))
    } else if (bullet.test(head)) counts.bullets++
    if (trimmed.includes(",")) {
      const found = count(parameters, trimmed)
      if (found >= 3) counts.parameterLines++
    }
    if (/["`*“«「『【>→➜]/.test(trimmed)) counts.controls += count(control, trimmed)
    if (/[@#]/.test(trimmed)) counts.mentions += count(mention, trimmed)
    if (/\d[-/.]\d/.test(trimmed)) {
      counts.dates += count(date, trimmed)
      counts.versions += count(version, trimmed)
    }
    counts.formPhrases += count(formPhrases, head)
    const before = counts.instructions
    // what stands behind a step's mark or a bullet opens a clause
    readWords(from + (step ? text.slice(from, to).indexOf(step[0]) + step[0].length : 0), to)
    bareRun = counts.instructions > before ? bareRun + 1 : 0
    bestBareRun = Math.max(bestBareRun, bareRun)
  }

  function isIndentedCode(from: number, to: number, head: string): boolean {
    const indented = text.startsWith("    ", from) || text.charCodeAt(from) === 9
    return (
      indented &&
      to - from < 400 &&
      !bullet.test(head) &&
      (/[,:()[\]{}]$/.test(head) || /\w_\w|\w\(|\w\.[a-z_]/.test(head))
    )
  }

  function readWords(from: number, to: number): void {
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
      if ((seen.settings & bit) === 0) span("setting", first, last)
      seen.settings |= bit
    }
    const meet = (entry: Entry, first: number, last: number, joined: boolean): void => {
      const { senses } = entry
      if (senses === 0) return
      if (senses & Sense.tool) {
        counts.tools++
        if (!seen.tool.has(entry.id)) {
          seen.tool.add(entry.id)
          span("tool", first, last)
        }
      }
      if (senses & Sense.weakTool) counts.weakTools++
      if (senses & Sense.editor) {
        counts.editors++
        seen.editor.add(entry.id)
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
      if (senses & Sense.order && (opening || joined)) seen.order.add(entry.id)
      if (senses & Sense.verb && opening) instruct(Math.min(to, last + 60))
      if (senses & Sense.closingVerb) {
        if (joined) instruct(last)
        else lastVerbEnd = last
      }
    }

    while (at < to) {
      const code = text.charCodeAt(at)
      const kind = kinds[code]!
      if (kind === is.letter) {
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
          continue
        }
        let word = text.slice(first, at)
        if (word.includes("\u2019")) word = word.replaceAll("\u2019", "'")
        counts.words++
        clauseWords++
        if (word === "http" || word === "https") {
          counts.links++
          while (at < to && kinds[text.charCodeAt(at)] !== is.space) at++
          continue
        }
        if (text.charCodeAt(at) === 46 && at + 2 < to) {
          const ending = /^[a-z0-9]{2,11}/.exec(text.slice(at + 1, at + 13))?.[0]
          if (ending !== undefined && fileEnds.has(ending)) {
            counts.files++
            at += 1 + ending.length
            opening = false
            continue
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
        continue
      }
      if (kind === is.joined) {
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
        continue
      }
      if (kind === is.digit) {
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
        continue
      }
      at++
      if (kind === is.sentenceEnd) {
        if (code === 63 || code === 0xff1f || code === 0x061f) {
          counts.questions++
          lastEnd = "?"
        } else {
          if (code === 33 || code === 0xff01) counts.exclamations++
          else if (code === 46 && at < to && kinds[text.charCodeAt(at)] !== is.space) continue
          lastEnd = "."
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
    if (joinedCount > 0) counts.words += joinedCount / 1.7
    const ended = lastEnd
    endClause(ended === "")
    if (clauseWords === 0 && to > from && kinds[text.charCodeAt(to - 1)] !== is.sentenceEnd) {
      counts.sentences++
      lastEnd = text.charCodeAt(to - 1) === 63 ? "?" : lastEnd
    }
  }
}

/** Where every eighth character is punctuation of code. */
function looksLikeCode(line: string): boolean {
  if (line.length < 8) return false
  const marks = line.match(/[(){}[\]=;_<>]/g)?.length ?? 0
  return marks >= 3 && marks * 8 > line.length
}

/** What may stand between a setting's name and its value. */
function isValueGap(gap: string): boolean {
  return /^[\s"'*`:=：~≈(]{0,4}(?:(?:to|at|of|is|auf|bei|von|à|a|en|em|su|op|na|do|på|pe|în|ke|до|на|в|с|设为|設為|設定為|设置为|调到|为|為|は|を|に|로|를|around|about|about|değerini|değeri|على)\s{0,2}){0,2}[\s"'*`:=]{0,3}[.]?$/u.test(
    gap,
  )
}

function stepNumber([, named, chinese, plain, circled]: RegExpExecArray): number {
  if (circled) return circled.charCodeAt(0) - 0x2460 + 1
  if (chinese && chineseDigits.includes(chinese)) return chineseDigits.indexOf(chinese) + 1
  const text = named ?? chinese ?? plain ?? ""
  return digitsOf[text] ?? Number(text)
}

function count(pattern: RegExp, text: string): number {
  pattern.lastIndex = 0
  let found = 0
  while (pattern.exec(text) !== null) found++
  return found
}

function bits(mask: number): number {
  let found = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) found++
  return found
}
