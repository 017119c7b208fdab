import type { WatchlineError } from "../../errors.ts"
import { placeOf } from "../../matching/search-words.ts"
import type { Post } from "../../model/post.ts"
import { type Id, type Instant, idOf } from "../../model/record.ts"
import type { Bulk, Write } from "./bulk.ts"
import type { ElasticConnection, Found } from "./connection.ts"
import { away, itemError } from "./elastic-errors.ts"

/** A post as it is shown: the version that was seen last, as it was when that version was first seen. */
export interface PostDocument extends Post {
  /** When the post was posted, else first seen. */
  readonly at: Instant
  /** When the version shown was seen last. */
  readonly currentSeenAt: Instant
  readonly place: string
}

interface Sighted {
  readonly place: number
  readonly post: Post
}

const versionId = ({ id, version }: Post) => idOf("post-version", id, version)

/** Tries against other writers of the same post before the whole call is to be repeated. */
const mostTries = 20

/**
 * Posts that were seen again. A version that gives way is kept first, then the newer one takes its place, provided that nobody else did so
 * meanwhile: so no version is lost whenever the process ends, and a late repetition of an old version brings nothing back.
 */
export class PostRevisions {
  readonly #connection: ElasticConnection
  readonly #bulk: Bulk

  constructor(connection: ElasticConnection, bulk: Bulk) {
    this.#connection = connection
    this.#bulk = bulk
  }

  /** @returns what was refused, by the record's place */
  async put(again: readonly Sighted[]): Promise<Map<number, WatchlineError>> {
    const problems = new Map<number, WatchlineError>()
    let left = [...again]
    for (let tries = 0; left.length > 0; tries++) {
      if (tries === mostTries) throw away("others write the same posts all the time")
      // one turn for each post, so that several sightings of one post are taken in order
      const seen = new Set<Id>()
      const turn = left.filter(({ post }) => !seen.has(post.id) && seen.add(post.id))
      const unsettled = new Set(await this.#turn(turn, problems))
      const taken = new Set(turn)
      left = left.filter((one) => !taken.has(one) || unsettled.has(one))
    }
    return problems
  }

  /** @returns those that another writer was faster with */
  async #turn(turn: readonly Sighted[], problems: Map<number, WatchlineError>): Promise<Sighted[]> {
    const found = await this.#connection.getEach<PostDocument | { record: Post }>(
      turn.flatMap(({ post }) => [
        { kind: "posts", id: post.id },
        { kind: "post-versions", id: versionId(post) },
      ]),
    )
    const kept: Write[] = []
    const replaced: { write: Write; sighted: Sighted }[] = []
    for (const [index, sighted] of turn.entries()) {
      const { post } = sighted
      const current = found[2 * index] as Found<PostDocument> | undefined
      const first = found[2 * index + 1] as Found<{ record: Post }> | undefined
      if (!current) continue // cannot be: it was there a moment ago, and nothing removes posts
      const { document } = current
      const late = document.currentSeenAt >= post.seenAt
      if (document.version !== post.version) {
        // as they were first seen: what is there already stays
        if (late && !first) kept.push(this.#version(post))
        if (!late) kept.push(this.#version(recordOf(document)))
      }
      if (late) continue
      const content = document.version === post.version ? recordOf(document) : (first?.document.record ?? post)
      const next: PostDocument = {
        ...content,
        seenAt: document.seenAt,
        at: content.postedAt ?? document.seenAt,
        currentSeenAt: post.seenAt,
        place: placeOf(content.forum, content.url),
      }
      const write: Write = {
        index: this.#connection.write("posts"),
        id: post.id,
        document: next,
        how: "index",
        at: current,
      }
      replaced.push({ write, sighted })
    }
    for (const written of await this.#bulk.send(kept)) {
      if (written.state === "failed") throw itemError("post-version", written.failure)
    }
    const unsettled: Sighted[] = []
    const answers = await this.#bulk.send(replaced.map(({ write }) => write))
    for (const [index, written] of answers.entries()) {
      const { sighted } = replaced[index]!
      if (written.state === "kept") unsettled.push(sighted)
      if (written.state !== "failed") continue
      const error = itemError(`post ${sighted.post.id}`, written.failure)
      if (error.next !== "never") throw error
      problems.set(sighted.place, error)
    }
    return unsettled
  }

  #version(post: Post): Write {
    return {
      index: this.#connection.write("post-versions"),
      id: versionId(post),
      document: { post: post.id, record: post },
      how: "create",
    }
  }
}

/** The record alone. */
export function recordOf({ at: _, currentSeenAt: __, place: ___, ...post }: PostDocument): Post {
  return post
}
