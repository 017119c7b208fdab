import { formPhrases } from "./talk-language.ts"
import type { TextCounts } from "./text-counts.ts"

/** Units of a line by which its kind is told. */
const headLength = 100

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
const digitsOf: Readonly<Record<string, number>> = { one: 1, two: 2, three: 3, four: 4, five: 5 }
const chineseDigits = "一二三四五六七八九十"

/** What kind of line this is, whatever its words: of code, of somebody else, or of the text itself. */
export type LineKind = "fence" | "command" | "machine" | "quoted" | "own"

/** @param line without white space around it, @param indent what stands before it */
export function lineKind(line: string, indent: string): LineKind {
  if (line.startsWith("```") || line.startsWith("~~~") || /^\[\/?code\]/.test(line)) return "fence"
  const head = line.slice(0, headLength)
  if (command.test(head)) return "command"
  if (machine.test(head) || codeWords.test(head) || looksLikeCode(head) || isIndentedCode(line, indent))
    return "machine"
  return head.startsWith(">") || head.startsWith("|") ? "quoted" : "own" // what somebody else said, or a table
}

/** Counts the marks of a line of the text itself; its words are read elsewhere. */
export function countMarks(line: string, counts: TextCounts): void {
  const head = line.slice(0, headLength)
  if (line.length < 120 && heading.test(line)) counts.headings++
  if (change.test(head)) counts.changeLines++
  if (changeVerb.test(head)) counts.changeVerbLines++
  if (versionHeading.test(head)) counts.versionHeadings++
  if (line.includes(",") && count(parameters, line) >= 3) counts.parameterLines++
  if (/["`*“«「『【>→➜]/.test(line)) counts.controls += count(control, line)
  if (/[@#]/.test(line)) counts.mentions += count(mention, line)
  if (/\d[-/.]\d/.test(line)) {
    counts.dates += count(date, line)
    counts.versions += count(version, line)
  }
  counts.formPhrases += count(formPhrases, head)
}

/** The number of the step that a line opens, and the length of its mark; undefined where it opens none. */
export function stepOf(line: string): { readonly number: number; readonly length: number } | undefined {
  const match = stepMark.exec(line.slice(0, headLength))
  return match ? { number: stepNumber(match), length: match[0].length } : undefined
}

export const isBullet = (line: string) => bullet.test(line.slice(0, headLength))

function isIndentedCode(line: string, indent: string): boolean {
  if (!(indent.startsWith("    ") || indent.startsWith("\t")) || line.length + indent.length >= 400) return false
  const head = line.slice(0, headLength)
  return !bullet.test(head) && (/[,:()[\]{}]$/.test(head) || /\w_\w|\w\(|\w\.[a-z_]/.test(head))
}

/** Where every eighth character is punctuation of code. */
function looksLikeCode(line: string): boolean {
  if (line.length < 8) return false
  const marks = line.match(/[(){}[\]=;_<>]/g)?.length ?? 0
  return marks >= 3 && marks * 8 > line.length
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
