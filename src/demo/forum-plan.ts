import { planFiles } from "./card-files.ts"
import { truthOf } from "./demo-truth.ts"
import { boards, handles, signatures, threadTitle } from "./forum-words.ts"
import { type PlannedPicture, planPictures } from "./picture-plan.ts"
import type {
  ForumPlan,
  PlannedAuthor,
  PlannedImage,
  PlannedPost,
  PlannedThread,
  PostSlot,
  Run,
} from "./planned-forum.ts"
import { planPlants } from "./plants.ts"
import { writePost } from "./post-writer.ts"
import { type Seeded, seeded } from "./seeded-random.ts"

const POSTS = 900
const START = Date.UTC(2026, 4, 1)
const END = Date.UTC(2026, 10, 1)
const DAY = 86_400_000
const months = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]
/** As in a forum that lost its beginnings: ids neither start at 1 nor run without gaps. */
const FIRST_THREAD = 12
const FIRST_POST = 101
const FIRST_ATTACHMENT = 31

/** The same seed gives the same forum. */
export function planForum(seed: number): ForumPlan {
  const random = seeded(seed, "forum")
  const threads = planThreads(random)
  const authors = planAuthors(random)
  const slots = planSlots(random, threads, authors)
  const images = postImages(seed, slots)
  const files = planFiles(seed, slots)
  const plants = planPlants(seed, slots)
  const posts: PlannedPost[] = []
  const before = new Map<number, PlannedPost[]>()
  for (const slot of slots) {
    const own = images.filter((image) => image.post === slot.id)
    const earlier = before.get(slot.thread) ?? []
    const wanted = plants.of(slot.id)
    const post = writePost(seeded(seed, "post", slot.id), slot, own, wanted, earlier, authors)
    posts.push(post)
    before.set(slot.thread, [...earlier, post])
  }
  const finished = threads.map((thread) => ({
    ...thread,
    posts: posts.filter((p) => p.thread === thread.id).map((p) => p.id),
  }))
  const facts = {
    threads: finished,
    posts,
    images,
    files,
    mentions: plants.mentions,
    guides: plants.guides,
    nearMisses: plants.nearMisses,
    characters: plants.characters,
  }
  return {
    seed,
    name: "The Gnome Exchange",
    months,
    boards: boards.map(({ name, about }, i) => ({ id: i + 2, name, about })),
    threads: finished,
    posts,
    authors,
    images,
    files,
    offSitePictures: plants.offSite,
    truth: truthOf(facts, months),
  }
}

interface ThreadFrame extends Omit<PlannedThread, "posts"> {
  readonly size: number
  readonly startsAt: number
  readonly endsAt: number
}

function planThreads(random: Seeded): ThreadFrame[] {
  const homes = random.shuffle(boards.flatMap((board, i) => Array.from({ length: board.threads }, () => i + 2)))
  const sizes = homes.map((_, i) =>
    i % 6 === 0 ? random.int(2, 9) : i % 10 === 3 ? random.int(24, 45) : random.int(11, 21),
  )
  let spare = POSTS - sizes.reduce((sum, size) => sum + size, 0)
  // Evens the sum out over threads that have a second page anyway, so that they keep it.
  for (let i = 0; spare !== 0; i = (i + 1) % sizes.length) {
    if (sizes[i]! < 12) continue
    sizes[i]! += Math.sign(spare)
    spare -= Math.sign(spare)
  }
  const starts = homes
    .map(() => START + Math.floor(random.float() ** 1.5 * (END - 6 * DAY - START)))
    .sort((a, b) => a - b)
  const stickies = new Set<number>()
  const titles = new Set<string>()
  const newTitle = (): string => {
    const title = threadTitle(random)
    if (titles.has(title)) return newTitle()
    titles.add(title)
    return title
  }
  return homes.map((board, i) => {
    const size = sizes[i]!
    const startsAt = starts[i]!
    const sticky = board !== 4 && !stickies.has(board) && size > 10
    if (sticky) stickies.add(board)
    return {
      id: FIRST_THREAD + i * 2 + (i > 30 ? 1 : 0),
      board,
      title: sticky ? `Read first: ${newTitle()}` : newTitle(),
      sticky,
      locked: random.chance(0.08),
      size,
      startsAt,
      endsAt: Math.min(END, startsAt + size * random.between(1, 5) * DAY),
    }
  })
}

function planAuthors(random: Seeded): PlannedAuthor[] {
  return random.shuffle(handles).map((name, i) => {
    const signature: Run[] = [{ text: random.pick(signatures) }]
    // A signature is no part of a post: what it links to must not be counted once for every post of its author.
    if (i === 3)
      signature.push({ text: " " }, { link: "https://civitai.com/models/9499001/signature-gnomes", label: "my gnomes" })
    if (i === 5)
      signature.push({ text: " " }, { link: "https://www.heritage-gardens.example/", label: "our garden club" })
    const base = { id: 50 + i, name, joined: START - Math.floor(random.between(20, 1500)) * DAY }
    return i < 16 ? { ...base, signature } : base
  })
}

function planSlots(random: Seeded, threads: readonly ThreadFrame[], authors: readonly PlannedAuthor[]): PostSlot[] {
  const taken = new Set<number>()
  const moment = (from: number, to: number) => {
    let at = Math.floor(random.between(from, to) / 1000) * 1000
    while (taken.has(at)) at -= 1000
    taken.add(at)
    return at
  }
  const drafts = threads.flatMap((thread) => {
    const regulars = random.shuffle(authors).slice(0, random.int(4, 12))
    return Array.from({ length: thread.size }, (_, i) => {
      const at =
        i === 0 ? moment(thread.startsAt, thread.startsAt + 1000) : moment(thread.startsAt + 60_000, thread.endsAt)
      return { thread: thread.id, author: random.pick(regulars).id, at, first: i === 0 }
    })
  })
  drafts.sort((left, right) => left.at - right.at)
  // Everybody who is registered has written something: the quiet ones take over posts of the busiest.
  const written = new Map<number, number>()
  for (const { author } of drafts) written.set(author, (written.get(author) ?? 0) + 1)
  for (const { id } of authors) {
    if (written.has(id)) continue
    const draft = drafts.find(({ author }) => written.get(author)! > 20)!
    written.set(draft.author, written.get(draft.author)! - 1)
    draft.author = id
    written.set(id, 1)
  }
  let id = FIRST_POST
  return drafts.map((draft) => {
    id += random.chance(0.1) ? 2 : 1
    return { ...draft, id }
  })
}

/** Spreads the 400 files over posts, in the order of time: a repost comes at least a day after its original. */
function postImages(seed: number, slots: readonly PostSlot[]): PlannedImage[] {
  const random = seeded(seed, "attachments")
  const pictures = planPictures(seed)
  const places = new Map<string, number>()
  const room = slots.map(() => (random.chance(0.32) ? random.int(1, 4) : 0))
  const place = (picture: PlannedPicture, earliest: number) => {
    const from = slots.findIndex((slot) => slot.at >= earliest)
    let index = random.int(from, slots.length - 1)
    for (let tries = 0; room[index]! === 0 && tries < slots.length; tries++)
      index = index + 1 < slots.length ? index + 1 : from
    room[index] = Math.max(0, room[index]! - 1)
    places.set(picture.name, index)
  }
  // Originals of reposts come in the first five months, so that time is left for their reposts.
  const reposted = new Set(pictures.flatMap(({ source }) => source ?? []))
  for (const picture of pictures.filter(({ role }) => role === "original")) {
    if (!reposted.has(picture.name)) continue
    const last = slots.findIndex(({ at }) => at > END - 31 * DAY)
    places.set(picture.name, random.int(0, last))
  }
  for (const picture of pictures) {
    if (places.has(picture.name)) continue
    place(picture, picture.source ? slots[places.get(picture.source)!]!.at + DAY : START)
  }
  let id = FIRST_ATTACHMENT
  return pictures
    .map((picture) => ({ picture, index: places.get(picture.name)! }))
    .sort((left, right) => left.index - right.index)
    .map(({ picture, index }) => {
      id += random.chance(0.05) ? 2 : 1
      return { ...picture, id, post: slots[index]!.id, shown: random.chance(0.25) ? "thumbnail" : "full" }
    })
}
