import type { Membership } from "../../model/cluster.ts"
import type { Fingerprint, Signal } from "../../model/fingerprint.ts"
import type { Id } from "../../model/record.ts"
import { all, anyOf } from "./scope-query.ts"
import type { View } from "./view.ts"

export interface ImageFacts {
  /** An image that is not clustered yet stands for itself. */
  readonly cluster: Id
  readonly signals: readonly Signal[]
  readonly error?: string
  /** Has a finding of strength strong or better of its own. */
  readonly ai: boolean
}

/** What matched a known hash in a cluster: what the findings are about, "" where they do not say. */
export type KnownClusters = ReadonlyMap<Id, ReadonlySet<string>>

/** Keys in one question; Elasticsearch takes 65,536. */
const mostKeys = 5000

/**
 * Joins, a page at a time. Elasticsearch has none, and distinct counts must be exact, which takes all keys through here anyway: so an image's
 * cluster and findings are looked up beside its page instead of being copied into every sighting, where each change would have to follow.
 */
export async function imageFacts(view: View, fingerprints: readonly Id[]): Promise<Map<Id, ImageFacts>> {
  const [clusters, records, strong] = await Promise.all([
    clustersOf(view, fingerprints),
    lookUp<Fingerprint>(view, "fingerprints", "id", fingerprints, ["id", "signals", "error"]),
    findingsAbout(view, fingerprints, "ai-image"),
  ])
  const examined = new Map(records.map((record) => [record.id, record]))
  return new Map(
    fingerprints.map((id) => {
      const record = examined.get(id)
      const facts: ImageFacts = {
        cluster: clusters.get(id) ?? id,
        signals: record?.signals ?? [],
        ai: strong.has(id),
        ...(record?.error === undefined ? {} : { error: record.error }),
      }
      return [id, facts]
    }),
  )
}

export async function clustersOf(view: View, fingerprints: readonly Id[]): Promise<Map<Id, Id>> {
  const found = await lookUp<Membership>(view, "memberships", "id", fingerprints, ["id", "cluster"])
  return new Map(found.map(({ id, cluster }) => [id, cluster]))
}

/** Members by cluster, in order. */
export async function membersOf(view: View, clusters: readonly Id[]): Promise<Map<Id, Id[]>> {
  const found = await lookUp<Membership>(view, "memberships", "cluster", clusters, ["id", "cluster"])
  const members = Map.groupBy(found, ({ cluster }) => cluster)
  return new Map(clusters.map((cluster) => [cluster, (members.get(cluster) ?? []).map(({ id }) => id).sort()]))
}

/** Which of these clusters have a member with a trace of generation of strength strong or better. */
export async function aiClusters(view: View, clusters: readonly Id[]): Promise<Set<Id>> {
  return new Set((await marked(view, clusters, "ai-image")).keys())
}

/** Which of these clusters hold an image that matches a known hash. */
export async function knownClusters(view: View, clusters: readonly Id[]): Promise<KnownClusters> {
  return marked(view, clusters, "known-image")
}

async function marked(
  view: View,
  clusters: readonly Id[],
  kind: "ai-image" | "known-image",
): Promise<Map<Id, Set<string>>> {
  const members = await membersOf(view, clusters)
  // what nobody has clustered yet is asked for by its own name
  const images = clusters.flatMap((cluster) => [
    ...(members.get(cluster)!.length > 0 ? members.get(cluster)! : [cluster]),
  ])
  const findings = await findingsAbout(view, images, kind)
  const marks = new Map<Id, Set<string>>()
  for (const cluster of clusters) {
    const own = members.get(cluster)!.length > 0 ? members.get(cluster)! : [cluster]
    const about = own.flatMap((image) => [...(findings.get(image) ?? [])])
    if (about.length > 0) marks.set(cluster, new Set(about))
  }
  return marks
}

/** Images with a finding of this kind that counts, and what it is about. */
async function findingsAbout(
  view: View,
  images: readonly Id[],
  kind: "ai-image" | "known-image",
): Promise<Map<Id, Set<string>>> {
  const found = new Map<Id, Set<string>>()
  for (const keys of chunks(images)) {
    const query = all(
      anyOf("subject.id", keys),
      { term: { kind } },
      { term: { [kind === "ai-image" ? "strong" : "counts"]: true } },
    )
    for (const { subject, about } of await view.all<{ subject: { id: Id }; about?: string }>("findings", query, [
      "subject.id",
      "about",
    ])) {
      const known = found.get(subject.id)
      if (known) known.add(about ?? "")
      else found.set(subject.id, new Set([about ?? ""]))
    }
  }
  return found
}

async function lookUp<Document>(
  view: View,
  kind: "memberships" | "fingerprints",
  field: string,
  keys: readonly string[],
  source: readonly string[],
): Promise<Document[]> {
  const found: Document[] = []
  for (const chunk of chunks(keys)) found.push(...(await view.all<Document>(kind, all(anyOf(field, chunk)), source)))
  return found
}

export function* chunks<Item>(items: readonly Item[], size = mostKeys): Generator<Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
