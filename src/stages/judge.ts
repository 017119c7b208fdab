import { WatchlineError } from "../errors.ts"
import { Attachment } from "../model/attachment.ts"
import { Finding } from "../model/finding.ts"
import { Fingerprint } from "../model/fingerprint.ts"
import { Post } from "../model/post.ts"
import { asFailure, type Outcome, type Stage } from "../pipeline/stage.ts"
import type { Delivery, Message } from "../ports/event-log.ts"
import type { KnownHashes } from "../ports/known-hashes.ts"
import { decode, encode } from "../ports/message-codec.ts"
import type { PixelScorer } from "../ports/pixel-scorer.ts"
import type { TextReader } from "../ports/text-reader.ts"
import type { TextVault } from "../ports/text-vault.ts"
import { attachmentFindings } from "./judge-attachment.ts"
import { cardFinding, generatedFinding, knownFindings, pixelFinding } from "./judge-image.ts"
import { postFindings } from "./judge-post.ts"

/**
 * Fingerprints, posts and attachments to findings. Sealed text is opened for the length of a batch, in one logged act, and never leaves this stage.
 */
export function judgeStage(parts: {
  known: KnownHashes
  vault: TextVault
  reader: TextReader
  scorer: PixelScorer
}): Stage {
  return {
    name: "judge",
    topics: ["fingerprints", "posts"],
    async process(batch) {
      const outcomes = new Map<string, Outcome>()
      const posts: { delivery: Delivery; post: Post }[] = []
      for (const delivery of batch) {
        try {
          if (delivery.kind === Post.name) {
            posts.push({ delivery, post: decode(Post, delivery) })
          } else if (delivery.kind === Attachment.name) {
            const emit = attachmentFindings(decode(Attachment, delivery)).map(message)
            outcomes.set(delivery.receipt, { emit })
          } else {
            const fingerprint = decode(Fingerprint, delivery)
            const generated = generatedFinding(fingerprint)
            const pixel = pixelFinding(fingerprint, parts.scorer)
            const known = await knownFindings(fingerprint, parts.known)
            const found = [generated, pixel, cardFinding(fingerprint), ...known].filter((f) => f !== undefined)
            outcomes.set(delivery.receipt, { emit: found.map(message) })
          }
        } catch (error) {
          outcomes.set(delivery.receipt, { failed: asFailure(error) })
        }
      }
      const texts = await openTexts(
        posts.map((p) => p.post),
        parts.vault,
      )
      for (const [place, { delivery, post }] of posts.entries()) {
        const text = texts[place]
        try {
          if (text instanceof Error) throw text
          outcomes.set(delivery.receipt, { emit: postFindings(post, text ?? "", parts.reader).map(message) })
        } catch (error) {
          outcomes.set(delivery.receipt, { failed: asFailure(error) })
        }
      }
      return outcomes
    },
  }
}

const message = (finding: Finding): Message => encode("findings", finding.subject.id, Finding, finding)

/** Title and text of each post. Where the key was destroyed in the meantime, the links alone are judged. */
async function openTexts(posts: readonly Post[], vault: TextVault): Promise<(string | Error)[]> {
  const sealed = posts.flatMap((post) => (post.sealed ? [{ recordId: post.id, sealed: post.sealed }] : []))
  if (sealed.length === 0) return posts.map(() => "")
  const opened = await vault.open(sealed, { actor: "stage judge", reason: "automated analysis of collected posts" })
  const byPlace = opened[Symbol.iterator]()
  return posts.map((post) => {
    if (!post.sealed) return ""
    const content = byPlace.next().value
    if (content === undefined) return new WatchlineError("sealed_text_invalid")
    if (!(content instanceof Error)) return `${content.title}\n${content.text}`
    return content instanceof WatchlineError && content.code === "text_key_destroyed" ? "" : content
  })
}
