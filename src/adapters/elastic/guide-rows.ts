import type { Finding } from "../../model/finding.ts"
import type { Id, Instant } from "../../model/record.ts"
import type { GuideRow, Scope } from "../../ports/findings.ts"
import { clustersOf } from "./image-facts.ts"
import { all, anyOf, within } from "./scope-query.ts"
import type { View } from "./view.ts"

interface Place {
  readonly id: Id
  readonly forum: string
  readonly thread: string
  readonly author?: string
  readonly at: Instant
}

interface Posted extends Place {
  readonly cluster: Id
  readonly score: number
  readonly language?: string
}

export async function* scanGuides(view: View, scope: Scope): AsyncGenerator<GuideRow> {
  const posted = await guidePosts(view, scope)
  const texts = [...Map.groupBy(posted, ({ cluster }) => cluster)].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [id, posts] of texts) yield guideRow(id, posts)
}

/** Posts that are guides, with the cluster of each. All in memory, one small object a post: guides are few among posts. */
export async function guidePosts(view: View, scope: Scope): Promise<Posted[]> {
  await view.open("findings", "posts", "memberships")
  const posted: Posted[] = []
  const query = all({ term: { kind: "guide" } }, { term: { counts: true } })
  for await (const page of view.pages<Finding>("findings", { query, sort: ["id"] })) {
    const found = page.map((hit) => hit._source!)
    const subjects = [...new Set(found.map(({ subject }) => subject.id))]
    const places = await view.all<Place>("posts", within(scope, anyOf("id", subjects)), [
      "id",
      "forum",
      "thread",
      "author",
      "at",
    ])
    const place = new Map(places.map((post) => [post.id, post]))
    const clusters = await clustersOf(view, subjects)
    for (const { subject, score = 0, language } of found) {
      const post = place.get(subject.id)
      const cluster = clusters.get(subject.id) ?? subject.id
      if (post) posted.push({ ...post, cluster, score, ...(language ? { language } : {}) })
    }
  }
  return posted
}

function guideRow(id: Id, posts: readonly Posted[]): GuideRow {
  const different = (of: (post: Posted) => string | undefined) => new Set(posts.flatMap((post) => of(post) ?? []))
  const times = posts.map(({ at }) => at).sort()
  return {
    id,
    posts: different((post) => post.id).size,
    threads: different(({ forum, thread }) => `${forum}/${thread}`).size,
    forums: different(({ forum }) => forum).size,
    authors: different(({ author }) => author).size,
    score: Math.max(...posts.map(({ score }) => score)),
    languages: [...different(({ language }) => language)].sort(),
    firstSeen: times[0]!,
    lastSeen: times.at(-1)!,
  }
}
