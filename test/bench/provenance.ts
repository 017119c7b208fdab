import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openC2paVerifier } from "../../classifiers/image/c2pa/verifier.ts"
import { readMetadata } from "../../classifiers/image/container/read-metadata.ts"
import { openExaminerPool } from "../../classifiers/image/examiner-pool.ts"
import { declaredC2pa } from "../../classifiers/image/provenance/c2pa-facts.ts"
import { watermarkTraces } from "../../classifiers/image/provenance/invisible-watermark.ts"
import { readFacts } from "../../classifiers/image/provenance/read-facts.ts"
import { readSignals } from "../../classifiers/image/provenance/read-signals.ts"
import { stealthTexts } from "../../classifiers/image/provenance/stealth.ts"
import { paintScene } from "../../src/demo/scenes.ts"
import type { Examination } from "../../src/model/fingerprint.ts"
import { corpusFolder, type Expectation, hasCorpus, judge, readCorpus } from "../support/provenance-corpus.ts"
import { type Bench, type Comparison, type Figure, figure } from "./comparison.ts"
import { openPeers, type PeerReading } from "./provenance-peers.ts"
import { tableLines } from "./provenance-tools-table.ts"

const passes = 5

/** What has to hold whatever the peers do: the name of a figure, and its bound. */
const bars: readonly { readonly figure: string; readonly holds: (median: number) => boolean; readonly says: string }[] =
  [
    { figure: "named right, share", holds: (share) => share >= 0.99, says: "named right ≥ 0.99" },
    { figure: "full traces strong, share", holds: (share) => share >= 0.99, says: "full traces strong ≥ 0.99" },
    { figure: "partial traces too strong", holds: (count) => count === 0, says: "no partial trace is strong" },
    { figure: "false alarms", holds: (count) => count === 0, says: "no false alarm" },
    { figure: "metadata, ms", holds: (ms) => ms <= 1, says: "metadata ≤ 1 ms" },
    { figure: "C2PA verified, ms", holds: (ms) => ms <= 60, says: "C2PA verified ≤ 60 ms" },
    { figure: "slowest file, ms", holds: (ms) => ms <= 2000, says: "no file over 2 s" },
  ]

/**
 * Names, grades and speed over a corpus of real files, in turns with exifreader, sd-parsers and exiftool; then the table of families and
 * containers, each cell computed by running the tools over the tests' vectors. `--dir` names another folder with a `manifest.json`.
 */
export const provenanceBench: Bench = async ({ directory, runs, signal, say }) => {
  const folder = directory ?? corpusFolder
  const corpus = hasCorpus(folder) ? await readCorpus(folder) : []
  if (corpus.length === 0) say(`no corpus at ${folder}: the table of vectors alone`)
  const work = await mkdtemp(join(tmpdir(), "watchline-provenance-"))
  try {
    const peers = openPeers(say, passes)
    const figures: Record<string, Figure> = {}
    const baseline: Record<string, Figure> = {}
    const notes: string[] = []
    if (corpus.length > 0) {
      const paths = await neutralCopies(corpus, folder, join(work, "corpus"))
      const ours: number[][] = []
      const theirs = new Map<string, PeerReading[][]>()
      for (let run = 0; run < runs; run++) {
        signal.throwIfAborted()
        say(`run ${run + 1} of ${runs}`)
        ours.push(await metadataTimes(paths))
        for (const peer of peers) theirs.set(peer.name, [...(theirs.get(peer.name) ?? []), peer.read(paths)])
      }
      const mine = await examineAll(paths)
      const score = scoreOf(corpus, mine.found)
      figures["named right, share"] = figure([score.named])
      figures["full traces strong, share"] = figure([score.strong])
      figures["partial traces too strong"] = figure([score.partialTooStrong])
      figures["false alarms"] = figure([score.falseAlarms])
      figures["metadata, ms"] = figure(ours.map(median))
      figures["C2PA verified, ms"] = figure(await verificationTimes(paths))
      figures["slowest file, ms"] = figure([mine.slowest])
      Object.assign(figures, pixelCosts())
      const reader = theirs.get("exifreader")!
      baseline["metadata, ms"] = figure(reader.map((readings) => median(readings.map(({ ms }) => ms))))
      baseline["named right, share"] = figure([namedShare(corpus, reader[0]!)])
      baseline["false alarms"] = figure([falseAlarms(corpus, reader[0]!)])
      notes.push(
        "The baseline is exifreader with a rule of keywords over what it shows. Of grades, peers know nothing.",
      )
      for (const [name, readings] of theirs) {
        const ms = median(readings.flatMap((run) => run.map((reading) => reading.ms)))
        const named = (namedShare(corpus, readings[0]!) * 100).toFixed(1)
        notes.push(
          `${name}: ${named} % named right, ${falseAlarms(corpus, readings[0]!)} false alarms, ${ms.toFixed(2)} ms a file`,
        )
      }
      notes.push(...score.wrong.map((file) => `wrong: ${file}`))
    }
    notes.push("", ...(await tableLines(peers, join(work, "vectors"))))
    const missed = corpus.length > 0 ? bars.filter(({ figure: name, holds }) => !holds(figures[name]!.median)) : []
    notes.push("", ...missed.map(({ says }) => `NOT reached: ${says}`))
    return { name: "provenance", figures, baseline, ...ratioOf(figures, baseline), reached: missed.length === 0, notes }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function ratioOf(
  figures: Readonly<Record<string, Figure>>,
  baseline: Readonly<Record<string, Figure>>,
): Pick<Comparison, "ratio" | "goal"> {
  const [own, other] = [figures["metadata, ms"], baseline["metadata, ms"]]
  return { ratio: own && other ? { "metadata, ms": own.median / other.median } : {}, goal: {} }
}

/** Copies under numbers: a name like "sdnext-1.jpg" would tell tools that show it what they are looking for. */
async function neutralCopies(corpus: readonly Expectation[], from: string, to: string): Promise<string[]> {
  await mkdir(to)
  return Promise.all(
    corpus.map(async ({ file }, index) => {
      const path = join(to, `${String(index).padStart(4, "0")}${/\.\w{1,5}$/.exec(file)?.[0] ?? ""}`)
      await copyFile(join(from, file), path)
      return path
    }),
  )
}

/** Reading metadata and its signals from memory: the least of a few passes for each file, as for the peer. */
async function metadataTimes(paths: readonly string[]): Promise<number[]> {
  const times: number[] = []
  for (const path of paths) {
    const bytes = new Uint8Array(await readFile(path))
    let least = Number.POSITIVE_INFINITY
    for (let pass = 0; pass < passes; pass++) {
      const started = performance.now()
      const metadata = readMetadata(bytes)
      readFacts(metadata)
      declaredC2pa(metadata)
      readSignals(metadata)
      least = Math.min(least, performance.now() - started)
    }
    times.push(least)
  }
  return times
}

async function examineAll(paths: readonly string[]): Promise<{ found: Examination[]; slowest: number }> {
  const pool = openExaminerPool({ workers: 1 })
  const found: Examination[] = []
  let slowest = 0
  try {
    await pool.examine(new Uint8Array(await readFile(paths[0]!)))
    for (const path of paths) {
      const bytes = new Uint8Array(await readFile(path))
      const started = performance.now()
      found.push(await pool.examine(bytes))
      slowest = Math.max(slowest, performance.now() - started)
    }
  } finally {
    await pool.close()
  }
  return { found, slowest }
}

/** Metadata and verification of the files with credentials, once the verifier is loaded. */
async function verificationTimes(paths: readonly string[]): Promise<number[]> {
  const verifier = openC2paVerifier()
  const times: number[] = []
  try {
    for (const path of paths) {
      const bytes = new Uint8Array(await readFile(path))
      const { jumbf, format } = readMetadata(bytes)
      if (jumbf.length === 0) continue
      const started = performance.now()
      const metadata = readMetadata(bytes)
      readSignals(metadata)
      declaredC2pa(metadata)
      await verifier.verify(bytes.slice(), format)
      times.push(performance.now() - started)
    }
  } finally {
    await verifier.close()
  }
  return times.length > 1 ? times.slice(1) : [0]
}

/** What looking into the pixels of every lossless picture costs. */
function pixelCosts(): Record<string, Figure> {
  const [width, height] = [1024, 768]
  const { rgb } = paintScene("bench", width, height, "photo")
  const pixels = { data: Buffer.from(rgb), width, height, channels: 3 } as const
  const measure = (work: () => unknown) => {
    const times: number[] = []
    for (let run = 0; run < 40; run++) {
      const started = performance.now()
      work()
      times.push(performance.now() - started)
    }
    return figure(times.slice(10))
  }
  return {
    "watermark of 1024×768, ms": measure(() => watermarkTraces(pixels)),
    "stealth text of 1024×768, ms": measure(() => stealthTexts(pixels)),
  }
}

function scoreOf(corpus: readonly Expectation[], found: readonly Examination[]) {
  const judged = corpus.map((expected, index) => ({ expected, ...judge(expected, found[index]!.signals) }))
  const generated = judged.filter(({ expected }) => expected.grade !== null)
  const full = generated.filter(({ expected }) => expected.grade === "full")
  const wrong = judged.filter(({ named, graded }) => !named || !graded)
  return {
    named: share(generated, ({ named }) => named),
    strong: share(full, ({ graded }) => graded),
    partialTooStrong: generated.filter(({ expected, graded }) => expected.grade === "partial" && !graded).length,
    falseAlarms: wrong.filter(({ expected }) => expected.grade === null).length,
    wrong: wrong.map(({ expected }) => expected.file),
  }
}

function namedShare(corpus: readonly Expectation[], readings: readonly PeerReading[]): number {
  const generated = corpus.flatMap((expected, index) => (expected.grade === null ? [] : [{ expected, index }]))
  return share(generated, ({ expected, index }) =>
    readings[index]!.names.some((name) => expected.accept.includes(name)),
  )
}

function falseAlarms(corpus: readonly Expectation[], readings: readonly PeerReading[]): number {
  return corpus.filter(({ grade }, index) => grade === null && readings[index]!.names.length > 0).length
}

function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.length === 0 ? 1 : items.filter(holds).length / items.length
}

function median(values: readonly number[]): number {
  return figure(values).median
}
