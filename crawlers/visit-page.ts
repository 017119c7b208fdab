import { createHash } from "node:crypto"
import { describeError, WatchlineError } from "../src/errors.ts"
import type { Examination, Fingerprint } from "../src/model/fingerprint.ts"
import type { Forum } from "../src/model/forum.ts"
import { type Clock, instant } from "../src/model/record.ts"
import { Visit, visitId } from "../src/model/visit.ts"
import type { EventLog, Message } from "../src/ports/event-log.ts"
import type { Frontier, Lease, Link } from "../src/ports/frontier.ts"
import type { ImageExaminer } from "../src/ports/image-examiner.ts"
import { encode } from "../src/ports/message-codec.ts"
import type { TextVault } from "../src/ports/text-vault.ts"
import type { Span, Tracing } from "../src/ports/tracing.ts"
import { pageAttachments } from "./attachments/page-attachments.ts"
import type { FetchedPage, Fetcher } from "./fetch/fetcher.ts"
import type { ForumEngine, PageInput, ParsedPage } from "./forums/forum-engine.ts"
import { collectPictures } from "./images/collect-pictures.ts"
import { failedPictureMessages } from "./images/failed-pictures.ts"
import type { MandateGate } from "./mandate.ts"
import {
  fingerprintMessage,
  fingerprintOf,
  postMessages,
  type RecordContext,
  recordIdOf,
  sightingMessages,
} from "./page-records.ts"
import type { Politeness } from "./politeness.ts"

/** Everything that a visit to a page of one forum works with. */
export interface ForumVisit {
  readonly forum: Forum
  readonly gate: MandateGate
  readonly retentionDays: number
  readonly fetcher: Fetcher
  readonly politeness: Politeness
  readonly examiner: ImageExaminer
  readonly vault: TextVault
  readonly eventLog: EventLog
  readonly frontier: Frontier
  readonly engineFor: (page: PageInput) => ForumEngine
  readonly clock: Clock
  readonly revisitMs: number
  readonly tracing: Tracing
  readonly onPicture?: () => void
}

export interface PageYield {
  readonly posts: number
  readonly pictures: number
  readonly pictureFailures: number
  readonly alarm?: string
}

const minute = 60_000
/** Failures that one visit names; each may hold an address of 2 kB, and a message has its limit. */
const mostFailures = 1000
const week = 7 * 24 * 60 * minute

/**
 * Visits one page: fetches it, parses it, examines its pictures, appends what it yields to the event log as one unit, and only then tells
 * the frontier. So a kill at any moment repeats the page and loses nothing.
 */
export async function visitPage(lease: Lease, tools: ForumVisit, signal: AbortSignal): Promise<PageYield> {
  const page = tools.tracing.start("page", undefined, { forum: tools.forum.id, kind: lease.kind })
  try {
    const done = await visitWithin(page, lease, tools, signal)
    page.end({ posts: done.posts, pictures: done.pictures })
    return done
  } catch (error) {
    page.end({ error: describeError(error).code })
    throw error
  }
}

async function visitWithin(page: Span, lease: Lease, tools: ForumVisit, signal: AbortSignal): Promise<PageYield> {
  const { forum, clock, frontier } = tools
  const step = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const span = tools.tracing.start(name, page.traceparent)
    try {
      return await work()
    } finally {
      span.end()
    }
  }
  const fetched = await step("fetch", () => tools.fetcher.page(lease.url, signal))
  const now = clock()
  // what came in the mandate's last millisecond must not be recorded as seen after it
  tools.gate.allowNow()
  const input: PageInput = { url: fetched.url, html: fetched.html, timeZone: forum.timeZone, now }
  const engine = tools.engineFor(input)
  const parsed = engine.parse(input)
  const context: RecordContext = {
    forum,
    mandate: tools.gate.id,
    retentionDays: tools.retentionDays,
    text: tools.gate.allows("text"),
    now,
    seenAt: instant(now),
    vault: tools.vault,
  }
  const visit = visitOf(lease, tools, now, { fetched, parsed, parser: `${engine.name}@${engine.version}` })
  const alarm = alarmOf(lease, parsed)
  if (alarm) {
    await append(tools, [{ ...visit, alarm }])
    await frontier.failed(
      lease,
      new WatchlineError("page_unexpected", { message: `The page was an alarm: ${alarm}.` }),
      clock(),
    )
    return { posts: 0, pictures: 0, pictureFailures: 0, alarm }
  }

  const digest = createHash("sha256").update(JSON.stringify(parsed)).digest("hex")
  const content = contentOf(lease.url, parsed)
  const shown = content ? { content } : {}
  // Another address of what is known: nothing new to keep, and its links are not followed, or a page that links to itself under ever new
  // parameters would never end.
  const isEcho = content !== undefined && (await frontier.shownBefore(forum.id, lease.url, content))
  if (isEcho || digest === lease.lastYield) {
    await append(tools, [visit])
    await frontier.visited(
      lease,
      { found: [], again: againAt(lease, parsed, tools, now), yield: digest, ...shown, examined: new Map() },
      clock(),
    )
    return { posts: 0, pictures: 0, pictureFailures: 0 }
  }

  const pictures = await step("pictures", () => picturesOf(parsed, tools, signal))
  const known = new Map(pictures.known)
  const fingerprints: Fingerprint[] = []
  for (const [url, examination] of pictures.examined) {
    const fingerprint = await fingerprintOf(examination, context)
    known.set(url, { fingerprint: fingerprint.id, sha256: fingerprint.sha256 })
    fingerprints.push(fingerprint)
  }
  const imageFailures = parsed.posts.flatMap((post) =>
    post.images.flatMap((url) => {
      const error = pictures.failed.get(url)
      return error ? [{ post: recordIdOf(post, parsed.thread ?? "", forum), url, error: error.code }] : []
    }),
  )
  const isWithin = (url: string) => isAllowed(tools.gate, url)
  const attachments = await step("attachments", () =>
    pageAttachments(parsed, context, { ...tools, signal, isAllowed: isWithin }),
  )
  const unique = new Map(fingerprints.map((f) => [f.id, f]))
  const messages = [
    ...(tools.gate.allows("posts") ? await postMessages(parsed, context) : []),
    ...attachments.messages,
    ...[...unique.values()].map(fingerprintMessage),
    ...sightingMessages(parsed, known, context),
    ...failedPictureMessages(parsed, pictures.failed, context),
    encode("visits", forum.id, Visit, {
      ...visit,
      images: known.size,
      imageFailures: imageFailures.slice(0, mostFailures),
      ...(attachments.failures.length > 0 ? { attachmentFailures: attachments.failures.slice(0, mostFailures) } : {}),
    }),
  ]
  await step("append", () => tools.eventLog.append(messages.map((message) => continuing(page, message))))
  // a file that may come next time: come back soon, and look at the page as if it were new
  const unfinished = attachments.unfinished || [...pictures.failed.values()].some((error) => error.next === "retry")
  await frontier.visited(
    lease,
    {
      found: parsed.links.filter((link) => isAllowed(tools.gate, link.url)),
      again: unfinished ? instant(now + Math.min(10 * minute, tools.revisitMs)) : againAt(lease, parsed, tools, now),
      ...(unfinished ? {} : { yield: digest }),
      ...shown,
      examined: new Map([
        ...[...pictures.examined.keys()].map((url) => [url, known.get(url)!] as const),
        ...attachments.examined,
      ]),
    },
    clock(),
  )
  return { posts: parsed.posts.length, pictures: fingerprints.length, pictureFailures: imageFailures.length }
}

/** What consumers do with a message continues the trace of its page. */
function continuing({ traceparent }: Span, message: Message): Message {
  return traceparent === undefined ? message : { ...message, headers: { ...message.headers, traceparent } }
}

/** Records a visit that brought no page, so that a page that is never had does not go unseen. */
export async function recordFailure(lease: Lease, tools: ForumVisit, error: WatchlineError): Promise<void> {
  await append(tools, [{ ...visitOf(lease, tools, tools.clock()), error: error.code }])
}

/** Makes a fact about the whole forum an alarm, as a visit of its first page. */
export async function recordAlarm(tools: ForumVisit, alarm: string): Promise<void> {
  const { url } = tools.forum
  await append(tools, [{ ...visitOf({ url, kind: "index" }, tools, tools.clock()), alarm }])
}

/**
 * Digest of the posts that a page shows, whatever its address on its host; undefined for pages without posts. A forum that moved to another
 * host shows the same posts again and is crawled again, since its links lead to what is new there.
 */
function contentOf(url: string, { title, posts }: ParsedPage): string | undefined {
  if (posts.length === 0) return undefined
  const shown = posts.map(({ postId, author, text, images }) => [postId, author, text, images])
  return createHash("sha256")
    .update(JSON.stringify([new URL(url).host, title, shown]))
    .digest("hex")
}

function append(tools: ForumVisit, visits: readonly Visit[]): Promise<void> {
  return tools.eventLog.append(visits.map((visit) => encode("visits", tools.forum.id, Visit, visit)))
}

function visitOf(
  lease: Link,
  { forum, gate }: ForumVisit,
  now: number,
  came?: { fetched: FetchedPage; parsed: ParsedPage; parser: string },
): Visit {
  const at = instant(now)
  return {
    id: visitId(lease.url, at),
    mandate: gate.id,
    forum: forum.id,
    url: lease.url,
    at,
    expected: lease.kind,
    ...(came ? { found: came.parsed.kind, status: came.fetched.status, parser: came.parser } : {}),
    posts: came?.parsed.posts.length ?? 0,
    images: 0,
    links: came?.parsed.links.length ?? 0,
    imageFailures: [],
  }
}

/** Why somebody should look at this page; undefined where it is what its link promised. */
function alarmOf(lease: Lease, parsed: ParsedPage): string | undefined {
  if (parsed.obstacle) return `${parsed.obstacle}_page`
  if (lease.kind === "thread" && parsed.posts.length === 0) return "no_posts"
  if (lease.kind === "index" && parsed.posts.length === 0 && parsed.links.length === 0) return "nothing_found"
  return undefined
}

async function picturesOf(parsed: ParsedPage, tools: ForumVisit, signal: AbortSignal) {
  const urls = tools.gate.allows("fingerprints") ? [...new Set(parsed.posts.flatMap((post) => post.images))] : []
  const known = await tools.frontier.examined(tools.forum.id, urls)
  const failed = new Map<string, WatchlineError>()
  const wanted = urls.filter((url) => {
    if (known.has(url)) return false
    if (isAllowed(tools.gate, url)) return true
    failed.set(url, new WatchlineError("mandate_out_of_scope"))
    return false
  })
  const examined = new Map<string, Examination>()
  for (const [url, result] of await collectPictures(wanted, { ...tools, signal })) {
    if (result instanceof WatchlineError) failed.set(url, result)
    else examined.set(url, result)
  }
  return { known, examined, failed }
}

function isAllowed(gate: MandateGate, url: string): boolean {
  try {
    gate.allowUrl(url)
    return true
  } catch (error) {
    if (error instanceof WatchlineError && (error.code === "mandate_out_of_scope" || error.code === "url_invalid"))
      return false
    throw error
  }
}

/**
 * When to come again: lists at the forum's pace; a thread after a tenth of the time that it has been quiet, at most a week; a page of a
 * thread that has later pages after a week, because only edits change it.
 */
function againAt(lease: Lease, parsed: ParsedPage, { revisitMs }: ForumVisit, now: number): string {
  if (parsed.kind !== "thread") return instant(now + revisitMs)
  const newest = parsed.posts
    .map((post) => (post.postedAt ? Date.parse(post.postedAt) : 0))
    .reduce((a, b) => Math.max(a, b), 0)
  const isLast = !parsed.links.some(
    (link) => link.kind === "thread" && link.url > lease.url && link.url.startsWith(parsed.threadUrl ?? "\0"),
  )
  const quiet = newest === 0 ? week : (now - newest) / 10
  return instant(now + (isLast ? Math.min(week, Math.max(revisitMs, quiet)) : Math.max(week, revisitMs)))
}
