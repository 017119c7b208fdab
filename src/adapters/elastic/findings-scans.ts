import type { Attachment } from "../../model/attachment.ts"
import type { Finding, FindingKind } from "../../model/finding.ts"
import type { Fingerprint, Signal } from "../../model/fingerprint.ts"
import type { Id, Instant } from "../../model/record.ts"
import { instant } from "../../model/record.ts"
import type { Sighting } from "../../model/sighting.ts"
import type { ArtefactRow, ClusterRow, ImageRow, PostRow, Scope } from "../../ports/findings.ts"
import type { Hit, Query } from "./connection.ts"
import { chunks, clustersOf, knownClusters, membersOf } from "./image-facts.ts"
import { type PostDocument, recordOf } from "./post-revisions.ts"
import { all, anyOf, restricts, within } from "./scope-query.ts"
import type { View } from "./view.ts"

type SightingDocument = Sighting & { readonly at: Instant; readonly place: string }
type FindingDocument = Finding & { readonly counts: boolean; readonly strong: boolean; readonly words: string }

const everything: Query = { match_all: {} }

export async function* scanPosts(view: View, scope: Scope): AsyncGenerator<PostRow> {
  const sort = ["forum", "thread", "at", "id"]
  for await (const page of view.pages<PostDocument>("posts", { query: within(scope), sort })) {
    const pictures = await view.all<SightingDocument>(
      "sightings",
      all(
        anyOf(
          "post",
          page.map((hit) => hit._source!.id),
        ),
      ),
      ["id", "post", "url", "sha256", "seenAt"],
    )
    // Where an address showed several pictures in the course of time, the newest one counts.
    pictures.sort((a, b) => (a.seenAt === b.seenAt ? (a.id < b.id ? -1 : 1) : a.seenAt < b.seenAt ? -1 : 1))
    const known = new Map(pictures.map(({ post, url, sha256 }) => [`${post} ${url}`, sha256]))
    for (const { _source } of page) {
      const post = recordOf(_source!)
      const pictureOf = (url: string) => {
        const sha256 = known.get(`${post.id} ${url}`)
        return sha256 === undefined ? { url } : { url, sha256 }
      }
      yield { ...post, pictures: post.images.map(pictureOf) }
    }
  }
}

export async function* scanImages(view: View, scope: Scope): AsyncGenerator<ImageRow> {
  for await (const page of view.pages<Fingerprint>("fingerprints", { query: everything, sort: ["id"] })) {
    const ids = page.map((hit) => hit._source!.id)
    const [sightings, clusters] = await Promise.all([countSightings(view, scope, ids), clustersOf(view, ids)])
    const wanted = restricts(scope) ? page.filter((hit) => sightings.has(hit._source!.id)) : page
    const asked = wanted.map((hit) => clusters.get(hit._source!.id) ?? hit._source!.id)
    const known = await knownClusters(view, [...new Set(asked)])
    for (const { _source } of wanted) {
      const fingerprint = _source!
      const cluster = clusters.get(fingerprint.id)
      yield {
        fingerprint,
        ...(cluster === undefined ? {} : { cluster }),
        sightings: sightings.get(fingerprint.id)?.count ?? 0,
        known: known.has(cluster ?? fingerprint.id),
      }
    }
  }
}

interface Seen {
  count: number
  first: number
}

/** Sightings of each image within the scope; images without any are left out. */
async function countSightings(view: View, scope: Scope, fingerprints: readonly Id[]): Promise<Map<Id, Seen>> {
  const counts = new Map<Id, Seen>()
  const sources = [{ fingerprint: { terms: { field: "fingerprint" } } }]
  const first = { first: { min: { field: "at" } } }
  for (const keys of chunks(fingerprints)) {
    for await (const page of view.buckets("sightings", within(scope, anyOf("fingerprint", keys)), sources, first)) {
      for (const { key, count, aggregations } of page) {
        counts.set(key.fingerprint as Id, { count, first: (aggregations.first as { value: number }).value })
      }
    }
  }
  return counts
}

export async function* scanFindings(view: View, scope: Scope, kind?: FindingKind): AsyncGenerator<Finding> {
  const query = kind === undefined ? everything : all({ term: { kind } })
  for await (const page of view.pages<FindingDocument>("findings", { query, sort: ["id"] })) {
    const subjects = restricts(scope) ? await subjectsWithin(view, scope, page) : undefined
    for (const { _source } of page) if (subjects?.has(_source!.subject.id) ?? true) yield findingOf(_source!)
  }
}

export async function* scanAttachments(view: View, scope: Scope): AsyncGenerator<Attachment> {
  type Document = Attachment & { readonly at: Instant }
  for await (const page of view.pages<Document>("attachments", { query: within(scope), sort: ["id"] })) {
    for (const { _source } of page) {
      const { at: _, ...attachment } = _source!
      yield attachment
    }
  }
}

async function subjectsWithin(view: View, scope: Scope, page: readonly Hit<FindingDocument>[]): Promise<Set<Id>> {
  const subjects = [...new Set(page.map((hit) => hit._source!.subject.id))]
  const [posts, images] = await Promise.all([
    view.all<{ id: Id }>("posts", within(scope, anyOf("id", subjects)), ["id"]),
    countSightings(view, scope, subjects),
  ])
  return new Set([...posts.map(({ id }) => id), ...images.keys()])
}

export function findingOf({ counts: _, strong: __, words: ___, ...finding }: FindingDocument): Finding {
  return finding
}

const strengths = ["conclusive", "strong", "moderate", "weak"]

export async function* scanClusters(view: View, scope: Scope): AsyncGenerator<ClusterRow> {
  await view.open("memberships", "sightings", "fingerprints", "findings")
  const sources = [{ cluster: { terms: { field: "cluster" } } }]
  for await (const page of view.buckets("memberships", everything, sources, undefined, 500)) {
    const ids = page.map(({ key }) => key.cluster as Id)
    const members = await membersOf(view, ids)
    const images = [...members.values()].flat()
    const [sightings, known, fingerprints] = await Promise.all([
      countSightings(view, scope, images),
      knownClusters(view, ids),
      fingerprintsOf(view, images),
    ])
    for (const id of ids) {
      const own = members.get(id)!
      const row = clusterRow(own, sightings, fingerprints)
      if (row && (row.sightings > 0 || !restricts(scope))) yield { id, members: own, ...row, known: known.has(id) }
    }
  }
}

async function fingerprintsOf(view: View, ids: readonly Id[]): Promise<Map<Id, Fingerprint>> {
  const found = new Map<Id, Fingerprint>()
  for (const keys of chunks(ids)) {
    for (const record of await view.all<Fingerprint>("fingerprints", all(anyOf("id", keys)), [
      "id",
      "signals",
      "seenAt",
    ])) {
      found.set(record.id, record)
    }
  }
  return found
}

/** Undefined where none of its images is in the index yet. */
function clusterRow(
  members: readonly Id[],
  sightings: ReadonlyMap<Id, Seen>,
  fingerprints: ReadonlyMap<Id, Fingerprint>,
): Omit<ClusterRow, "id" | "members" | "known"> | undefined {
  const seen = members.flatMap((id) => sightings.get(id) ?? [])
  const records = members.flatMap((id) => fingerprints.get(id) ?? [])
  const firstSeen =
    seen.length > 0
      ? instant(Math.min(...seen.map(({ first }) => first)))
      : records.map(({ seenAt }) => seenAt).sort()[0]
  if (firstSeen === undefined) return undefined
  const signals: Signal[] = records.flatMap((record) => record.signals)
  const strength = strengths.find((s) => signals.some((signal) => signal.strength === s))
  return {
    sightings: seen.reduce((sum, { count }) => sum + count, 0),
    ...(strength === undefined ? {} : { strength }),
    generators: [...new Set(signals.flatMap(({ generator }) => generator || []))].sort(),
    firstSeen,
  }
}

interface ArtefactSoFar {
  readonly id: string
  readonly kinds: Set<string>
  readonly platforms: Set<string>
  readonly posts: Set<Id>
  readonly threads: Set<string>
  readonly forums: Set<string>
  readonly authors: Set<string>
  readonly times: Instant[]
}

export async function* scanArtefacts(view: View, scope: Scope): AsyncGenerator<ArtefactRow> {
  await view.open("findings", "posts")
  const query = all({ term: { kind: "model-link" } }, { term: { counts: true } })
  const sources = [
    { about: { terms: { field: "about" } } },
    { subject: { terms: { field: "subject.id" } } },
    { kind: { terms: { field: "artefactKind", missing_bucket: true } } },
    { platform: { terms: { field: "platform", missing_bucket: true } } },
  ]
  type Place = Pick<PostDocument, "id" | "forum" | "thread" | "author" | "at">
  let artefact: ArtefactSoFar | undefined
  for await (const page of view.buckets("findings", query, sources)) {
    const subjects = new Set(page.map(({ key }) => key.subject as Id))
    const found = await view.all<Place>("posts", within(scope, anyOf("id", subjects)), [
      "id",
      "forum",
      "thread",
      "author",
      "at",
    ])
    const posts = new Map(found.map((post) => [post.id, post]))
    for (const { key } of page) {
      const post = posts.get(key.subject as Id)
      if (!post) continue
      if (artefact && artefact.id !== key.about) {
        yield artefactRow(artefact)
        artefact = undefined
      }
      artefact ??= newArtefact(key.about as string)
      if (key.kind !== null) artefact.kinds.add(key.kind as string)
      if (key.platform !== null) artefact.platforms.add(key.platform as string)
      artefact.posts.add(post.id)
      artefact.threads.add(`${post.forum}/${post.thread}`)
      artefact.forums.add(post.forum)
      if (post.author !== undefined) artefact.authors.add(post.author)
      artefact.times.push(post.at)
    }
  }
  if (artefact) yield artefactRow(artefact)
}

function newArtefact(id: string): ArtefactSoFar {
  const empty = () => new Set<string>()
  return {
    id,
    kinds: empty(),
    platforms: empty(),
    posts: empty(),
    threads: empty(),
    forums: empty(),
    authors: empty(),
    times: [],
  }
}

function artefactRow({ id, kinds, platforms, posts, threads, forums, authors, times }: ArtefactSoFar): ArtefactRow {
  const ordered = times.toSorted()
  return {
    id,
    kind: [...kinds].sort()[0] ?? "",
    platform: [...platforms].sort()[0] ?? "",
    posts: posts.size,
    threads: threads.size,
    forums: forums.size,
    authors: authors.size,
    firstSeen: ordered[0]!,
    lastSeen: ordered.at(-1)!,
  }
}

export async function* scanSightings(view: View, clusters: readonly Id[], scope: Scope): AsyncGenerator<Sighting> {
  const members = [...(await membersOf(view, [...new Set(clusters)])).values()].flat()
  const scans = [...chunks(members, 60_000)].map((images) =>
    view.pages<SightingDocument>("sightings", { query: within(scope, anyOf("fingerprint", images)), sort: ["id"] }),
  )
  for await (const { at: _, place: __, ...sighting } of merged(scans)) yield sighting
}

/** Several scans by id as one. */
async function* merged<Document extends { readonly id: Id }>(
  scans: readonly AsyncGenerator<Hit<Document>[]>[],
): AsyncGenerator<Document> {
  const rows = scans.map(async function* (scan) {
    for await (const page of scan) for (const hit of page) yield hit._source!
  })
  const heads = await Promise.all(rows.map((row) => row.next()))
  for (;;) {
    let least = -1
    for (const [place, head] of heads.entries()) {
      if (!head.done && (least < 0 || head.value.id < (heads[least]!.value as Document).id)) least = place
    }
    if (least < 0) return
    yield heads[least]!.value as Document
    heads[least] = await rows[least]!.next()
  }
}
