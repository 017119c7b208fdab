/** What Elasticsearch is told of one kind of document. */
export interface IndexDeclaration {
  /** Raised with every change of `properties` that a filled index cannot take; `watchline index migrate` then moves its documents. */
  readonly version: number
  /** One index for each month of the documents' own time, where that time is a part of their identity. */
  readonly monthly?: true
  readonly properties: Readonly<Record<string, object>>
  readonly settings?: Readonly<Record<string, unknown>>
}

/** Looked up, grouped or sorted by. */
const exact = { type: "keyword" }
/** Only grouped by. */
const grouped = { type: "keyword", index: false }
/** Only given back: costs nothing but its bytes, and may be of any length. */
const kept = { type: "keyword", index: false, doc_values: false }
const opaque = { type: "object", enabled: false }
const time = { type: "date" }
const whole = { type: "long" }
const wholeKept = { type: "long", index: false, doc_values: false }
const flag = { type: "boolean" }

/**
 * Every index: a document is the record as it came, plus what its questions need. Mappings are strict, so that a field which nobody
 * declared is an error of that record and never a new column.
 *
 * Only visits lie in indices by month. A replay must land where the first delivery went, and of all records only a visit has its time in its
 * identity: a post without a date is dated by when it was seen, and "3 weeks ago" is another moment at every visit. By month, such a record
 * would be counted twice (infra/decisions/0014).
 */
export const indices = {
  posts: {
    version: 1,
    properties: {
      id: exact,
      mandate: kept,
      forum: exact,
      thread: exact,
      postId: kept,
      url: kept,
      threadUrl: kept,
      postedAt: kept,
      seenAt: kept,
      author: exact,
      sealed: opaque,
      version: kept,
      links: kept,
      images: kept,
      at: time,
      currentSeenAt: kept,
      place: exact,
    },
  },
  /** Versions of a post that another one has replaced, as they were first seen. */
  "post-versions": { version: 1, properties: { post: exact, record: opaque } },
  fingerprints: {
    version: 1,
    properties: {
      id: exact,
      mandate: kept,
      seenAt: kept,
      bytes: wholeKept,
      sha256: exact,
      sha1: kept,
      md5: kept,
      format: kept,
      width: wholeKept,
      height: wholeKept,
      pdq: kept,
      pdqQuality: wholeKept,
      pdqPipeline: kept,
      signals: opaque,
      facts: kept,
      error: kept,
      examiner: kept,
    },
  },
  sightings: {
    version: 1,
    properties: {
      id: exact,
      mandate: kept,
      forum: exact,
      post: exact,
      postUrl: kept,
      url: kept,
      fingerprint: exact,
      sha256: grouped,
      postedAt: kept,
      seenAt: kept,
      at: time,
      place: exact,
    },
  },
  memberships: {
    version: 1,
    properties: {
      id: exact,
      fingerprint: kept,
      cluster: exact,
      distance: wholeKept,
      revision: wholeKept,
      mandate: kept,
    },
  },
  findings: {
    version: 1,
    properties: {
      id: exact,
      mandate: kept,
      kind: exact,
      subject: { properties: { record: kept, id: exact } },
      about: exact,
      platform: grouped,
      artefactKind: grouped,
      producer: kept,
      signals: opaque,
      score: { type: "double", index: false, doc_values: false },
      calibration: kept,
      reasons: opaque,
      aliases: kept,
      baseModel: kept,
      spans: opaque,
      language: kept,
      sketch: kept,
      abstained: kept,
      seenAt: kept,
      /** Makes a statement: did not abstain. */
      counts: flag,
      /** Has a signal that is strong or conclusive. */
      strong: flag,
      /** What may be searched for, cut into words already. */
      words: { type: "text", analyzer: "whitespace" },
    },
  },
  visits: {
    version: 1,
    monthly: true,
    properties: {
      id: exact,
      mandate: kept,
      forum: exact,
      url: exact,
      at: time,
      expected: kept,
      found: kept,
      status: wholeKept,
      parser: kept,
      posts: wholeKept,
      images: wholeKept,
      links: wholeKept,
      error: kept,
      alarm: exact,
      imageFailures: opaque,
    },
  },
  /** The last failure of each picture of a post. */
  "picture-failures": {
    version: 1,
    properties: { id: exact, post: exact, url: kept, forum: exact, at: time, error: kept },
  },
  /** Every forum and host where something stands: few, so that a search can read them all. */
  places: { version: 1, properties: { place: exact } },
  "known-hashes": {
    version: 1,
    properties: {
      id: exact,
      algorithm: exact,
      value: exact,
      source: exact,
      category: kept,
      importedAt: kept,
      pdq: {
        type: "dense_vector",
        element_type: "bit",
        dims: 256,
        index: true,
        similarity: "l2_norm", // of bits: how many differ
        index_options: { type: "flat" }, // every hash is compared: none is missed
      },
    },
  },
  clusters: {
    version: 1,
    properties: {
      id: exact,
      type: exact,
      number: whole,
      place: whole,
      published: flag,
      contents: opaque,
    },
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
      contents: opaque,
    },
  },
  frontier: {
    version: 1,
    properties: {
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
  "case-file": { version: 1, properties: { type: exact, sequence: whole, record: opaque } },
  /** Apart from all others, so that they can be left out of snapshots: a key that was destroyed must not come back. */
  "text-keys": { version: 1, properties: { type: exact, bucket: exact, key: kept } },
} as const satisfies Readonly<Record<string, IndexDeclaration>>

export type IndexKind = keyof typeof indices

export const indexKinds = Object.keys(indices) as IndexKind[]

/** Small and written by people or one at a time: one shard whatever the others have, since their order is kept by it. */
export const single: ReadonlySet<IndexKind> = new Set([
  "places",
  "clusters",
  "guide-clusters",
  "case-file",
  "text-keys",
  "known-hashes",
])
