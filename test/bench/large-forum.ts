import { pngText, withJpegSegments, withPngChunks } from "../../src/demo/containers.ts"
import { planForum } from "../../src/demo/forum-plan.ts"
import { makePictures } from "../../src/demo/pictures.ts"
import type { Block, ForumPlan, PlannedImage } from "../../src/demo/planned-forum.ts"

/** Ids of each copy start so far behind those of the copy before. */
const stride = 100_000

export interface LargeForum {
  readonly plan: ForumPlan
  readonly pictures: ReadonlyMap<string, Uint8Array>
}

/**
 * The demo forum several times over in one: the same boards and authors, each thread and post again under other ids, each picture again as
 * a file of its own. Truth and months are left as they are: nobody asks for them here.
 */
export async function makeLargeForum(copies: number, onPicture: (made: number) => void): Promise<LargeForum> {
  const plan = planForum(1)
  const made = await makePictures(plan, { onProgress: onPicture })
  const pictures = new Map<string, Uint8Array>()
  const parts = Array.from({ length: copies }, (_, copy) => {
    const name = (image: PlannedImage) => `${copy}/${image.name}`
    const move = (id: number) => id + copy * stride
    const images = plan.images.map((image) => ({
      ...image,
      id: move(image.id),
      post: move(image.post),
      name: name(image),
    }))
    for (const image of plan.images) pictures.set(name(image), marked(image, made.get(image.name)!, copy))
    const posts = plan.posts.map((post) => ({
      ...post,
      id: move(post.id),
      thread: move(post.thread),
      images: post.images.map(move),
      blocks: post.blocks.map((block) => moved(block, move)),
    }))
    const threads = plan.threads.map((thread) => ({ ...thread, id: move(thread.id), posts: thread.posts.map(move) }))
    return { images, posts, threads }
  })
  const all = {
    threads: parts.flatMap(({ threads }) => threads),
    posts: parts.flatMap(({ posts }) => posts),
    images: parts.flatMap(({ images }) => images),
  }
  return { plan: { ...plan, ...all }, pictures }
}

function moved(block: Block, move: (id: number) => number): Block {
  switch (block.kind) {
    case "attachment":
      return { ...block, image: move(block.image) }
    case "picture":
      return block.image === undefined ? block : { ...block, image: move(block.image) }
    case "quote":
      return {
        ...block,
        ...(block.post === undefined ? {} : { post: move(block.post) }),
        blocks: block.blocks.map((inner) => moved(inner, move)),
      }
    default:
      return block
  }
}

/** The same picture as another file. */
function marked(image: PlannedImage, bytes: Uint8Array, copy: number): Uint8Array {
  const mark = `copy ${copy}`
  switch (image.format) {
    case "png":
      return withPngChunks(bytes, [pngText("Copy", mark)])
    case "jpeg":
      return withJpegSegments(bytes, [{ marker: 0xfe, data: Buffer.from(mark) }])
    case "webp":
      return withWebpNote(bytes, mark)
  }
}

/** One more unknown chunk at the end of the file (RFC 9649, 2.7.1.6). */
function withWebpNote(webp: Uint8Array, note: string): Uint8Array {
  const data = Buffer.from(note.padEnd(note.length + (note.length % 2)))
  const head = Buffer.from("COPY\0\0\0\0", "latin1")
  head.writeUInt32LE(data.length, 4)
  const file = Buffer.concat([webp, head, data])
  file.writeUInt32LE(file.length - 8, 4)
  return file
}
