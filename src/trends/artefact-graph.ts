import type { Artefact, ArtefactImage } from "../model/artefact.ts"
import type { Id, Instant } from "../model/record.ts"
import type { Findings, Scope, TrendPoint } from "../ports/findings.ts"
import { byRank, isTelling, joinsOf, modelsIn } from "./artefact-identity.ts"

/** Pictures that a record lists by their digests; `imageCount` counts all. */
const listedImages = 1_000

/** A place in time where an artefact was named in a post, or shown by a picture. */
interface Appearance {
  readonly how: "named" | "shown"
  readonly at: Instant
  readonly post: Id
}

interface Node {
  kinds: string[]
  baseModels: string[]
  platform: string
  posts: Set<Id>
  threads: Set<string>
  forums: Set<string>
  authors: Set<string>
  disguised: Set<Id>
  images: Map<string, Set<ArtefactImage["by"][number]>>
  sightings: Set<Id>
  appearances: Appearance[]
}

/**
 * Every artefact of a scope, ordered by id: links of posts and traces of pictures joined where they mean the same model. Asks the findings
 * for what they hold, so it runs on any engine; keeps in memory what the artefacts are, not the posts.
 */
export async function artefacts(findings: Findings, scope: Scope): Promise<Artefact[]> {
  const graph = await graphOf(findings, scope)
  return [...graph].map(([ids, node]) => recordOf(ids, node)).sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** How often an artefact, called by any of its ids, was named in posts and shown by pictures over time. Undefined where nobody knows it. */
export async function artefactTrend(
  findings: Findings,
  id: string,
  interval: "month" | "week" | "day",
  scope: Scope,
): Promise<TrendPoint[] | undefined> {
  for (const [ids, node] of await graphOf(findings, scope)) {
    if (!ids.includes(id)) continue
    const counts = Map.groupBy(node.appearances, ({ at, how }) => `${bucketOf(at, interval)} ${how}`)
    return [...counts]
      .map(([key, seen]) => {
        const [bucket = "", group = ""] = key.split(" ")
        return { bucket, group, count: seen.length }
      })
      .sort((a, b) => (a.bucket + a.group < b.bucket + b.group ? -1 : 1))
  }
  return undefined
}

/** Start of the interval in UTC; a week starts on Monday (ISO 8601). */
function bucketOf(at: Instant, interval: "month" | "week" | "day"): string {
  if (interval === "month") return at.slice(0, 7)
  const day = new Date(`${at.slice(0, 10)}T00:00:00Z`)
  if (interval === "week") day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
  return day.toISOString().slice(0, 10)
}

/** Groups of ids that mean the same, with what is known of them. */
async function graphOf(findings: Findings, scope: Scope): Promise<Map<readonly string[], Node>> {
  const nodes = new Map<string, Node>()
  const same = new SameThings()
  const nodeOf = (id: string) => {
    let node = nodes.get(id)
    if (!node) {
      node = emptyNode()
      nodes.set(id, node)
    }
    return node
  }
  const join = (ids: readonly string[]) => {
    for (const id of ids) same.add(id)
    const telling = ids.filter(isTelling)
    for (const id of telling) for (const other of [telling[0]!, ...joinsOf(id)]) same.join(id, other)
  }
  const named = new Map<Id, { id: string; disguised: boolean }[]>()
  for await (const { about, aliases = [], artefactKind, platform, baseModel, subject, reasons } of findings.findings(
    scope,
    "model-link",
  )) {
    if (about === undefined) continue
    const node = nodeOf(about)
    node.platform = platform ?? ""
    if (artefactKind) node.kinds.push(artefactKind)
    if (baseModel) node.baseModels.push(baseModel)
    join([about, ...aliases])
    const mention = { id: about, disguised: reasons.some(({ name }) => name.startsWith("disguise:")) }
    named.set(subject.id, [...(named.get(subject.id) ?? []), mention])
  }
  const shown = await imagesWithModels(findings, scope, nodeOf, join)
  for await (const { id, forum, thread, author, postedAt, seenAt } of findings.posts(scope)) {
    const at = postedAt ?? seenAt
    for (const mention of named.get(id) ?? []) {
      const node = nodeOf(mention.id)
      if (!node.posts.has(id)) node.appearances.push({ how: "named", at, post: id })
      node.posts.add(id)
      node.threads.add(`${forum}/${thread}`)
      node.forums.add(forum)
      if (author !== undefined) node.authors.add(author)
      if (mention.disguised) node.disguised.add(id)
    }
  }
  await addSightings(findings, scope, shown, nodeOf)
  return merged(nodes, same)
}

/** Fingerprints whose traces name models, with their clusters and the ids. */
interface Shown {
  readonly clusters: Set<Id>
  readonly idsOf: Map<Id, Set<string>>
}

async function imagesWithModels(
  findings: Findings,
  scope: Scope,
  nodeOf: (id: string) => Node,
  join: (ids: readonly string[]) => void,
): Promise<Shown> {
  const clusters = new Set<Id>()
  const idsOf = new Map<Id, Set<string>>()
  for await (const { fingerprint, cluster } of findings.images(scope)) {
    for (const { ids, kind, baseModel } of modelsIn(fingerprint.signals)) {
      join(ids.map(({ id }) => id))
      const { id } = ids.find((one) => isTelling(one.id)) ?? ids[0]!
      const node = nodeOf(id)
      node.kinds.push(kind)
      if (baseModel) node.baseModels.push(baseModel)
      const by = node.images.get(fingerprint.sha256) ?? new Set()
      for (const one of ids) by.add(one.by)
      node.images.set(fingerprint.sha256, by)
      clusters.add(cluster ?? fingerprint.id)
      idsOf.set(fingerprint.id, (idsOf.get(fingerprint.id) ?? new Set()).add(id))
    }
  }
  return { clusters, idsOf }
}

/** Clusters asked for at once. */
const clustersAtOnce = 500

async function addSightings(
  findings: Findings,
  scope: Scope,
  { clusters, idsOf }: Shown,
  nodeOf: (id: string) => Node,
) {
  const all = [...clusters]
  for (let from = 0; from < all.length; from += clustersAtOnce) {
    for await (const sighting of findings.sightingsOf(all.slice(from, from + clustersAtOnce), scope)) {
      for (const id of idsOf.get(sighting.fingerprint) ?? []) {
        const node = nodeOf(id)
        if (node.sightings.has(sighting.id)) continue
        node.sightings.add(sighting.id)
        node.appearances.push({ how: "shown", at: sighting.postedAt ?? sighting.seenAt, post: sighting.post })
      }
    }
  }
}

function merged(nodes: ReadonlyMap<string, Node>, same: SameThings): Map<readonly string[], Node> {
  const groups = new Map<readonly string[], Node>()
  for (const ids of same.groups()) {
    const own = ids.filter((id) => !id.startsWith("join:"))
    const parts = own.flatMap((id) => nodes.get(id) ?? [])
    if (parts.length === 0) continue
    const whole = emptyNode()
    for (const part of parts) addTo(whole, part)
    if (whole.appearances.length > 0) groups.set(byRank(own), whole)
  }
  return groups
}

function recordOf(ids: readonly string[], node: Node): Artefact {
  const [id = "", ...aliases] = ids
  const times = node.appearances.map(({ at }) => at).sort()
  const versionOf = /^(civitai:model:\d+)@/.exec(id)?.[1]
  const baseModel = mostOften(node.baseModels)
  return {
    id,
    aliases,
    kind: kindOf(node.kinds),
    platform: node.platform || platformOf(id),
    ...(versionOf ? { versionOf } : {}),
    ...(baseModel ? { baseModel } : {}),
    posts: node.posts.size,
    threads: node.threads.size,
    forums: node.forums.size,
    authors: node.authors.size,
    disguised: node.disguised.size,
    imageCount: node.images.size,
    sightings: node.sightings.size,
    images: [...node.images]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, listedImages)
      .map(([sha256, by]) => ({ sha256, by: [...by].sort() })),
    firstSeen: times[0]!,
    lastSeen: times.at(-1)!,
  }
}

/** Of what only pictures name. */
function platformOf(id: string): string {
  if (/^(?:autov\d|sha256|blake3|crc32):/.test(id)) return "hash"
  return /^(?:lora|checkpoint):/.test(id) ? "name" : id.slice(0, id.indexOf(":"))
}

/** Words that say what a thing is handed over as, not what kind of model it is. */
const vague: ReadonlySet<string> = new Set(["model", "model-file", "file", "folder", "hash", "short-link"])

function kindOf(kinds: readonly string[]): string {
  return mostOften(kinds.filter((kind) => !vague.has(kind))) ?? mostOften(kinds) ?? "model"
}

function mostOften(values: readonly string[]): string | undefined {
  const counts = [...Map.groupBy(values, (value) => value)].map(([value, all]) => ({ value, count: all.length }))
  return counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))[0]?.value
}

function emptyNode(): Node {
  return {
    kinds: [],
    baseModels: [],
    platform: "",
    posts: new Set(),
    threads: new Set(),
    forums: new Set(),
    authors: new Set(),
    disguised: new Set(),
    images: new Map(),
    sightings: new Set(),
    appearances: [],
  }
}

function addTo(whole: Node, part: Node): void {
  whole.kinds.push(...part.kinds)
  whole.baseModels.push(...part.baseModels)
  whole.platform ||= part.platform
  for (const appearance of part.appearances) {
    // A post that names a model by two of its ids names it once.
    if (appearance.how === "named" && whole.posts.has(appearance.post)) continue
    whole.appearances.push(appearance)
  }
  for (const set of ["posts", "threads", "forums", "authors", "disguised", "sightings"] as const) {
    for (const value of part[set]) whole[set].add(value)
  }
  for (const [sha256, by] of part.images) whole.images.set(sha256, (whole.images.get(sha256) ?? new Set()).union(by))
}

/** Things that are known to be the same, as a forest: each leads to another, one of each tree to itself. */
class SameThings {
  readonly #up = new Map<string, string>()

  add(id: string): void {
    if (!this.#up.has(id)) this.#up.set(id, id)
  }

  join(one: string, other: string): void {
    this.add(one)
    this.add(other)
    const [a, b] = [this.#root(one), this.#root(other)]
    if (a !== b) this.#up.set(a, b)
  }

  groups(): string[][] {
    return [...Map.groupBy(this.#up.keys(), (id) => this.#root(id)).values()]
  }

  #root(id: string): string {
    let at = id
    for (let up = this.#up.get(at)!; up !== at; up = this.#up.get(at)!) {
      this.#up.set(at, this.#up.get(up)!)
      at = up
    }
    return at
  }
}
