import { verifyList } from "../delist/signed-list.ts"
import type { DemoWorld } from "../demo/demo-world.ts"
import type { TruthCount } from "../demo/planned-forum.ts"
import { type KnownHash, knownHashId } from "../model/known-hash.ts"
import { instant } from "../model/record.ts"
import { publicKeyText } from "../model/signature.ts"
import type { Scope } from "../ports/findings.ts"
import type { System } from "../system.ts"
import { type MonthReport, monthReport } from "../trends/month-report.ts"
import { monthScope } from "../trends/month-scope.ts"
import { approve, decide } from "./commands/decide.ts"
import { publishList } from "./commands/list.ts"
import type { Context } from "./context.ts"
import { crawlAll } from "./crawl-all.ts"
import { workStages } from "./work-stages.ts"

/** What the forum holds and what was found, the same names on both sides. */
export interface DemoCounts {
  readonly posts: number
  readonly threads: number
  readonly authors: number
  readonly imagesPosted: number
  readonly uniqueImages: number
  readonly clusters: number
  readonly setAsideByKnownHash: number
  readonly generated: number
  readonly modelArtefacts: number
  /** Posts that hide what they refer to. */
  readonly hiddenReferences: number
  readonly characterPosts: number
  /** Posted pictures that carry a character card. */
  readonly characterCards: number
  /** Posts that hand over a character, in a picture or in a file. */
  readonly cardPosts: number
  readonly guides: number
  readonly guideTexts: number
  /** How often a text came to a forum for the first time. */
  readonly guideSpread: number
}

export interface DemoResult {
  readonly month: string
  readonly expected: DemoCounts
  readonly found: DemoCounts
  readonly monthExpected: DemoCounts
  readonly monthFound: DemoCounts
  /** Posts and posted images of the forum that were not found. */
  readonly lost: number
  /** Posts and posted images that were counted more often than they are there. */
  readonly duplicated: number
  readonly report: MonthReport
  readonly list: {
    readonly sequence: number
    readonly entries: number
    readonly valid: boolean
    readonly people: readonly string[]
  }
  readonly alarms: number
}

/** Clusters that the demo's two people assess. */
const assessed = 3
const people = ["kim", "lee"] as const

/** The whole path, on a world that runs: mandate, known hashes, forum, crawl, consumers, decisions, list, report. */
export async function runDemo(
  system: System,
  world: DemoWorld,
  context: Pick<Context, "output" | "signal">,
  step: (text: string) => void,
): Promise<DemoResult> {
  step("a mandate, signed; the organisation's known hashes")
  const now = system.clock()
  const { id: mandate } = await system.signMandate(
    {
      issuingBody: system.config.organisation.name,
      legalBasis: "demonstration on this machine",
      reference: "DEMO-1",
      hosts: [world.onion],
      collect: ["posts", "text", "fingerprints", "attachments"],
      retentionDays: 90,
      start: instant(now - 60_000),
      expiry: instant(now + 86_400_000),
      robots: "honour",
    },
    people[0],
  )
  await system.known.add(await knownHashes(system, world))
  await system.addForum({
    url: `http://${world.onion}/`,
    mandate,
    engine: "auto",
    id: "gnomes",
    timeZone: "UTC",
    person: people[0],
  })

  step(`crawling http://${world.onion.slice(0, 12)}….onion through Tor`)
  await crawlAll(system, context, { forums: [], once: true })
  context.signal.throwIfAborted()

  step("near-duplicate clusters, findings, index")
  await workStages(system, context, { stages: [], once: true })
  context.signal.throwIfAborted()

  step("two people decide on three clusters; a signed list")
  for (const cluster of await clustersToAssess(system)) {
    await decide(system, { cluster, person: people[0], verdict: "confirmed", minutes: 2 })
    await approve(system, { cluster, person: people[1], approved: true })
  }
  const signed = await publishList(system, people[1])
  const problems = verifyList(signed, { key: publicKeyText(system.keys.list.publicKey), now: system.clock() })

  const month = world.plan.months.at(-1)!
  const { truth } = world.plan
  const difference = await compare(system, world)
  return {
    month,
    expected: expectedCounts(truth.total),
    found: await foundCounts(system, {}),
    monthExpected: expectedCounts(truth.months[month]!),
    monthFound: await foundCounts(system, monthScope(month)),
    ...difference,
    report: await monthReport(system, { month }),
    list: { sequence: signed.list.sequence, entries: signed.list.entries.length, valid: problems.length === 0, people },
    alarms: (await system.findings.alarms({})).length,
  }
}

/** A set as an organisation would load it: hashes of pictures that it has assessed before. */
async function knownHashes(system: System, world: DemoWorld): Promise<KnownHash[]> {
  const source = "demo set"
  const importedAt = instant(system.clock())
  const hashes: KnownHash[] = []
  for (const name of world.plan.truth.knownOriginals) {
    const { md5, pdq } = await system.examiner.examine(new Uint8Array(world.pictures.get(name)!))
    for (const [algorithm, value] of [
      ["md5", md5],
      ["pdq", pdq],
    ] as const) {
      if (value)
        hashes.push({
          id: knownHashId(algorithm, value, source),
          algorithm,
          value,
          source,
          category: "gnome",
          importedAt,
        })
    }
  }
  return hashes
}

/** The clusters seen most often that carry strong signals and are not known yet. */
async function clustersToAssess(system: System): Promise<string[]> {
  const all = await Array.fromAsync(system.findings.clusters({}))
  return all
    .filter((c) => !c.known && (c.strength === "strong" || c.strength === "conclusive"))
    .sort((a, b) => b.sightings - a.sightings || (a.id < b.id ? -1 : 1))
    .slice(0, assessed)
    .map((c) => c.id)
}

function expectedCounts(truth: TruthCount): DemoCounts {
  return {
    posts: truth.posts,
    threads: truth.threads,
    authors: truth.authors,
    imagesPosted: truth.images,
    uniqueImages: truth.uniqueFiles,
    clusters: truth.families,
    setAsideByKnownHash: truth.setAsideByKnownHash,
    generated: truth.generatedSightings,
    modelArtefacts: truth.artefacts,
    hiddenReferences: truth.hiddenPosts,
    characterPosts: truth.characterPosts,
    characterCards: truth.characterCards,
    cardPosts: truth.cardPosts,
    guides: truth.guides,
    guideTexts: truth.guideTexts,
    guideSpread: truth.newGuideTexts,
  }
}

async function foundCounts({ findings }: System, scope: Scope): Promise<DemoCounts> {
  const tally = await findings.tally(scope)
  const hiding = new Set<string>()
  for await (const { subject, reasons } of findings.findings(scope, "model-link")) {
    if (reasons.some(({ name }) => name.startsWith("disguise:"))) hiding.add(subject.id)
  }
  const hiddenReferences = hiding.size
  const guides = await Array.fromAsync(findings.guides(scope))
  const cards = await findings.trend("character-card", "month", "none", scope)
  const spread = await findings.trend("guide-spread", "month", "none", scope)
  return {
    posts: tally.posts,
    threads: tally.threads,
    authors: tally.authors,
    imagesPosted: tally.sightings,
    uniqueImages: tally.images,
    clusters: tally.clusters,
    setAsideByKnownHash: tally.knownSightings,
    generated: tally.aiSightings,
    modelArtefacts: tally.modelArtefacts,
    hiddenReferences,
    characterPosts: tally.characterPosts,
    characterCards: tally.signals.find(({ family }) => family === "character-card")?.sightings ?? 0,
    cardPosts: cards.reduce((sum, { count }) => sum + count, 0),
    guides: tally.guidePosts,
    guideTexts: guides.length,
    guideSpread: spread.reduce((sum, { count }) => sum + count, 0),
  }
}

/** Post by post and picture by picture against the plan. */
async function compare(system: System, world: DemoWorld): Promise<{ lost: number; duplicated: number }> {
  const expected = new Set([
    ...world.plan.posts.map((post) => `post ${post.id}`),
    ...world.plan.images.map((image) => `image ${image.post} ${image.id}`),
  ])
  const seen = new Set<string>()
  let duplicated = 0
  const everything: Scope = {}
  for await (const post of system.findings.posts(everything)) {
    const found = [`post ${post.postId}`]
    for (const { url, sha256 } of post.pictures) {
      const id = new URL(url).searchParams.get("id")
      if (sha256 !== undefined && id !== null) found.push(`image ${post.postId} ${id}`)
    }
    for (const thing of found) {
      if (seen.has(thing) || !expected.has(thing)) duplicated += 1
      seen.add(thing)
    }
  }
  return { lost: [...expected].filter((thing) => !seen.has(thing)).length, duplicated }
}
