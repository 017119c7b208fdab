import { chatter, nearMiss } from "./forum-words.ts"
import { type GuideText, guideText } from "./guide-words.ts"
import type { Block, PlannedAuthor, PlannedImage, PlannedPost, PostSlot, Run } from "./planned-forum.ts"
import type { PlantedMention } from "./planted-links.ts"
import type { Seeded } from "./seeded-random.ts"

/** What a post has to contain beside chatter. */
export interface PostPlants {
  readonly mention: PlantedMention | undefined
  readonly link: string | undefined
  readonly offSite: string | undefined
  readonly guide: { readonly text: number; readonly copy: number } | undefined
  readonly nearMiss: boolean
}

const smilies = [":)", ":D", ";)", ":lol:", ":thumbup:"]

/** A post's words around what is planted in it. */
export function writePost(
  random: Seeded,
  slot: PostSlot,
  images: readonly PlannedImage[],
  plants: PostPlants,
  earlier: readonly PlannedPost[],
  authors: readonly PlannedAuthor[],
): PlannedPost {
  const blocks: Block[] = []
  const last = earlier.at(random.chance(0.7) ? -1 : -2) ?? earlier.at(-1)
  if (last && random.chance(0.28)) blocks.push(quoteOf(last, authors))
  if (plants.guide) blocks.push(...guide(guideText(random, plants.guide.text, plants.guide.copy)))
  else blocks.push(paragraph(random, plants.nearMiss ? nearMiss(random) : chatter(random)))
  if (plants.mention) blocks.push(...mention(random, plants.mention))
  if (plants.link) blocks.push(withLink(random, "Found this while looking around:", plants.link))
  if (plants.offSite) blocks.push({ kind: "picture", url: plants.offSite })
  if (!plants.guide && random.chance(0.05)) blocks.push({ kind: "code", text: wateringTable(random) })
  for (const image of images) {
    if (random.chance(0.4)) blocks.push({ kind: "attachment", image: image.id })
  }
  if (blocks.length > 1 && !plants.guide && random.chance(0.2)) blocks.push(paragraph(random, chatter(random)))
  return {
    id: slot.id,
    thread: slot.thread,
    author: slot.author,
    at: slot.at,
    blocks,
    images: images.map(({ id }) => id),
    ...(random.chance(0.07) ? { editedAt: slot.at + random.int(2, 600) * 60_000 } : {}),
  }
}

function paragraph(random: Seeded, text: string): Block {
  const runs: Run[] = []
  const sentences = text.split(/(?<=[.!?]) /)
  const marked = random.chance(0.12) ? random.int(0, sentences.length - 1) : -1
  sentences.forEach((sentence, i) => {
    const spaced = i < sentences.length - 1 ? `${sentence} ` : sentence
    runs.push(i === marked ? { text: spaced, style: random.pick(["bold", "italic"]) } : { text: spaced })
  })
  if (random.chance(0.3)) runs.push({ text: " " }, { smiley: random.pick(smilies) })
  return { kind: "paragraph", runs }
}

function withLink(random: Seeded, text: string, link: string): Block {
  const label = random.chance(0.3) ? { label: random.pick(["this page", "here it is", "have a look"]) } : {}
  return { kind: "paragraph", runs: [{ text: `${text} ` }, { link, ...label }] }
}

/** Quotes what the other post says itself and, at most, one quote within; attachments become pictures in the quote. */
function quoteOf(post: PlannedPost, authors: readonly PlannedAuthor[]): Block {
  const author = authors.find(({ id }) => id === post.author)!.name
  const own = post.blocks.filter((block) => block.kind !== "quote")
  const inner = post.blocks.find((block) => block.kind === "quote")
  const quoted: Block[] = own.map((block) =>
    block.kind === "attachment" ? { kind: "picture", image: block.image } : block,
  )
  const nested = inner ? [{ ...inner, blocks: inner.blocks.filter((block) => block.kind !== "quote") }] : []
  return { kind: "quote", author, post: post.id, blocks: [...nested, ...quoted] }
}

function guide({ intro, numbered, steps, settings }: GuideText): Block[] {
  const body: Block = numbered
    ? { kind: "steps", items: steps }
    : { kind: "paragraph", runs: [{ text: steps.join(" ") }] }
  return [
    { kind: "paragraph", runs: [{ text: intro, style: "bold" }] },
    body,
    ...(settings === undefined ? [] : [{ kind: "code", text: settings } as const]),
  ]
}

function mention(random: Seeded, { platform, text, hidden }: PlantedMention): Block[] {
  if (hidden) {
    const form = random.pick(["The gnome model, you know how: %", "Look for % if you like the hats.", "Mirror: %"])
    return [{ kind: "paragraph", runs: [{ text: form.replace("%", text) }] }]
  }
  if (platform === "prompt") {
    const prompt = random.pick(["garden gnome on a mossy wall, evening light", "three gnomes, misty hills, autumn"])
    return [paragraph(random, "This is the line I used:"), { kind: "code", text: `${prompt} ${text}` }]
  }
  if (platform === "file") {
    const form = random.pick([
      "The LoRA is called % and works well.",
      "I used the Stable Diffusion model % for the hat.",
    ])
    return [{ kind: "paragraph", runs: [{ text: form.replace("%", text) }] }]
  }
  return [
    withLink(random, random.pick(["The gnome model is here:", "Made with this one:", "I like the look of"]), text),
  ]
}

function wateringTable(random: Seeded): string {
  const row = (day: string) =>
    `${day}  ${random.int(5, 8)}:${random.pick(["00", "15", "30"])}  ${random.int(5, 25)} min`
  return ["Mon", "Wed", "Sat"].map(row).join("\n")
}
