import type { CardInMemory, CardTrace } from "../src/model/card-trace.ts"
import { type Examination, Fingerprint, fingerprintId } from "../src/model/fingerprint.ts"
import type { Forum } from "../src/model/forum.ts"
import { Post, postRecordId } from "../src/model/post.ts"
import type { Id, Instant } from "../src/model/record.ts"
import { Sighting, sightingId } from "../src/model/sighting.ts"
import type { Message } from "../src/ports/event-log.ts"
import { encode } from "../src/ports/message-codec.ts"
import type { TextVault } from "../src/ports/text-vault.ts"
import type { ParsedPage, ParsedPost } from "./forums/forum-engine.ts"
import { withoutKeys } from "./without-keys.ts"

export interface RecordContext {
  readonly forum: Forum
  readonly mandate: Id
  /** Days after which sealed text becomes unreadable. */
  readonly retentionDays: number
  /** Whether the mandate covers text and authors. */
  readonly text: boolean
  readonly now: number
  readonly seenAt: Instant
  readonly vault: TextVault
}

/** The posts of a page as messages; text and author sealed, or left out where the mandate does not cover them. */
export async function postMessages(page: ParsedPage, context: RecordContext): Promise<Message[]> {
  const thread = page.thread ?? ""
  const title = page.title.slice(0, most.title)
  const messages: Message[] = []
  for (const parsed of page.posts.map(withinMessage)) {
    const id = recordIdOf(parsed, thread, context.forum)
    const content = { title, author: parsed.author, text: parsed.text }
    const post: Post = {
      id,
      mandate: context.mandate,
      forum: context.forum.id,
      thread,
      postId: parsed.postId,
      url: parsed.url,
      threadUrl: page.threadUrl ?? parsed.url,
      ...(parsed.postedAt ? { postedAt: parsed.postedAt } : {}),
      seenAt: context.seenAt,
      ...(parsed.author ? { author: context.vault.digest("pseudonym", `${context.forum.id}\n${parsed.author}`) } : {}),
      ...(context.text ? { sealed: await context.vault.seal(id, content, context.now, context.retentionDays) } : {}),
      version: context.vault.digest(
        "version",
        JSON.stringify([title, parsed.author, parsed.text, parsed.links, parsed.images]),
      ),
      links: [...parsed.links],
      images: [...parsed.images],
    }
    messages.push(encode("posts", keyOf(context.forum, thread), Post, post))
  }
  return messages
}

/** Letters of one post that are kept. With all escapes and base64 the whole stays below the 4 MiB of a message. */
const most = { text: 400_000, addresses: 200_000, author: 200, title: 500 }

/** A post that fits into a message, whatever the forum put into it. */
function withinMessage(post: ParsedPost): ParsedPost {
  return {
    ...post,
    author: post.author.slice(0, most.author),
    text: withoutKeys(post.text.slice(0, most.text)),
    links: fitting(post.links),
    images: fitting(post.images),
  }
}

function fitting(addresses: readonly string[]): string[] {
  const kept: string[] = []
  let letters = 0
  for (const address of addresses) {
    letters += address.length
    if (letters > most.addresses) break
    kept.push(address)
  }
  return kept
}

/** The fingerprint as it is stored. A character card's name and text are sealed, or left out where the mandate does not cover text. */
export async function fingerprintOf(
  { card, ...examination }: Examination,
  context: Pick<RecordContext, "mandate" | "seenAt" | "now" | "retentionDays" | "text" | "vault">,
): Promise<Fingerprint> {
  const id = fingerprintId(examination.sha256, examination.examiner)
  const trace = card ? await cardTraceOf(id, card, context) : undefined
  card?.content.fill(0)
  return { id, mandate: context.mandate, seenAt: context.seenAt, ...examination, ...(trace ? { card: trace } : {}) }
}

/** What is kept of a card: keyed digests, and name and text sealed where the mandate covers text. */
export async function cardTraceOf(
  id: Id,
  { spec, content }: CardInMemory,
  { vault, now, retentionDays, text: mayKeepText }: Pick<RecordContext, "vault" | "now" | "retentionDays" | "text">,
): Promise<CardTrace> {
  const { name, text } = JSON.parse(new TextDecoder().decode(content)) as { name: string; text: string }
  return {
    spec,
    name: vault.digest("card-name", name.trim().toLowerCase()),
    text: vault.digest("card-text", text),
    ...(mayKeepText ? { sealed: await vault.seal(id, { title: name, author: "", text }, now, retentionDays) } : {}),
  }
}

export function fingerprintMessage(fingerprint: Fingerprint): Message {
  return encode("fingerprints", fingerprint.id, Fingerprint, fingerprint)
}

/** One sighting per post and picture, for the pictures that have a fingerprint. */
export function sightingMessages(
  page: ParsedPage,
  pictures: ReadonlyMap<string, { readonly fingerprint: Id; readonly sha256: string }>,
  context: RecordContext,
): Message[] {
  const thread = page.thread ?? ""
  return page.posts.flatMap((parsed) =>
    parsed.images.flatMap((url) => {
      const picture = pictures.get(url)
      if (!picture) return []
      const post = recordIdOf(parsed, thread, context.forum)
      const sighting: Sighting = {
        id: sightingId(post, url, picture.fingerprint),
        mandate: context.mandate,
        forum: context.forum.id,
        post,
        postUrl: parsed.url,
        url,
        fingerprint: picture.fingerprint,
        sha256: picture.sha256,
        ...(parsed.postedAt ? { postedAt: parsed.postedAt } : {}),
        seenAt: context.seenAt,
      }
      return [encode("sightings", keyOf(context.forum, thread), Sighting, sighting)]
    }),
  )
}

export const recordIdOf = (parsed: ParsedPost, thread: string, forum: Forum): Id =>
  postRecordId(forum.id, thread, parsed.postId)

/** Posts and sightings of a thread stay in order. */
const keyOf = (forum: Forum, thread: string) => `${forum.id}/${thread}`
