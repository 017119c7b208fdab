import { Argument, Command } from "commander"
import { WatchlineError } from "../../errors.ts"
import type { Attachment } from "../../model/attachment.ts"
import type { CardTrace } from "../../model/card-trace.ts"
import type { Finding } from "../../model/finding.ts"
import type { Fingerprint } from "../../model/fingerprint.ts"
import type { PostContent, Sealed } from "../../model/post.ts"
import type { Id } from "../../model/record.ts"
import type { ImageRow, PostRow } from "../../ports/findings.ts"
import type { System } from "../../system.ts"
import { artefacts } from "../../trends/artefact-graph.ts"
import { monthScope } from "../../trends/month-scope.ts"
import { monthDrift, pixelDrift } from "../../trends/pixel-drift.ts"
import { choice } from "../choice.ts"
import { action, type Context } from "../context.ts"

interface ExportOptions {
  forum?: string[]
  month?: string
  open?: string
  as?: string
  kind?: Finding["kind"]
}

const things = ["posts", "images", "findings", "clusters", "artefacts", "guides", "attachments", "alarms"] as const
type Thing = (typeof things)[number]

/** What has sealed text. */
const sealing: readonly Thing[] = ["posts", "images", "attachments"]

/** Texts are opened this many at a time: one logged act each. */
const openedAtOnce = 500

export const exportCommand = () =>
  new Command("export")
    .addArgument(new Argument("<what>", things.join(", ")).argParser(choice(things)))
    .option("--forum <name...>", "only these forums")
    .option("--month <YYYY-MM>", "only posts of this month")
    .option("--kind <kind>", "of findings: ai-image, known-image, model-link, character-link, character-card, guide")
    .option(
      "--open <reason>",
      "open sealed authors and texts, of images and attachments their character cards; the reason is written to the audit log",
    )
    .option("--as <person>", "who opens them")
    .description("everything that is indexed, one JSON object a line")
    .addHelpText(
      "after",
      "\nExamples:\n  $ watchline export posts --jsonl > posts.jsonl\n  $ watchline export posts --jsonl --open 'case 2026/17' --as kim",
    )
    .action(
      action(async (context, what: Thing, options: ExportOptions) => {
        if (options.open !== undefined && !sealing.includes(what)) {
          throw new WatchlineError("usage", {
            message: `There is no sealed text in ${what}.`,
            remedy: "Leave --open out, or export posts, or images or attachments with their character cards.",
          })
        }
        const system = await context.system()
        const all: unknown[] = []
        for await (const row of rowsOf(what, system, context, options)) {
          if (context.output.mode === "json") all.push(row)
          else if (context.output.mode === "jsonl") await context.output.data(row)
          else context.output.say(JSON.stringify(row))
        }
        if (context.output.mode === "json") await context.output.data({ [what]: all })
      }),
    )

async function* rowsOf(what: Thing, system: System, context: Context, options: ExportOptions): AsyncIterable<unknown> {
  const scope = {
    ...(options.month ? monthScope(options.month) : {}),
    ...(options.forum ? { forums: options.forum } : {}),
  }
  switch (what) {
    case "posts":
      yield* inBatches(system.findings.posts(scope), (rows) => postRows(rows, system, context, options))
      return
    case "images":
      yield* inBatches(system.findings.images(scope), (rows) => imageRows(rows, system, context, options))
      return
    case "findings":
      yield* system.findings.findings(scope, options.kind)
      return
    case "clusters":
      yield* system.findings.clusters(scope)
      return
    case "artefacts":
      yield* await artefacts(system.findings, scope)
      return
    case "guides":
      yield* system.findings.guides(scope)
      return
    case "attachments":
      yield* inBatches(system.findings.attachments(scope), (rows) => attachmentRows(rows, system, context, options))
      return
    case "alarms":
      yield* await system.findings.alarms(scope)
      yield* await driftAlarms(system, options)
  }
}

/** Weeks in which what pixels say has shifted, beside the pages that need a look. */
async function driftAlarms(system: System, { month, forum }: ExportOptions): Promise<unknown[]> {
  if (system.config.examine.pixel !== "on") return []
  const forums = forum ? { forums: forum } : {}
  const weeks = await (month ? monthDrift(system, { month, ...forums }) : pixelDrift(system, forums))
  return weeks.filter(({ alarm }) => alarm).map(({ alarm, ...week }) => ({ ...week, alarm: `pixel_${alarm}_shifted` }))
}

/** What is to be opened is opened a batch at a time; a reason is checked and logged also where there is nothing to open. */
async function* inBatches<Row>(rows: AsyncIterable<Row>, finished: (batch: Row[]) => Promise<unknown[]>) {
  let held: Row[] = []
  let batches = 0
  for await (const row of rows) {
    held.push(row)
    if (held.length === openedAtOnce) {
      yield* await finished(held)
      held = []
      batches += 1
    }
  }
  if (held.length > 0 || batches === 0) yield* await finished(held)
}

async function postRows(rows: PostRow[], system: System, context: Context, options: ExportOptions) {
  const contents = await opened(rows, system, context, options)
  return rows.map((row, place) => ({
    forum: row.forum,
    url: row.url,
    threadUrl: row.threadUrl,
    postId: row.postId,
    postedAt: row.postedAt ?? null,
    images: row.pictures.map((p) => ({ url: p.url, sha256: p.sha256 ?? null })),
    links: row.links,
    ...postText(contents[place]),
  }))
}

function postText(content: PostContent | Error | undefined) {
  if (content === undefined) return {}
  if (content instanceof Error) return { author: null, text: null, unreadable: content.message }
  return { author: content.author, title: content.title, text: content.text }
}

async function attachmentRows(rows: Attachment[], system: System, context: Context, options: ExportOptions) {
  const contents = await opened(rows.map(cardOf), system, context, options)
  return rows.map(({ card, ...row }, place) => ({ ...row, ...cardRow(card, contents[place]) }))
}

const cardOf = ({ id, card }: Pick<Fingerprint, "id" | "card">) => ({
  id,
  ...(card?.sealed ? { sealed: card.sealed } : {}),
})

function cardRow(card: CardTrace | undefined, content: PostContent | Error | undefined) {
  return card ? { card: { spec: card.spec, name: card.name, text: card.text, ...cardText(content) } } : {}
}

async function imageRows(rows: ImageRow[], system: System, context: Context, options: ExportOptions) {
  const cards = rows.map(({ fingerprint }) => cardOf(fingerprint))
  const contents = await opened(cards, system, context, options)
  return rows.map(({ fingerprint, ...row }, place) => {
    // A descriptor tells roughly what a picture shows: it stays where it may be scored again.
    const { id, mandate, seenAt, card, pixels: _pixels, ...facts } = fingerprint
    return {
      fingerprint: id,
      ...facts,
      ...cardRow(card, contents[place]),
      cluster: row.cluster ?? null,
      sightings: row.sightings,
      known: row.known,
      firstSeen: seenAt,
      mandate,
    }
  })
}

function cardText(content: PostContent | Error | undefined) {
  if (content === undefined) return {}
  if (content instanceof Error) return { opened: null, unreadable: content.message }
  return { opened: { name: content.title, text: content.text } }
}

/** What the seals of these records hold, where they are to be opened: one logged act. Undefined where there is no seal. */
async function opened(
  records: readonly { readonly id: Id; readonly sealed?: Sealed }[],
  system: System,
  context: Context,
  options: ExportOptions,
): Promise<(PostContent | Error | undefined)[]> {
  if (options.open === undefined) return []
  const sealed = records.flatMap((record) => (record.sealed ? [{ recordId: record.id, sealed: record.sealed }] : []))
  const contents = await system.vault.open(sealed, { actor: context.person(options.as), reason: options.open })
  const next = contents[Symbol.iterator]()
  return records.map((record) => (record.sealed ? next.next().value : undefined))
}
