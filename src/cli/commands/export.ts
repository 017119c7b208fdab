import { Argument, Command } from "commander"
import { WatchlineError } from "../../errors.ts"
import type { Finding } from "../../model/finding.ts"
import type { Post } from "../../model/post.ts"
import type { ImageRow, PostRow } from "../../ports/findings.ts"
import type { System } from "../../system.ts"
import { artefacts } from "../../trends/artefact-graph.ts"
import { monthScope } from "../../trends/month-scope.ts"
import { choice } from "../choice.ts"
import { action, type Context } from "../context.ts"

interface ExportOptions {
  forum?: string[]
  month?: string
  open?: string
  as?: string
  kind?: Finding["kind"]
}

const things = ["posts", "images", "findings", "clusters", "artefacts", "guides", "alarms"] as const
type Thing = (typeof things)[number]

/** Texts are opened this many at a time: one logged act each. */
const openedAtOnce = 500

export const exportCommand = () =>
  new Command("export")
    .addArgument(new Argument("<what>", things.join(", ")).argParser(choice(things)))
    .option("--forum <name...>", "only these forums")
    .option("--month <YYYY-MM>", "only posts of this month")
    .option("--kind <kind>", "of findings: ai-image, known-image, model-link, character-link, guide")
    .option("--open <reason>", "open sealed authors and texts; the reason is written to the audit log")
    .option("--as <person>", "who opens them")
    .description("everything that is indexed, one JSON object a line")
    .addHelpText(
      "after",
      "\nExamples:\n  $ watchline export posts --jsonl > posts.jsonl\n  $ watchline export posts --jsonl --open 'case 2026/17' --as kim",
    )
    .action(
      action(async (context, what: Thing, options: ExportOptions) => {
        if (options.open !== undefined && what !== "posts") {
          throw new WatchlineError("usage", {
            message: `There is no sealed text in ${what}.`,
            remedy: "Leave --open out, or export posts.",
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
      yield* posts(system.findings.posts(scope), system, context, options)
      return
    case "images":
      for await (const row of system.findings.images(scope)) yield imageRow(row)
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
    case "alarms":
      yield* await system.findings.alarms(scope)
  }
}

async function* posts(rows: AsyncIterable<PostRow>, system: System, context: Context, options: ExportOptions) {
  let held: PostRow[] = []
  let batches = 0
  for await (const row of rows) {
    held.push(row)
    if (held.length === openedAtOnce) {
      yield* await postRows(held, system, context, options)
      held = []
      batches += 1
    }
  }
  // a reason is checked and logged also where there is nothing to open
  if (held.length > 0 || batches === 0) yield* await postRows(held, system, context, options)
}

async function postRows(rows: PostRow[], system: System, context: Context, options: ExportOptions) {
  const contents =
    options.open === undefined ? [] : await openTexts(rows, system, context.person(options.as), options.open)
  return rows.map((row, place) => ({
    forum: row.forum,
    url: row.url,
    threadUrl: row.threadUrl,
    postId: row.postId,
    postedAt: row.postedAt ?? null,
    images: row.pictures.map((p) => ({ url: p.url, sha256: p.sha256 ?? null })),
    links: row.links,
    ...contents[place],
  }))
}

async function openTexts(posts: readonly Post[], system: System, actor: string, reason: string) {
  const sealed = posts.flatMap((post) => (post.sealed ? [{ recordId: post.id, sealed: post.sealed }] : []))
  const opened = await system.vault.open(sealed, { actor, reason })
  const contents = opened[Symbol.iterator]()
  return posts.map((post) => {
    const content = post.sealed ? contents.next().value : undefined
    if (content === undefined) return {}
    if (content instanceof Error) return { author: null, text: null, unreadable: content.message }
    return { author: content.author, title: content.title, text: content.text }
  })
}

function imageRow({ fingerprint, ...row }: ImageRow) {
  const { id, mandate, seenAt, ...facts } = fingerprint
  return {
    fingerprint: id,
    ...facts,
    cluster: row.cluster ?? null,
    sightings: row.sightings,
    known: row.known,
    firstSeen: seenAt,
    mandate,
  }
}
