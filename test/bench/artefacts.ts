import { guideScore } from "../../classifiers/guides/guide-score.ts"
import { addressScanner } from "../../classifiers/links/address-scanner.ts"
import { readLinks } from "../../classifiers/links/read-links.ts"
import { artefactHosts, recogniseAddress } from "../../classifiers/links/recognise-address.ts"
import { textReader } from "../../classifiers/text-reader.ts"
import { chatter } from "../../src/demo/forum-words.ts"
import { seeded } from "../../src/demo/seeded-random.ts"
import { hostilePieces } from "../support/artefact-suite/hostile-texts.ts"
import { type Score, scoreOf } from "../support/artefact-suite/score.ts"
import type { Snippet } from "../support/artefact-suite/snippet.ts"
import { developedSnippets, heldOutSnippets } from "../support/artefact-suite/suite.ts"
import { type Bench, type Figure, figure } from "./comparison.ts"

/** Of ordinary posts, some with a reference, as a forum has them. */
const corpusBytes = 8_000_000
const goals = { recall: 0.99, precision: 0.99, exact: 0.98, megabytesPerSecond: 20 } as const
const worstGoal = 200

const scan = addressScanner(artefactHosts)
/** The same table of platforms over the text as it was written: what the undoing of disguises and the reading of names add, and cost. */
const plainAddresses = (text: string) =>
  scan(text, 4_000).flatMap(({ host, rest }) => recogniseAddress(host, rest)?.id ?? [])
const ids = (text: string) => readLinks(text, []).artefacts.map(({ id }) => id)

/** Accuracy on the held-out snippets, speed on ordinary posts, and the slowest hostile megabyte. Goals are about the figures themselves. */
export const artefactsBench: Bench = async ({ runs, signal, say }) => {
  const heldOut = heldOutSnippets()
  const ours = scoreOf(ids, heldOut)
  const plain = scoreOf(plainAddresses, heldOut)
  const posts = corpus(heldOut)
  const bytes = posts.reduce((sum, post) => sum + Buffer.byteLength(post), 0)
  const speeds = { ours: [] as number[], plain: [] as number[], guides: [] as number[], whole: [] as number[] }
  for (let run = 0; run < runs; run++) {
    signal.throwIfAborted()
    say(`run ${run + 1} of ${runs}: ${(bytes / 1e6).toFixed(1)} MB of posts, with and without disguises`)
    speeds.ours.push(speedOf(posts, bytes, ids))
    speeds.plain.push(speedOf(posts, bytes, plainAddresses))
    speeds.guides.push(speedOf(posts, bytes, (post) => guideScore(post)))
    speeds.whole.push(speedOf(posts, bytes, (post) => textReader.read(post, [])))
  }
  say(`${hostilePieces.length} hostile megabytes`)
  const hostile = hostilePieces.map((piece) => ({
    piece,
    ms: leastOf(runs, () => cpu(() => ids(piece.repeat(Math.ceil(1_000_000 / piece.length))))),
  }))
  const worst = hostile.reduce((slowest, one) => (one.ms > slowest.ms ? one : slowest))
  const figures = {
    ...accuracy(ours),
    megabytesPerSecond: figure(speeds.ours),
    worstMegabyteMs: figure([worst.ms]),
    guideMegabytesPerSecond: figure(speeds.guides),
    readMegabytesPerSecond: figure(speeds.whole),
  }
  const reached = (Object.keys(goals) as (keyof typeof goals)[]).every((name) => figures[name].median >= goals[name])
  const developed = scoreOf(ids, developedSnippets())
  return {
    name: "artefacts",
    figures,
    baseline: { ...accuracy(plain), megabytesPerSecond: figure(speeds.plain) },
    ratio: {},
    goal: {
      ...Object.fromEntries(Object.entries(goals).map(([name, atLeast]) => [name, { atLeast }])),
      worstMegabyteMs: { atMost: worstGoal },
    },
    reached: reached && worst.ms <= worstGoal,
    notes: [
      `${heldOut.length} held-out snippets (${heldOut.filter((s) => s.disguised).length} disguised, ${heldOut.filter((s) => s.ids.length === 0).length} without a reference), templates and seeds apart from the ${developed.snippets} that the reader was developed against.`,
      "Both halves were written by the reader's authors: they say that it does what they thought of, not what they did not.",
      "megabytesPerSecond is of artefacts, guideMegabytesPerSecond of how-to scores, readMegabytesPerSecond of both, as a post is read. Posts are short: the longer, the faster.",
      "The baseline is the same table of platforms over the text as written, addresses only.",
      `Processor time of one core. Slowest megabyte: ${JSON.stringify(worst.piece.slice(0, 30))}.`,
      ...misses(ours),
    ],
  }
}

function accuracy({ recall, precision, exact }: Score): Record<"recall" | "precision" | "exact", Figure> {
  return { recall: figure([recall]), precision: figure([precision]), exact: figure([exact]) }
}

function misses({ wrong }: Score): string[] {
  const families = Map.groupBy(wrong, ({ snippet }) => snippet.family)
  return [...families].map(([family, found]) => `Not exact: ${family}, ${found.length} times.`)
}

/** Posts of a few sentences; one in ten carries a snippet. */
function corpus(snippets: readonly Snippet[]): string[] {
  const random = seeded("artefacts bench")
  const posts: string[] = []
  for (let size = 0; size < corpusBytes; ) {
    const sentences = Array.from({ length: random.int(1, 6) }, () => chatter(random))
    if (random.chance(0.1)) sentences.push(random.pick(snippets).text)
    const post = sentences.join("\n")
    posts.push(post)
    size += post.length
  }
  return posts
}

function speedOf(posts: readonly string[], bytes: number, read: (text: string) => unknown): number {
  const ms = cpu(() => {
    for (const post of posts) read(post)
  })
  return bytes / 1e3 / ms
}

/** Processor time of this process in milliseconds: other load on the machine disturbs it less than the clock. */
function cpu(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function leastOf(times: number, measure: () => number): number {
  return Math.min(...Array.from({ length: times }, measure))
}
