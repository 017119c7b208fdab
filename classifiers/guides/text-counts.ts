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

export function noCounts(): TextCounts {
  return {
    words: 0, clauses: 0, sentences: 0, questions: 0, exclamations: 0, endsAsking: false, lines: 0, headings: 0, bullets: 0, steps: 0,
    machineLines: 0, openMachineLines: 0, commands: 0, changeLines: 0, changeVerbLines: 0, versionHeadings: 0, instructions: 0, orderWords: 0, advice: 0, explaining: 0, reader: 0, guideWords: 0, self: 0,
    courtesy: 0, ask: 0, problems: 0, telling: 0, changes: 0, tools: 0, toolKinds: 0, weakTools: 0, editorKinds: 0, editors: 0, settings: 0,
    samplers: 0, sizes: 0, files: 0, controls: 0, links: 0, mentions: 0, dates: 0, versions: 0, formPhrases: 0, parameterLines: 0, commas: 0,
    spans: [],
  } // biome-ignore format: a table
}
