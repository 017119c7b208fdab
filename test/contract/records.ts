import { type Attachment, attachmentId } from "../../src/model/attachment.ts"
import type { Membership } from "../../src/model/cluster.ts"
import { type Finding, type FindingKind, findingId } from "../../src/model/finding.ts"
import { type Fingerprint, fingerprintId, type Signal } from "../../src/model/fingerprint.ts"
import { type HashAlgorithm, type KnownHash, knownHashId } from "../../src/model/known-hash.ts"
import { type Post, postRecordId } from "../../src/model/post.ts"
import { idOf, instant } from "../../src/model/record.ts"
import { type Sighting, sightingId } from "../../src/model/sighting.ts"
import { type Visit, visitId } from "../../src/model/visit.ts"
import type { Message } from "../../src/ports/event-log.ts"

/** Records about garden gnomes, complete enough for any store. */
export const mandate = idOf("test", "mandate")

/** Noon of a day in May 2026. */
export const day = (number: number) => instant(Date.UTC(2026, 4, number, 12))

export function aMessage(number: number, more: Partial<Message> = {}): Message {
  return {
    topic: "posts",
    key: `garden/${number % 7}`,
    kind: "post",
    version: 1,
    id: idOf("test-message", number),
    value: { number },
    ...more,
  }
}

export function aPost(postId: string, more: Partial<Post> = {}): Post {
  const { forum = "gnomes.example", thread = "t1" } = more
  return {
    id: postRecordId(forum, thread, postId),
    mandate,
    forum,
    thread,
    postId,
    url: `http://${forum}/viewtopic.php?p=${postId}`,
    threadUrl: `http://${forum}/viewtopic.php?t=${thread}`,
    postedAt: day(1),
    seenAt: day(20),
    author: "pseudonym-a",
    version: idOf("test-version", postId, 1),
    links: [],
    images: [],
    ...more,
  }
}

export function aFingerprint(name: string, more: Partial<Fingerprint> = {}): Fingerprint {
  const sha256 = idOf("test-image", name)
  return {
    id: fingerprintId(sha256, "examiner@1"),
    mandate,
    seenAt: day(20),
    bytes: 1000,
    sha256,
    sha1: sha256.slice(0, 40),
    md5: sha256.slice(0, 32),
    format: "png",
    signals: [],
    facts: [],
    examiner: "examiner@1",
    ...more,
  }
}

export const aSignal = (family: string, strength: Signal["strength"], generator?: string): Signal => ({
  family,
  strength,
  ...(generator === undefined ? {} : { generator }),
})

export function aSighting(post: Post, image: Fingerprint, more: Partial<Sighting> = {}): Sighting {
  const url = `http://${post.forum}/images/${image.sha256.slice(0, 8)}.png`
  return {
    id: sightingId(post.id, more.url ?? url, image.id),
    mandate,
    forum: post.forum,
    post: post.id,
    postUrl: post.url,
    url,
    fingerprint: image.id,
    sha256: image.sha256,
    ...(post.postedAt === undefined ? {} : { postedAt: post.postedAt }),
    seenAt: post.seenAt,
    ...more,
  }
}

export function anAttachment(post: Post, name: string, more: Partial<Attachment> = {}): Attachment {
  const url = `http://${post.forum}/files/${name}.json`
  const sha256 = idOf("test-file", name)
  return {
    id: attachmentId(post.id, url, sha256),
    mandate,
    forum: post.forum,
    post: post.id,
    postUrl: post.url,
    url,
    ...(post.postedAt === undefined ? {} : { postedAt: post.postedAt }),
    seenAt: post.seenAt,
    bytes: 900,
    sha256,
    form: "other",
    signals: [],
    examiner: "attachment@1",
    ...more,
  }
}

export function aMembership(image: Fingerprint, leader: Fingerprint, revision = 1): Membership {
  const distance = image.id === leader.id ? 0 : 9
  return { id: image.id, fingerprint: image.id, cluster: leader.id, distance, revision, mandate }
}

export function aFinding(subject: Post | Fingerprint, kind: FindingKind, more: Partial<Finding> = {}): Finding {
  const of = { record: "postId" in subject ? "post" : "fingerprint", id: subject.id } as const
  const producer = more.producer ?? "test@1"
  return {
    id: findingId(of, kind, more.about, producer),
    mandate,
    kind,
    subject: of,
    producer,
    signals: [],
    reasons: [],
    seenAt: day(20),
    ...more,
  }
}

export function aVisit(url: string, at: string, more: Partial<Visit> = {}): Visit {
  return {
    id: visitId(url, at),
    mandate,
    forum: "gnomes.example",
    url,
    at,
    expected: "thread",
    posts: 0,
    images: 0,
    links: 0,
    imageFailures: [],
    ...more,
  }
}

export function aKnownHash(algorithm: HashAlgorithm, value: string, source = "gnome register"): KnownHash {
  return { id: knownHashId(algorithm, value, source), algorithm, value, source, importedAt: day(1) }
}
