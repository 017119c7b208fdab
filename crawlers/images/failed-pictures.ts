import type { WatchlineError } from "../../src/errors.ts"
import { FailedPicture, failedPictureId } from "../../src/model/failed-picture.ts"
import type { Fingerprint } from "../../src/model/fingerprint.ts"
import type { Forum } from "../../src/model/forum.ts"
import { type Clock, instant } from "../../src/model/record.ts"
import { Sighting, sightingId } from "../../src/model/sighting.ts"
import type { EventLog, Message } from "../../src/ports/event-log.ts"
import { decode, encode } from "../../src/ports/message-codec.ts"
import type { TextVault } from "../../src/ports/text-vault.ts"
import type { ParsedPage } from "../forums/forum-engine.ts"
import type { MandateGate } from "../mandate.ts"
import { fingerprintMessage, fingerprintOf, type RecordContext, recordIdOf } from "../page-records.ts"
import { broughtExaminerDown, collectPictures, examinerTries, type PictureTools } from "./collect-pictures.ts"

/** Where pictures go that brought their examiner down, and where they come back from by `watchline dead replay pictures`. */
const deadTopic = "pictures.dead"
const againTopic = "pictures.retry"

/** Dead letters of a page: one for each post that shows such a picture. */
export function failedPictureMessages(
  page: ParsedPage,
  failed: ReadonlyMap<string, WatchlineError>,
  context: RecordContext,
): Message[] {
  const thread = page.thread ?? ""
  return page.posts.flatMap((parsed) =>
    parsed.images.flatMap((url) => {
      const error = failed.get(url)
      if (!error || !broughtExaminerDown(error)) return []
      const post = recordIdOf(parsed, thread, context.forum)
      const { postedAt } = parsed
      const { mandate, seenAt } = context
      const forum = context.forum.id
      const id = failedPictureId(post, url)
      const about = { id, mandate, forum, post, postUrl: parsed.url, url, thread, seenAt }
      return [deadLetter({ ...about, ...(postedAt ? { postedAt } : {}) }, error)]
    }),
  )
}

function deadLetter(picture: FailedPicture, error: WatchlineError): Message {
  return {
    ...encode(deadTopic, `${picture.forum}/${picture.thread}`, FailedPicture, picture),
    headers: {
      origin: "visits",
      attempt: String(examinerTries),
      "first-failed": picture.seenAt,
      code: error.code,
      reason: error.message.slice(0, 500),
    },
  }
}

interface RetryTools extends PictureTools {
  readonly forum: Forum
  readonly gate: MandateGate
  readonly eventLog: EventLog
  readonly clock: Clock
  readonly vault: TextVault
  readonly retentionDays: number
}

/**
 * Fetches and examines this forum's replayed pictures again. What comes of one is appended before its letter is acknowledged; a picture
 * that fails again is a dead letter again. Each forum reads the topic as a group of its own, so that none holds up another.
 */
export async function retryFailedPictures(tools: RetryTools): Promise<void> {
  const { forum, gate, eventLog, clock } = tools
  if (!gate.allows("fingerprints")) return
  const subscription = await eventLog.subscribe(`pictures.${forum.id}`, [againTopic])
  try {
    for (;;) {
      const letters = await subscription.next(20)
      if (letters.length === 0) return
      const own = letters.map((letter) => decode(FailedPicture, letter)).filter((picture) => picture.forum === forum.id)
      const results = await collectPictures([...new Set(own.map(({ url }) => url))], tools)
      const now = clock()
      const seenAt = instant(now)
      const context = { ...tools, mandate: gate.id, text: gate.allows("text"), now, seenAt }
      // Once an address, however many posts show it: what is sealed of a character card is overwritten then.
      const fingerprints = new Map<string, Fingerprint>()
      for (const [url, result] of results)
        if (!(result instanceof Error)) fingerprints.set(url, await fingerprintOf(result, context))
      await eventLog.append(
        own.flatMap((picture): Message[] => {
          const fingerprint = fingerprints.get(picture.url)
          if (!fingerprint) return [deadLetter(picture, results.get(picture.url) as WatchlineError)]
          const { post, postUrl, url, postedAt } = picture
          const sighting: Sighting = {
            id: sightingId(post, url, fingerprint.id),
            mandate: gate.id,
            forum: forum.id,
            post,
            postUrl,
            url,
            fingerprint: fingerprint.id,
            sha256: fingerprint.sha256,
            ...(postedAt ? { postedAt } : {}),
            seenAt,
          }
          const key = `${forum.id}/${picture.thread}`
          return [fingerprintMessage(fingerprint), encode("sightings", key, Sighting, sighting)]
        }),
      )
      await subscription.acknowledge(letters.map(({ receipt }) => receipt))
    }
  } finally {
    await subscription.close()
  }
}
