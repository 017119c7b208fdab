import { guideTexts } from "./guide-words.ts"
import type { PostSlot } from "./planned-forum.ts"
import { characterLinks, offSitePictures, ordinaryLinks, type PlantedMention, plantedModels } from "./planted-links.ts"
import type { PostPlants } from "./post-writer.ts"
import { seeded } from "./seeded-random.ts"

/** What is planted where. */
interface Plants {
  of(post: number): PostPlants
  readonly mentions: readonly { readonly post: number; readonly mention: PlantedMention }[]
  /** Posts in the order of time, and which text each has: the first of a text is its original, the others are copies. */
  readonly guides: readonly { readonly post: number; readonly text: number }[]
  readonly nearMisses: readonly number[]
  /** Posts with a link to a character. */
  readonly characters: readonly number[]
  readonly offSite: readonly { readonly post: number; readonly url: string }[]
}

const MENTIONS = 96
const GUIDES = 24
const NEAR_MISSES = 40
const ORDINARY = 48
const OFF_SITE = 9
const CHARACTERS = 12

/** Spreads the plants over the posts, each month getting its share; a post carries at most one kind. */
export function planPlants(seed: number, slots: readonly PostSlot[]): Plants {
  const random = seeded(seed, "plants")
  const wanted = [MENTIONS, GUIDES, NEAR_MISSES, ORDINARY, OFF_SITE, CHARACTERS]
  const shares = wanted.flatMap((count, kind) => Array.from({ length: count }, () => kind))
  const chosen = random.shuffle(slots).slice(0, shares.length)
  const posts = wanted.map((_, kind) => chosen.filter((_, i) => shares[i] === kind).map(({ id }) => id))
  // Every wording comes at least once, then at random.
  const wordings = plantedModels.flat()
  const mentions = posts[0]!.map((post, i) => ({ post, mention: wordings[i] ?? random.pick(wordings) }))
  const links = new Map([
    ...posts[3]!.map((post, i) => [post, ordinaryLinks[i % ordinaryLinks.length]!] as const),
    ...posts[5]!.map((post, i) => [post, characterLinks[i % characterLinks.length]!] as const),
  ])
  const offSite = posts[4]!.map((post, i) => ({ post, url: offSitePictures[i % offSitePictures.length]! }))
  const mentionOf = new Map(mentions.map(({ post, mention }) => [post, mention]))
  const pictureOf = new Map(offSite.map(({ post, url }) => [post, url]))
  const order = new Map(slots.map(({ id, at }) => [id, at]))
  const guides = posts[1]!
    .toSorted((a, b) => order.get(a)! - order.get(b)!)
    .map((post, i) => ({ post, text: i < guideTexts ? i : random.int(0, guideTexts - 1) }))
  const guideOf = new Map(guides.map((guide, i) => [guide.post, { ...guide, copy: copyNumber(guides, i) }]))
  const nearMisses = new Set(posts[2])
  return {
    of: (post) => ({
      mention: mentionOf.get(post),
      link: links.get(post),
      offSite: pictureOf.get(post),
      guide: guideOf.get(post),
      nearMiss: nearMisses.has(post),
    }),
    mentions,
    guides,
    nearMisses: posts[2]!,
    characters: posts[5]!,
    offSite,
  }
}

function copyNumber(guides: readonly { readonly text: number }[], place: number): number {
  return guides.slice(0, place).filter(({ text }) => text === guides[place]!.text).length
}
