import { WatchlineError } from "../../errors.ts"
import type { Finding } from "../../model/finding.ts"
import type { Id, Instant } from "../../model/record.ts"
import type { Scope, TrendInterval, TrendMetric, TrendPoint, TrendSplit } from "../../ports/findings.ts"
import { guidePosts } from "./guide-rows.ts"
import { chunks, imageFacts, knownClusters } from "./image-facts.ts"
import { all, anyOf, within } from "./scope-query.ts"
import { by } from "./tally.ts"
import type { View } from "./view.ts"

const ofPosts: readonly TrendSplit[] = ["none", "forum"]
const ofImages: readonly TrendSplit[] = ["none", "forum", "generator", "family"]
const ofFindings: readonly TrendSplit[] = ["none", "forum", "artefact"]
const ofGuides: readonly TrendSplit[] = ["none", "forum", "guide"]

const splits: Readonly<Record<TrendMetric, readonly TrendSplit[]>> = {
  posts: ofPosts,
  sightings: ofImages,
  images: ofImages,
  "ai-image": ofImages,
  "known-image": ofFindings,
  "model-link": ofFindings,
  "character-link": ofFindings,
  "character-card": ofFindings,
  guide: ofGuides,
  "guide-spread": ofGuides,
}

export async function trend(
  view: View,
  metric: TrendMetric,
  interval: TrendInterval,
  split: TrendSplit,
  scope: Scope,
): Promise<TrendPoint[]> {
  if (!splits[metric]?.includes(split)) {
    throw new WatchlineError("input_invalid", {
      message: `There is no trend of ${metric} by ${split}.`,
      remedy: `Ask for ${metric} by ${(splits[metric] ?? []).join(", ")}.`,
    })
  }
  if (metric === "posts") return postTrend(view, interval, split, scope)
  if (metric === "sightings" || metric === "images" || metric === "ai-image" || metric === "known-image") {
    return imageTrend(view, metric, interval, split, scope)
  }
  if (metric === "guide" || metric === "guide-spread") return guideTrend(view, metric, interval, split, scope)
  if (metric === "character-card") return cardTrend(view, interval, split, scope)
  return postFindingTrend(view, metric, interval, split, scope)
}

/** Start of the interval, UTC; a week starts on Monday (ISO 8601). */
const bucketSource = (interval: TrendInterval) => ({
  bucket: {
    date_histogram: {
      field: "at",
      calendar_interval: interval,
      format: interval === "month" ? "yyyy-MM" : "yyyy-MM-dd",
    },
  },
})
const terms = (field: string) => ({ [field]: { terms: { field } } })

async function postTrend(view: View, interval: TrendInterval, split: TrendSplit, scope: Scope): Promise<TrendPoint[]> {
  const counts = new Counts()
  const sources = [bucketSource(interval), ...(split === "forum" ? [terms("forum")] : [])]
  for await (const page of view.buckets("posts", within(scope), sources)) {
    for (const { key, count } of page) counts.add(key.bucket as string, (key.forum as string | undefined) ?? "", count)
  }
  return counts.points()
}

type ImageMetric = "sightings" | "images" | "ai-image" | "known-image"

async function imageTrend(
  view: View,
  metric: ImageMetric,
  interval: TrendInterval,
  split: TrendSplit,
  scope: Scope,
): Promise<TrendPoint[]> {
  await view.open("sightings", "memberships", "fingerprints", "findings")
  const counts = new Counts()
  /** Groups that the content at hand counts in already, within its interval; its fingerprints come one after another. */
  let content = { name: "", groups: new Set<string>() }
  const sources = [
    bucketSource(interval),
    ...(split === "forum" ? [terms("forum")] : []),
    terms("sha256"),
    terms("fingerprint"),
  ]
  for await (const page of view.buckets("sightings", within(scope), sources)) {
    const groupsOf = await imageGroups(view, metric, split, [...new Set(page.map(({ key }) => key.fingerprint as Id))])
    for (const { key, count } of page) {
      const [bucket, forum, sha256] = [
        key.bucket as string,
        (key.forum as string | undefined) ?? "",
        key.sha256 as string,
      ]
      const name = JSON.stringify([bucket, forum, sha256])
      if (name !== content.name) content = { name, groups: new Set() }
      for (const group of groupsOf(key.fingerprint as Id)) {
        const label = split === "forum" ? forum : group
        if (metric !== "images") counts.add(bucket, label, count)
        else if (!content.groups.has(label)) {
          content.groups.add(label)
          counts.add(bucket, label, 1)
        }
      }
    }
  }
  return counts.points()
}

/** The groups in which an image counts: none where it is not of the metric. */
async function imageGroups(
  view: View,
  metric: ImageMetric,
  split: TrendSplit,
  fingerprints: readonly Id[],
): Promise<(fingerprint: Id) => Iterable<string>> {
  const plain = split === "none" || split === "forum"
  if (plain && (metric === "sightings" || metric === "images")) return () => [""]
  const facts = await imageFacts(view, fingerprints)
  if (metric === "known-image") {
    const known = await knownClusters(view, [...new Set([...facts.values()].map(({ cluster }) => cluster))])
    return (fingerprint) => {
      const abouts = known.get(facts.get(fingerprint)!.cluster) ?? new Set<string>()
      return plain && abouts.size > 0 ? [""] : abouts
    }
  }
  return (fingerprint) => {
    const { ai, signals } = facts.get(fingerprint)!
    if (metric === "ai-image" && !ai) return []
    if (plain) return [""]
    return new Set(
      split === "family" ? signals.map(({ family }) => family) : signals.flatMap(({ generator }) => generator || []),
    )
  }
}

async function postFindingTrend(
  view: View,
  kind: "model-link" | "character-link",
  interval: TrendInterval,
  split: TrendSplit,
  scope: Scope,
): Promise<TrendPoint[]> {
  await view.open("findings", "posts")
  const counts = new Counts()
  const sources = [
    { subject: { terms: { field: "subject.id" } } },
    ...(split === "artefact" ? [{ about: { terms: { field: "about", missing_bucket: true } } }] : []),
  ]
  type Place = { id: Id; at: Instant; forum: string }
  for await (const page of view.buckets("findings", all({ term: { kind } }, { term: { counts: true } }), sources)) {
    const ids = new Set(page.map(({ key }) => key.subject as Id))
    const found = await view.all<Place>("posts", within(scope, anyOf("id", ids)), ["id", "at", "forum"])
    const posts = new Map(found.map((post) => [post.id, post]))
    for (const { key } of page) {
      const post = posts.get(key.subject as Id)
      if (!post) continue
      const group = split === "forum" ? post.forum : split === "artefact" ? ((key.about as string | null) ?? "") : ""
      counts.add(startOf(post.at, interval), group, 1)
    }
  }
  return counts.points()
}

/** Posts that hand over a chatbot's character: in an attached file, or in a picture. All in memory: they are few among posts. */
async function cardTrend(view: View, interval: TrendInterval, split: TrendSplit, scope: Scope): Promise<TrendPoint[]> {
  await view.open("findings", "sightings", "posts")
  const query = all({ term: { kind: "character-card" } }, { term: { counts: true } })
  const found = await view.all<Pick<Finding, "subject" | "about">>("findings", query, ["subject", "about"])
  const aboutOf = new Map<Id, Set<string>>()
  const note = (post: Id, abouts: Iterable<string>) =>
    aboutOf.set(post, (aboutOf.get(post) ?? new Set()).union(new Set(abouts)))
  const shown = new Map<Id, string[]>()
  for (const { subject, about = "" } of found) {
    if (subject.record === "post") note(subject.id, [about])
    else shown.set(subject.id, [...(shown.get(subject.id) ?? []), about])
  }
  for (const images of chunks([...shown.keys()])) {
    const query = anyOf("fingerprint", images)
    for (const sighting of await view.all<{ post: Id; fingerprint: Id }>("sightings", query, ["post", "fingerprint"]))
      note(sighting.post, shown.get(sighting.fingerprint)!)
  }
  const counts = new Counts()
  for (const ids of chunks([...aboutOf.keys()])) {
    const posts = await view.all<{ id: Id; at: Instant; forum: string }>("posts", within(scope, anyOf("id", ids)), [
      "id", "at", "forum",
    ]) // biome-ignore format: one list
    for (const { id, at, forum } of posts) {
      const groups = split === "artefact" ? aboutOf.get(id)! : [split === "forum" ? forum : ""]
      for (const group of groups) counts.add(startOf(at, interval), group, 1)
    }
  }
  return counts.points()
}

async function guideTrend(
  view: View,
  metric: "guide" | "guide-spread",
  interval: TrendInterval,
  split: TrendSplit,
  scope: Scope,
): Promise<TrendPoint[]> {
  const counts = new Counts()
  const add = ({ at, forum, cluster }: { at: Instant; forum: string; cluster: Id }) =>
    counts.add(startOf(at, interval), split === "forum" ? forum : split === "guide" ? cluster : "", 1)
  if (metric === "guide") {
    const posts = await guidePosts(view, scope)
    for (const post of new Map(posts.map((post) => [post.id, post])).values()) add(post)
    return counts.points()
  }
  // What came first is a question to all times: the scope's time is asked afterwards.
  const { from = "", until = "~", ...places } = scope
  const arrivals = Map.groupBy(await guidePosts(view, places), ({ cluster, forum }) => `${cluster} ${forum}`)
  for (const copies of arrivals.values()) {
    const first = copies.reduce((one, other) => (other.at < one.at ? other : one))
    if (first.at >= from && first.at < until) add(first)
  }
  return counts.points()
}

function startOf(at: Instant, interval: TrendInterval): string {
  if (interval === "month") return at.slice(0, 7)
  if (interval === "day") return at.slice(0, 10)
  const date = new Date(`${at.slice(0, 10)}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

class Counts {
  readonly #counts = new Map<string, Map<string, number>>()

  add(bucket: string, group: string, count: number): void {
    const groups = this.#counts.get(bucket) ?? new Map<string, number>()
    groups.set(group, (groups.get(group) ?? 0) + count)
    this.#counts.set(bucket, groups)
  }

  points(): TrendPoint[] {
    const points = [...this.#counts].flatMap(([bucket, groups]) =>
      [...groups].map(([group, count]) => ({ bucket, group, count })),
    )
    return points.sort(by((point) => `${point.bucket} ${point.group}`))
  }
}
