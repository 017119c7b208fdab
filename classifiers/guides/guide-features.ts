import type { TextCounts } from "./text-counts.ts"

/** What of a guide a text has, and what of talk: each 0 to 1 and named, so that a score can be explained. Counts saturate: a long text is no
 * better guide than a complete short one. */
export function guideFeatures(c: TextCounts): Record<string, number> {
  const lines = Math.max(c.lines, 1)
  const sentences = Math.max(c.sentences, 1)
  /** Per word, full at one in `every`; a few words more keep a short text from being all of anything. */
  const share = (found: number, every: number) => Math.min(1, (found * every) / (c.words + 12))
  /** The same where the first few matter most. */
  const trace = (found: number, every: number) => Math.sqrt(share(found, every))

  // A recipe has steps too: what instructs counts only as far as the tools of the trade are named.
  const tooled = enough(c.toolKinds + 0.4 * c.editorKinds, 2)
  const instructions = tooled * share(c.instructions, 11)
  const steps = tooled * enough(c.steps, 5)
  const orders = tooled * enough(c.orderWords, 3)
  const settings = tooled * enough(c.settings + (c.sizes > 0 ? 1 : 0) + (c.samplers > 0 ? 1 : 0), 5)
  const structure = Math.min(
    1,
    0.7 * instructions + 0.25 * tooled * enough(c.instructions, 6) + 0.35 * steps + 0.2 * orders,
  )
  return {
    structure,
    "settings-in-steps": Math.min(settings, structure),
    instructions,
    "instruction-count": tooled * enough(c.instructions, 10),
    "ordered-steps": steps,
    "order-words": orders,
    advice: tooled * share(c.advice, 25),
    explaining: tooled * trace(c.explaining, 12),
    "spoken-to": tooled * trace(c.reader, 15),
    "guide-words": tooled * share(c.guideWords, 20),
    "guide-word-count": tooled * enough(c.guideWords, 3),
    bullets: c.bullets / lines,
    headings: tooled * enough(c.headings, 4),
    settings,
    controls: share(c.controls, 15),
    files: tooled * enough(c.files, 4),
    commands: tooled * enough(c.commands, 3),
    "open-machine-lines": c.openMachineLines / lines,
    "mostly-machine-lines": Math.max(0, (2 * c.machineLines) / lines - 1),
    "parameter-line": enough(c.parameterLines, 1),
    "tool-kinds": enough(c.toolKinds, 5),
    "tool-share": share(c.tools, 12),
    "editor-kinds": enough(c.editorKinds, 5),
    "technical-words": share(c.weakTools, 10),
    "no-tooling": 1 - tooled,
    "asks-for-help": enough(c.self, 1) * enough(c.questions + 0.5 * c.ask, 1),
    "first-person": trace(c.self, 14),
    "any-first-person": enough(c.self, 2),
    courtesy: trace(c.courtesy, 25),
    "any-courtesy": enough(c.courtesy, 1),
    questions: Math.min(1, (2 * c.questions) / sentences),
    "ends-asking": c.endsAsking ? 1 : 0,
    "asking-words": trace(c.ask, 25),
    trouble: trace(c.problems, 15),
    telling: trace(c.telling, 14),
    changes: trace(c.changes, 12),
    "change-lines": c.changeLines / lines,
    "change-verb-lines": c.changeVerbLines / lines,
    "version-headings": enough(c.versionHeadings, 2),
    "report-form": enough(c.formPhrases, 2),
    mentions: share(c.mentions, 30),
    dates: share(c.dates, 40),
    versions: share(c.versions, 25),
    exclamations: Math.min(1, c.exclamations / sentences),
    links: share(c.links, 25),
    commas: share(c.commas, 6),
    "no-instruction": c.instructions === 0 ? 1 : 0,
    "very-short": Math.max(0, 1 - c.words / 40),
  }
}

function enough(count: number, full: number): number {
  return Math.min(1, count / full)
}

/** Which way each feature may speak; fitting leaves out one that would speak the other way. */
export const speaksFor: ReadonlySet<string> = new Set([
  "structure", "settings-in-steps", "instructions", "instruction-count", "ordered-steps", "order-words", "advice", "explaining", "spoken-to",
  "guide-words", "guide-word-count", "headings", "settings", "controls", "files", "commands", "tool-kinds", "tool-share", "editor-kinds",
  "technical-words", "bullets",
]) // biome-ignore format: a table
