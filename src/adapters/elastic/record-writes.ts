import { findingWords, placeOf } from "../../matching/search-words.ts"
import type { Finding } from "../../model/finding.ts"
import type { Post } from "../../model/post.ts"
import { idOf } from "../../model/record.ts"
import type { Visit } from "../../model/visit.ts"
import type { Indexed } from "../../ports/findings.ts"
import type { Write } from "./bulk.ts"
import type { ElasticConnection } from "./connection.ts"
import type { IndexKind } from "./indices.ts"
import { monthIndex } from "./installation.ts"
import type { PostDocument } from "./post-revisions.ts"

/** Where writes go: the first part of every index's name, and the alias of a kind. */
type Names = Pick<ElasticConnection, "prefix" | "write">

/**
 * A record as documents. What never changes is created, so that a repetition finds it there; a membership carries its revision as external
 * version, so that an older one loses.
 */
export function writesOf(indexed: Indexed, names: Names): Write[] {
  const create = (kind: IndexKind, document: object): Write => ({
    index: names.write(kind),
    id: indexed.record.id,
    document,
    how: "create",
  })
  switch (indexed.kind) {
    case "post":
      return [create("posts", postDocument(indexed.record))]
    case "fingerprint":
      return [create("fingerprints", indexed.record)]
    case "sighting": {
      const { postedAt, seenAt } = indexed.record
      return [create("sightings", { ...indexed.record, at: postedAt ?? seenAt, place: placeOfRecord(indexed) })]
    }
    case "membership": {
      const { fingerprint, revision } = indexed.record
      const index = names.write("memberships")
      return [{ index, id: fingerprint, document: indexed.record, how: "index", version: revision }]
    }
    case "finding":
      return [create("findings", findingDocument(indexed.record))]
    case "attachment": {
      const { postedAt, seenAt } = indexed.record
      return [create("attachments", { ...indexed.record, at: postedAt ?? seenAt })]
    }
    case "visit":
      return visitWrites(indexed.record, names)
  }
}

function visitWrites(visit: Visit, names: Names): Write[] {
  const failures = visit.imageFailures.map(({ post, url, error }): Write => {
    const id = idOf("picture-failure", post, url)
    const document = { id, post, url, forum: visit.forum, at: visit.at, error }
    const index = names.write("picture-failures")
    return { index, id, document, how: "index", version: Date.parse(visit.at) }
  })
  return [...failures, { index: visitIndex(visit, names), id: visit.id, document: visit, how: "create" }]
}

/** Visits lie in an index of the month in which they were made. */
export function visitIndex({ at }: Visit, { prefix }: Pick<Names, "prefix">): string {
  return monthIndex(prefix, "visits", at.slice(0, 7))
}

export function placeOfRecord(indexed: Indexed & { kind: "post" | "sighting" }): string {
  return indexed.kind === "post"
    ? placeOf(indexed.record.forum, indexed.record.url)
    : placeOf(indexed.record.forum, indexed.record.postUrl)
}

function postDocument(post: Post): PostDocument {
  return {
    ...post,
    at: post.postedAt ?? post.seenAt,
    currentSeenAt: post.seenAt,
    place: placeOf(post.forum, post.url),
  }
}

function findingDocument(finding: Finding) {
  const { abstained, signals } = finding
  const counts = abstained === undefined
  const strong = counts && signals.some((s) => s.strength === "conclusive" || s.strength === "strong")
  return { ...finding, counts, strong, words: findingWords(finding).join(" ") }
}
