import { WatchlineError } from "../../src/errors.ts"
import { Attachment, attachmentId, type ExaminedAttachment } from "../../src/model/attachment.ts"
import type { Id } from "../../src/model/record.ts"
import type { Message } from "../../src/ports/event-log.ts"
import type { Frontier } from "../../src/ports/frontier.ts"
import { encode } from "../../src/ports/message-codec.ts"
import type { ParsedPage, ParsedPost } from "../forums/forum-engine.ts"
import { collectFiles, type PictureTools } from "../images/collect-pictures.ts"
import type { MandateGate } from "../mandate.ts"
import { cardTraceOf, type RecordContext, recordIdOf } from "../page-records.ts"

/** What came of the attached files of a page. */
export interface PageAttachments {
  readonly messages: readonly Message[]
  /** For the frontier: files that need not be fetched again. */
  readonly examined: ReadonlyMap<string, { readonly fingerprint: Id; readonly sha256: string }>
  readonly failures: readonly { readonly post: Id; readonly url: string; readonly error: string }[]
  /** One of them may come next time. */
  readonly unfinished: boolean
}

interface AttachmentTools extends PictureTools {
  readonly gate: MandateGate
  readonly frontier: Pick<Frontier, "examined">
  /** Whether the mandate's hosts hold this address. */
  readonly isAllowed: (url: string) => boolean
}

const none: PageAttachments = { messages: [], examined: new Map(), failures: [], unfinished: false }

/**
 * Fetches and examines the page's attached files that may be a character card or a workflow, where the mandate allows attachments; each once
 * for each post that has it. Nothing of a file stays but what its record holds. What concerns the page as a whole is thrown, as for pictures.
 */
export async function pageAttachments(
  page: ParsedPage,
  context: RecordContext,
  tools: AttachmentTools,
): Promise<PageAttachments> {
  if (!tools.gate.allows("attachments")) return none
  const attached = page.posts.flatMap((post) => {
    const id = recordIdOf(post, page.thread ?? "", context.forum)
    return post.attachments.map((url) => ({ post, id, url, key: `${url}#${id}` }))
  })
  if (attached.length === 0) return none
  const known = await tools.frontier.examined(
    context.forum.id,
    attached.map(({ key }) => key),
  )
  const fresh = attached.filter(({ key }) => !known.has(key))
  const [wanted, outside] = [new Set<string>(), new Set<string>()]
  for (const { url } of fresh) (tools.isAllowed(url) ? wanted : outside).add(url)
  const results = await collectFiles([...wanted], tools, async (url) =>
    tools.examiner.examineAttachment(await tools.fetcher.attachment(url, tools.signal)),
  )
  for (const url of outside) results.set(url, new WatchlineError("mandate_out_of_scope"))

  const messages: Message[] = []
  const examined = new Map<string, { fingerprint: Id; sha256: string }>()
  const failures: { post: Id; url: string; error: string }[] = []
  for (const { post, id, url, key } of fresh) {
    const result = results.get(url)!
    if (result instanceof WatchlineError) {
      failures.push({ post: id, url, error: result.code })
      continue
    }
    const attachment = await attachmentOf(post, id, url, result, context)
    messages.push(encode("posts", `${context.forum.id}/${page.thread ?? ""}`, Attachment, attachment))
    examined.set(key, { fingerprint: attachment.id, sha256: attachment.sha256 })
  }
  for (const result of results.values()) if (!(result instanceof WatchlineError)) result.card?.content.fill(0)
  const unfinished = [...results.values()].some((result) => result instanceof WatchlineError && result.next === "retry")
  return { messages, examined, failures, unfinished }
}

async function attachmentOf(
  { url: postUrl, postedAt }: ParsedPost,
  post: Id,
  url: string,
  { card, ...facts }: ExaminedAttachment,
  context: RecordContext,
): Promise<Attachment> {
  const id = attachmentId(post, url, facts.sha256)
  const { forum, mandate, seenAt } = context
  return {
    id,
    mandate,
    forum: forum.id,
    post,
    postUrl,
    url,
    ...(postedAt ? { postedAt } : {}),
    seenAt,
    ...facts,
    ...(card ? { card: await cardTraceOf(id, card, context) } : {}),
  }
}
