import { isGenerated } from "./picture-plan.ts"
import type { DemoTruth, PlannedFile, PlannedImage, PlannedPost, PlannedThread, TruthCount } from "./planned-forum.ts"
import type { PlantedMention } from "./planted-links.ts"

interface Facts {
  readonly threads: readonly PlannedThread[]
  readonly posts: readonly PlannedPost[]
  readonly images: readonly PlannedImage[]
  readonly files: readonly PlannedFile[]
  readonly mentions: readonly { readonly post: number; readonly mention: PlantedMention }[]
  readonly guides: readonly { readonly post: number; readonly text: number }[]
  readonly nearMisses: readonly number[]
  readonly characters: readonly number[]
}

export function truthOf(facts: Facts, months: readonly string[]): DemoTruth {
  const byNumber = (left: number, right: number) => left - right
  const artefacts = Map.groupBy(facts.mentions, ({ mention }) => mention.id)
  return {
    total: count(facts, facts.posts),
    months: Object.fromEntries(
      months.map((month) => [
        month,
        count(
          facts,
          facts.posts.filter(({ at }) => new Date(at).toISOString().startsWith(month)),
        ),
      ]),
    ),
    artefacts: [...artefacts]
      .map(([id, found]) => ({
        id,
        platform: found[0]!.mention.platform,
        wordings: [...new Set(found.map(({ mention }) => mention.text))],
        hidden: found.every(({ mention }) => mention.hidden === true),
        posts: found.map(({ post }) => post).sort(byNumber),
      }))
      .sort((left, right) => (left.id < right.id ? -1 : 1)),
    guidePosts: facts.guides.map(({ post }) => post).sort(byNumber),
    nearMissPosts: [...facts.nearMisses].sort(byNumber),
    knownOriginals: facts.images.filter(({ known, role }) => known && role === "original").map(({ name }) => name),
  }
}

function count(facts: Facts, posts: readonly PlannedPost[]): TruthCount {
  const ids = new Set(posts.map(({ id }) => id))
  const images = facts.images.filter(({ post }) => ids.has(post))
  const mentions = facts.mentions.filter(({ post }) => ids.has(post))
  const guides = facts.guides.filter(({ post }) => ids.has(post))
  const cards = [
    ...images.filter(({ trace }) => trace === "character-card"),
    ...facts.files.filter(({ post }) => ids.has(post)),
  ]
  // a file that ends in .charx says by its name what it is
  const archives = facts.files.filter(({ form }) => form === "charx").map(({ post }) => post)
  const naming = [...new Set([...facts.characters, ...archives])]
  const generated = images.filter(({ trace }) => isGenerated(trace))
  const files = (of: readonly PlannedImage[]) =>
    new Set(of.map(({ role, source, name }) => (role === "copy" ? source : name))).size
  return {
    posts: posts.length,
    threads: new Set(posts.map(({ thread }) => thread)).size,
    authors: new Set(posts.map(({ author }) => author)).size,
    images: images.length,
    uniqueFiles: files(images),
    families: new Set(images.map(({ family }) => family)).size,
    setAsideByKnownHash: images.filter(({ known }) => known).length,
    generatedSightings: generated.length,
    generatedFiles: files(generated),
    unsignedCredentials: images.filter(({ trace }) => trace === "c2pa-generated").length,
    artefacts: new Set(mentions.map(({ mention }) => mention.id)).size,
    artefactPosts: mentions.length,
    hiddenPosts: mentions.filter(({ mention }) => mention.hidden).length,
    characterPosts: naming.filter((post) => ids.has(post)).length,
    characterCards: images.filter(({ trace }) => trace === "character-card").length,
    cardPosts: new Set(cards.map(({ post }) => post)).size,
    guides: guides.length,
    guideTexts: new Set(guides.map(({ text }) => text)).size,
    newGuideTexts: firstPostsOfGuides(facts).filter((post) => ids.has(post)).length,
  }
}

function firstPostsOfGuides({ guides, posts }: Facts): number[] {
  const at = new Map(posts.map((post) => [post.id, post.at]))
  const copies = Map.groupBy(guides, ({ text }) => text).values()
  return [...copies].map((own) => own.reduce((a, b) => (at.get(b.post)! < at.get(a.post)! ? b : a)).post)
}
