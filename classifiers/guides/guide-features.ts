import type { GuideFeature } from "./guide-weights.ts"
import { chatterWords, closingRequests, openingVerbs, openingVerbsChinese, orderWords } from "./step-language.ts"
import { settingWords, strongToolWords, weakToolWords } from "./tool-vocabulary.ts"

/** UTF-16 units of a post that the guide score reads. */
const readLimit = 200_000

/**
 * What of a how-to a text has, each 0 to 1. Counts saturate, so a long text is not a better guide than a complete short one. Linear in the
 * first 200,000 units of the text.
 */
export function guideFeatures(source: string): Readonly<Record<GuideFeature, number>> {
  const text = source.slice(0, readLimit).toLowerCase().replaceAll("\u2019", "'")
  const lines = text.split("\n", 5_000).map((line) => line.trim().slice(0, 2_000))
  const prose = lines.filter((line) => line !== "" && !quoted.test(line))
  const units = prose.flatMap(sentences)
  const body = prose.join("\n")
  const words = wordCount(body)

  const steps = saturate(longestRun(prose), 4)
  const openings = units.length === 0 ? 0 : units.filter(opensWithOrder).length
  const imperatives = Math.min(saturate(openings, 5), (1.8 * openings) / Math.max(units.length, 1))
  const order = saturate(orderWordKinds(units), 3)
  const headings = saturate(prose.filter((line) => heading.test(line)).length, 3)
  const code = saturate(codeBlocks(lines), 2)
  const strong = kinds(body, strongWords)
  const weak = kinds(body, weakWords)
  const settings = settingKinds(body)
  const questions = units.filter((unit) => question.test(unit)).length
  const chatter = count(body, chatterPattern) / Math.max(words, 1)

  // Lists and release notes are numbered too: numbers speak fully only where the items order something or set a value.
  const instructive = 0.5 + 0.5 * Math.max(imperatives, order, saturate(settings, 2))
  const structure = Math.min(
    1,
    0.45 * steps * instructive + 0.45 * imperatives + 0.25 * order + 0.1 * headings + 0.1 * code,
  )
  // A weak word alone ("model", "seed") is no tooling: it counts beside a strong one.
  const tools = saturate(strong + (strong > 0 ? 0.4 * weak : 0), 4)
  const tooling = strong === 0 ? 0 : Math.min(1, 0.75 * tools + 0.4 * saturate(settings, 3))
  return {
    "structure-with-tooling": Math.min(structure, tooling),
    "ordered-steps": steps,
    "imperative-openings": imperatives,
    "parameter-settings": strong === 0 ? 0 : saturate(settings, 4),
    "tool-vocabulary": tools,
    "code-blocks": code,
    headings,
    length: saturate(words, 150),
    questions: Math.min(1, (3 * questions) / Math.max(units.length, 1)),
    chatter: Math.min(1, 12 * chatter),
    "too-short": words < 25 ? 1 : 0,
  }
}

const quoted = /^(?:>|\|)/
const question = /[?？]["')\]]*$/u
const heading =
  /^(?:#{1,4} \S|\[(?:b|h\d|size=[^\]]{1,10})\].{2,80}\[\/(?:b|h\d|size)\]:?$|\*\*[^*]{2,80}\*\*:?$|={3,}|[^.!?。]{3,60}[:：]$)/u
const stepMark =
  /^(?:[-*•#>\s]{0,6})(?:\*\*|\[b\])?(?:(?:step|schritt|étape|etape|paso|passo|stap|krok|шаг|крок|步骤|ステップ|手順|단계)\s{0,2}(\d{1,2})|第?\s?(\d{1,2}|[一二三四五六七八九十])\s?步|(\d{1,2})\s?[.):、．]|([①-⑳]))/u
const bullet = /^(?:[-*•–]|\[\*\])\s?\S/
const chineseDigits = "一二三四五六七八九十"

function saturate(count: number, enough: number): number {
  return Math.min(1, count / enough)
}

/**
 * The longest run of steps numbered one after the other; bullets count half. Lines in a row that each open with an order are steps too: many
 * forums lose the numbers of a list.
 */
function longestRun(lines: readonly string[]): number {
  let best = 0
  let run = 0
  let last = 0
  let bullets = 0
  let orders = 0
  let bestOrders = 0
  for (const line of lines) {
    orders = opensWithOrder(sentences(line)[0] ?? "") ? orders + 1 : 0
    bestOrders = Math.max(bestOrders, orders)
    const match = stepMark.exec(line)
    if (match) {
      const number = stepNumber(match)
      run = number === last + 1 ? run + 1 : 1
      last = number
      best = Math.max(best, run)
    } else if (bullet.test(line)) bullets++
  }
  return Math.max(best < 2 ? 0 : best, bestOrders < 3 ? 0 : bestOrders, Math.min(bullets, 8) / 2)
}

function stepNumber([, named, chinese, plain, circled]: RegExpExecArray): number {
  if (circled) return circled.charCodeAt(0) - 0x2460 + 1
  if (chinese && chineseDigits.includes(chinese)) return chineseDigits.indexOf(chinese) + 1
  return Number(named ?? chinese ?? plain)
}

/** Sentences of a line, without their number or bullet. */
function sentences(line: string): string[] {
  return line
    .replace(stepMark, "")
    .split(/(?<=[.!?])\s+|(?<=[。！？])/u, 50)
    .map((sentence) => sentence.replace(/^[\s\p{P}]{1,12}(?=[\p{L}])/u, "").trim())
    .filter((sentence) => sentence !== "")
}

const verbs: ReadonlySet<string> = new Set(openingVerbs)
const orders: readonly ReadonlySet<string>[] = orderWords.map((words) => new Set(words))
const unspaced = /^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u

function opensWithOrder(unit: string): boolean {
  if (verbs.has(firstWord(unit, 0))) return true
  const order = orderWordOf(unit)
  if (order && !unspaced.test(unit)) return verbs.has(firstWord(unit, order.length))
  return openingVerbsChinese.test(unit) || closingRequests.test(unit)
}

function firstWord(unit: string, from: number): string {
  return /^[\s,:]{0,3}([\p{L}'-]{1,30})/u.exec(unit.slice(from, from + 40))?.[1] ?? ""
}

function orderWordOf(unit: string): string | undefined {
  const start = unit.slice(0, 40)
  for (const words of orders) {
    for (const word of words) {
      if (start.startsWith(word) && (unspaced.test(word) || !/^[\p{L}']/u.test(start.slice(word.length)))) return word
    }
  }
  return undefined
}

function orderWordKinds(units: readonly string[]): number {
  return new Set(units.map(orderWordOf).filter((word) => word !== undefined)).size
}

function codeBlocks(lines: readonly string[]): number {
  let fences = 0
  let commands = 0
  for (const line of lines) {
    if (line.startsWith("```") || /\[\/?code\]/.test(line)) fences++
    else if (/^(?:\$ |pip3? install |git clone |python3? \S|conda |accelerate launch|--[a-z_]+=)/.test(line)) commands++
  }
  return Math.ceil(fences / 2) + (commands > 0 ? 1 : 0)
}

/** One pattern for a table of words. Scripts without spaces need no boundary; a space in a word stands for a hyphen or nothing as well. */
function wordPattern(words: readonly string[]): RegExp {
  const spaced = words.filter((word) => !unspaced.test(word))
  const joined = words.filter((word) => unspaced.test(word))
  const source = (list: readonly string[]) =>
    [...list]
      .sort((a, b) => b.length - a.length)
      .map((word) => word.replaceAll(/[.+]/g, "\\$&").replaceAll(" ", "[ _-]?"))
      .join("|")
  // A boundary for every alphabet that puts spaces: tool names stand directly beside Chinese and Japanese.
  const edge = "[a-z0-9\u00df-\u024f\u0400-\u04ff]"
  return new RegExp(
    `(?<!${edge})(?:${source(spaced)})(?!${edge})${joined.length > 0 ? `|${source(joined)}` : ""}`,
    "gu",
  )
}

const strongWords = wordPattern(strongToolWords)
const weakWords = wordPattern(weakToolWords)
const chatterPattern = wordPattern(chatterWords)

function kinds(text: string, pattern: RegExp): number {
  const found = new Set<string>()
  for (const match of text.matchAll(pattern)) found.add(match[0].replaceAll(/[ _-]/g, ""))
  return found.size
}

function count(text: string, pattern: RegExp): number {
  let found = 0
  for (const _ of text.matchAll(pattern)) found++
  return found
}

const settingPatterns: readonly RegExp[] = Object.values(settingWords).map((words) => {
  const name = wordPattern(words).source
  const number = "\\d{1,6}(?:[.,]\\d{1,6})?(?:e-?\\d)?"
  return new RegExp(
    `(?:${name})["'*\`]?\\s{0,2}(?:[:=]|to|at|of|auf|bei|von|à|a|en|em|su|op|na|до|на|в|设为|设置为|为|は|を|로)?\\s{0,2}(?:${number})|(?<![\\d.])${number}\\s{0,2}(?:${name})`,
    "u",
  )
})
const resolution = /(?<!\d)\d{3,4}\s?[x×]\s?\d{3,4}(?!\d)/u
const samplerName = /(?<![a-z])(?:euler(?: a| ancestral)?|dpm\+\+|dpmpp|ddim|unipc|heun|lms|karras|lcm)(?![a-z])/u

/** Different settings that the text gives a value to. */
function settingKinds(text: string): number {
  const named = settingPatterns.filter((pattern) => pattern.test(text)).length
  return named + (resolution.test(text) ? 1 : 0) + (samplerName.test(text) ? 1 : 0)
}

/** Words, where a script has spaces; two characters count as a word where it has none. */
function wordCount(text: string): number {
  let spaced = 0
  for (const _ of text.matchAll(/[\p{L}\p{N}]{1,60}/gu)) spaced++
  let joined = 0
  for (const _ of text.matchAll(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/gu)) joined++
  return spaced + joined / 2
}
