import type { Finding } from "../../model/finding.ts"
import type { Id } from "../../model/record.ts"
import type { Scope, Tally } from "../../ports/findings.ts"
import { aiClusters, imageFacts, knownClusters } from "./image-facts.ts"
import { all, anyOf, within } from "./scope-query.ts"
import type { View } from "./view.ts"

/** All counts of a scope, from one state of the index. Exact: distinct things are paged through, never estimated. */
export async function tally(view: View, scope: Scope): Promise<Tally> {
  await view.open("posts", "sightings", "memberships", "fingerprints", "findings", "picture-failures")
  const [posts, findings, { errors, ...images }, missed] = await Promise.all([
    postCounts(view, scope),
    postFindingCounts(view, scope),
    imageCounts(view, scope),
    missedPictures(view, scope),
  ])
  for (const [error, count] of missed) errors.set(error, (errors.get(error) ?? 0) + count)
  const imageErrors = [...errors].map(([error, images]) => ({ error, images })).sort(by((row) => row.error))
  return { ...posts, ...images, ...findings, imageErrors }
}

async function postCounts(view: View, scope: Scope): Promise<Pick<Tally, "posts" | "threads" | "authors">> {
  const query = within(scope)
  const [posts, threads, authors] = await Promise.all([
    view.count("posts", query),
    countBuckets(view, query, ["forum", "thread"]),
    countBuckets(view, query, ["author"]),
  ])
  return { posts, threads, authors }
}

async function countBuckets(view: View, query: ReturnType<typeof within>, fields: readonly string[]): Promise<number> {
  let count = 0
  const sources = fields.map((field) => ({ [field]: { terms: { field } } }))
  for await (const page of view.buckets("posts", query, sources, undefined, 5000)) count += page.length
  return count
}

type ImageCounts = Pick<
  Tally,
  | "sightings"
  | "images"
  | "clusters"
  | "knownSightings"
  | "knownImages"
  | "aiSightings"
  | "aiImages"
  | "aiByClusterSightings"
  | "signals"
  | "generators"
>

async function imageCounts(view: View, scope: Scope): Promise<ImageCounts & { errors: Map<string, number> }> {
  const counts = {
    sightings: 0,
    images: 0,
    knownSightings: 0,
    knownImages: 0,
    aiSightings: 0,
    aiImages: 0,
    aiByClusterSightings: 0,
  }
  const clusters = new Set<Id>()
  const signals = new Map<string, { family: string; strength: string; sightings: number; images: number }>()
  const generators = new Map<string, number>()
  const errors = new Map<string, number>()
  /** What the content at hand counts for already: it may have several fingerprints, one for each examiner. They come one after another. */
  let content = { sha256: "", counted: new Set<string>() }
  const firstOfContent = (what: string) => {
    if (content.counted.has(what)) return 0
    content.counted.add(what)
    return 1
  }
  const sources = [{ sha256: { terms: { field: "sha256" } } }, { fingerprint: { terms: { field: "fingerprint" } } }]
  for await (const page of view.buckets("sightings", within(scope), sources)) {
    const facts = await imageFacts(
      view,
      page.map(({ key }) => key.fingerprint as Id),
    )
    const pageClusters = [...new Set([...facts.values()].map(({ cluster }) => cluster))]
    const [known, ai] = await Promise.all([knownClusters(view, pageClusters), aiClusters(view, pageClusters)])
    for (const { key, count } of page) {
      if (key.sha256 !== content.sha256) content = { sha256: key.sha256 as string, counted: new Set() }
      const image = facts.get(key.fingerprint as Id)!
      counts.sightings += count
      counts.images += firstOfContent("image")
      clusters.add(image.cluster)
      if (known.has(image.cluster)) {
        counts.knownSightings += count
        counts.knownImages += firstOfContent("known")
      }
      if (image.ai) {
        counts.aiSightings += count
        counts.aiImages += firstOfContent("ai")
      } else if (ai.has(image.cluster)) counts.aiByClusterSightings += count
      for (const name of new Set(image.signals.map(({ family, strength }) => JSON.stringify([family, strength])))) {
        const [family, strength] = JSON.parse(name) as [string, string]
        const row = signals.get(name) ?? { family, strength, sightings: 0, images: 0 }
        row.sightings += count
        row.images += firstOfContent(name)
        signals.set(name, row)
      }
      for (const generator of new Set(image.signals.flatMap((signal) => signal.generator || []))) {
        generators.set(generator, (generators.get(generator) ?? 0) + count)
      }
      if (image.error !== undefined) {
        errors.set(image.error, (errors.get(image.error) ?? 0) + firstOfContent(`error ${image.error}`))
      }
    }
  }
  return {
    ...counts,
    clusters: clusters.size,
    signals: [...signals.values()].sort(by((row) => `${row.family} ${row.strength}`)),
    generators: [...generators]
      .map(([generator, sightings]) => ({ generator, sightings }))
      .sort((a, b) => b.sightings - a.sightings || (a.generator < b.generator ? -1 : 1)),
    errors,
  }
}

type PostFindingCounts = Pick<Tally, "modelLinkPosts" | "modelArtefacts" | "characterPosts" | "guidePosts">

async function postFindingCounts(view: View, scope: Scope): Promise<PostFindingCounts> {
  const counts = { modelLinkPosts: 0, characterPosts: 0, guidePosts: 0 }
  const artefacts = new Set<string>()
  const query = all({ term: { counts: true } }, anyOf("kind", ["model-link", "character-link", "guide"]))
  const sources = [
    { kind: { terms: { field: "kind" } } },
    { subject: { terms: { field: "subject.id" } } },
    { about: { terms: { field: "about", missing_bucket: true } } },
  ]
  let last = ""
  for await (const page of view.buckets("findings", query, sources)) {
    const posts = await postsWithin(view, scope, new Set(page.map(({ key }) => key.subject as Id)))
    for (const { key } of page) {
      if (!posts.has(key.subject as Id)) continue
      const kind = key.kind as Finding["kind"]
      if (kind === "model-link" && key.about !== null) artefacts.add(key.about as string)
      const subject = `${kind} ${key.subject}`
      if (subject === last) continue // the same post's next artefact
      last = subject
      if (kind === "model-link") counts.modelLinkPosts += 1
      else if (kind === "character-link") counts.characterPosts += 1
      else counts.guidePosts += 1
    }
  }
  return { ...counts, modelArtefacts: artefacts.size }
}

async function postsWithin(view: View, scope: Scope, ids: ReadonlySet<Id>): Promise<Set<Id>> {
  const found = await view.all<{ id: Id }>("posts", within(scope, anyOf("id", ids)), ["id"])
  return new Set(found.map(({ id }) => id))
}

/** Pictures that could not be fetched and were not later, by error. */
async function missedPictures(view: View, scope: Scope): Promise<Map<string, number>> {
  type Failure = { post: Id; url: string; error: string }
  const urls = new Map<string, Set<string>>()
  for await (const page of view.pages<Failure>("picture-failures", { query: within(scope), sort: ["id"] })) {
    const posts = new Set(page.map((hit) => hit._source!.post))
    const seen = await view.all<{ post: Id; url: string }>("sightings", all(anyOf("post", posts)), ["post", "url"])
    const fetched = new Set(seen.map(({ post, url }) => `${post} ${url}`))
    for (const { _source } of page) {
      const { post, url, error } = _source!
      if (fetched.has(`${post} ${url}`)) continue
      const missed = urls.get(error)
      if (missed) missed.add(url)
      else urls.set(error, new Set([url]))
    }
  }
  return new Map([...urls].map(([error, missed]) => [error, missed.size]))
}

export function by<Row>(key: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)
}
