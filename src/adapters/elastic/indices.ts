import type { TProperties } from "typebox"
import { Attachment } from "../../model/attachment.ts"
import { Membership } from "../../model/cluster.ts"
import { Finding } from "../../model/finding.ts"
import { Fingerprint } from "../../model/fingerprint.ts"
import { KnownHash } from "../../model/known-hash.ts"
import { Post } from "../../model/post.ts"
import type { RecordKind } from "../../model/record.ts"
import { Sighting } from "../../model/sighting.ts"
import { Visit } from "../../model/visit.ts"

/** What Elasticsearch is told of one kind of document. */
export interface IndexDeclaration {
  /** Raised with a change that a filled index cannot take; `watchline index migrate` then moves its documents. New fields need none. */
  readonly version: number
  /** One index for each month of the documents' own time, where that time is a part of their identity. */
  readonly monthly?: true
  readonly properties: Properties
}

type Properties = Readonly<Record<string, object>>

/** Looked up, grouped or sorted by. */
const exact = { type: "keyword" }
/** Only grouped by. */
const grouped = { type: "keyword", index: false }
/** Only given back, whatever it is and however long: costs nothing but its bytes. */
const kept = { type: "object", enabled: false }
const time = { type: "date" }
const whole = { type: "long" }
const wholeKept = { type: "long", index: false, doc_values: false }
const flag = { type: "boolean" }

/** A record as it came: every field of its schema, kept unless a question asks for it; and what questions need beside it. */
function ofRecord(record: RecordKind<TProperties>, asked: Properties): Properties {
  const fields = Object.keys(record.schema.properties).map((name) => [name, kept])
  return { ...Object.fromEntries(fields), ...asked }
}

/**
 * Every index. Mappings are strict, so that a field which nobody declared is an error of that record and never a new column.
 *
 * Only visits lie in indices by month. A replay must land where the first delivery went, and of all records only a visit has its time in its
 * identity: a post without a date is dated by when it was seen, and "3 weeks ago" is another moment at every visit. By month, such a record
 * would be counted twice (infra/decisions/0014).
 */
export const indices = {
  posts: {
    version: 1,
    properties: ofRecord(Post, {
      id: exact,
      forum: exact,
      thread: exact,
      author: exact,
      at: time,
      currentSeenAt: kept,
      place: exact,
    }),
  },
  /** Versions of a post that another one has replaced, as they were first seen. */
  "post-versions": { version: 1, properties: { id: exact, post: exact, record: kept } },
  fingerprints: { version: 1, properties: ofRecord(Fingerprint, { id: exact, sha256: exact }) },
  sightings: {
    version: 1,
    properties: ofRecord(Sighting, {
      id: exact,
      forum: exact,
      post: exact,
      fingerprint: exact,
      sha256: grouped,
      at: time,
      place: exact,
    }),
  },
  attachments: { version: 1, properties: ofRecord(Attachment, { id: exact, forum: exact, at: time }) },
  memberships: { version: 1, properties: ofRecord(Membership, { id: exact, cluster: exact }) },
  findings: {
    version: 1,
    properties: ofRecord(Finding, {
      id: exact,
      kind: exact,
      subject: { properties: { record: kept, id: exact } },
      about: exact,
      platform: grouped,
      artefactKind: grouped,
      /** Makes a statement: did not abstain. */
      counts: flag,
      /** Has a signal that is strong or conclusive. */
      strong: flag,
      /** What may be searched for, cut into words already. */
      words: { type: "text", analyzer: "whitespace" },
    }),
  },
  visits: {
    version: 1,
    monthly: true,
    properties: ofRecord(Visit, { id: exact, forum: exact, url: exact, at: time, alarm: exact }),
  },
  /** The last failure of each picture of a post. */
  "picture-failures": {
    version: 1,
    properties: { id: exact, post: exact, url: kept, forum: exact, at: time, error: kept },
  },
  /** Every forum and host where something stands: few, so that a search can read them all. */
  places: { version: 1, properties: { id: exact, place: exact } },
  "known-hashes": {
    version: 1,
    properties: ofRecord(KnownHash, {
      id: exact,
      algorithm: exact,
      value: exact,
      source: exact,
      reference: exact,
      pdq: {
        type: "dense_vector",
        element_type: "bit",
        dims: 256,
        index: true,
        similarity: "l2_norm", // of bits: how many differ
        index_options: { type: "flat" }, // every hash is compared: none is missed
      },
    }),
  },
  clusters: {
    version: 1,
    properties: { id: exact, type: exact, number: whole, place: whole, published: flag, contents: kept },
  },
  /** The same of guides. */
  "guide-clusters": {
    version: 1,
    properties: {
      id: exact,
      type: exact,
      number: whole,
      place: whole,
      published: flag,
      contents: kept,
    },
  },
  frontier: {
    version: 1,
    properties: {
      id: exact,
      type: exact,
      forum: exact,
      url: kept,
      kind: kept,
      rank: { type: "byte" },
      sequence: whole,
      due: whole,
      worker: exact,
      attempt: { type: "integer" },
      visited: flag,
      failed: flag,
      yield: kept,
      content: kept,
      page: kept,
      until: wholeKept,
      fingerprint: kept,
      sha256: kept,
    },
  },
  /** Mandates, forums, decisions, lists, the audit log. */
  "case-file": { version: 1, properties: { id: exact, type: exact, sequence: whole, record: kept } },
  /** Apart from all others, so that they can be left out of snapshots: a key that was destroyed must not come back. */
  "text-keys": { version: 1, properties: { id: exact, type: exact, bucket: exact, key: kept } },
} as const satisfies Readonly<Record<string, IndexDeclaration>>

export type IndexKind = keyof typeof indices

export const indexKinds = Object.keys(indices) as IndexKind[]

export const declared = (kind: IndexKind): IndexDeclaration => indices[kind]

/** Small, or kept in order by the one shard that they are on. */
export const single: ReadonlySet<IndexKind> = new Set([
  "visits",
  "places",
  "known-hashes",
  "clusters",
  "guide-clusters",
  "case-file",
  "text-keys",
])
