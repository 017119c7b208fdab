import type { PlannedPicture } from "./picture-plan.ts"
import type { PlantedMention } from "./planted-links.ts"

/** A stretch of a paragraph. */
export type Run =
  | { readonly text: string; readonly style?: "bold" | "italic" }
  | { readonly link: string; readonly label?: string }
  | { readonly smiley: string }

/** A piece of a post, without markup. */
export type Block =
  | { readonly kind: "paragraph"; readonly runs: readonly Run[] }
  | { readonly kind: "quote"; readonly author?: string; readonly post?: number; readonly blocks: readonly Block[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "steps"; readonly items: readonly string[] }
  /** One of the post's own attachments, shown within the text. */
  | { readonly kind: "attachment"; readonly image: number }
  /** A picture on another host, or, in a quote, somebody's attachment. */
  | { readonly kind: "picture"; readonly url?: string; readonly image?: number }

export interface PlannedAuthor {
  readonly id: number
  readonly name: string
  /** Milliseconds since 1970, as all times of the plan. */
  readonly joined: number
  readonly signature?: readonly Run[]
}

export interface PlannedBoard {
  readonly id: number
  readonly name: string
  readonly about: string
}

export interface PlannedThread {
  readonly id: number
  readonly board: number
  readonly title: string
  readonly sticky: boolean
  readonly locked: boolean
  readonly posts: readonly number[]
}

export interface PlannedPost {
  readonly id: number
  readonly thread: number
  readonly author: number
  readonly at: number
  readonly blocks: readonly Block[]
  /** Attachments by id; those that no block shows stand in the box below the text. */
  readonly images: readonly number[]
  readonly editedAt?: number
}

/** A file as it was posted. */
export interface PlannedImage extends PlannedPicture {
  /** Attachment id: `download/file.php?id=`. */
  readonly id: number
  readonly post: number
  /** Shown at full size, or as a thumbnail that links to the file. */
  readonly shown: "full" | "thumbnail"
}

/** An attached file that is no picture. */
export interface PlannedFile {
  /** Attachment id, as of pictures. */
  readonly id: number
  readonly post: number
  readonly title: string
  readonly form: "json" | "charx"
}

/** A whole forum as data, with the truth about it: 4 boards, 60 threads, 900 posts, 40 authors, 400 images over six months. */
export interface ForumPlan {
  readonly seed: number
  readonly name: string
  /** The six months, `YYYY-MM`, oldest first. */
  readonly months: readonly string[]
  readonly boards: readonly PlannedBoard[]
  readonly threads: readonly PlannedThread[]
  readonly posts: readonly PlannedPost[]
  readonly authors: readonly PlannedAuthor[]
  readonly images: readonly PlannedImage[]
  readonly files: readonly PlannedFile[]
  readonly offSitePictures: readonly { readonly post: number; readonly url: string }[]
  readonly truth: DemoTruth
}

/** Where and when a post stands, before it has words. */
export interface PostSlot {
  readonly id: number
  readonly thread: number
  readonly author: number
  readonly at: number
  readonly first: boolean
}

/** What a forum really holds, for one month or for all time; counted from the plan, never from a crawl. */
export interface TruthCount {
  readonly posts: number
  /** Threads with at least one post of the period. */
  readonly threads: number
  /** Authors who wrote in the period. */
  readonly authors: number
  /** Sightings: images posted, each time anew. */
  readonly images: number
  /** Different files, byte by byte. */
  readonly uniqueFiles: number
  /** Different pictures: an original and its reposts are one. */
  readonly families: number
  /** Sightings whose picture is in the known-hash set. */
  readonly setAsideByKnownHash: number
  /** Sightings whose file says that a generator made it. */
  readonly generatedSightings: number
  readonly generatedFiles: number
  /** Those of the generated sightings that say so in content credentials, unsigned. */
  readonly unsignedCredentials: number
  /** Posts that hide what they refer to; posts that name a chatbot character; posted pictures that carry a character card. */
  readonly hiddenPosts: number
  readonly characterPosts: number
  readonly characterCards: number
  /** Posts that hand over a character, in a picture or in a file. */
  readonly cardPosts: number
  /** Different artefacts by canonical id, and how often they were posted. */
  readonly artefacts: number
  readonly artefactPosts: number
  readonly guides: number
  /** The same, with copies of one text counted once. */
  readonly guideTexts: number
  /** Guide texts that come here for the first time. */
  readonly newGuideTexts: number
}

interface ArtefactTruth {
  readonly id: string
  readonly platform: PlantedMention["platform"]
  readonly wordings: readonly string[]
  /** No post names it openly. */
  readonly hidden: boolean
  /** Posts whose own words name it, oldest first; quotes and signatures left out. */
  readonly posts: readonly number[]
}

export interface DemoTruth {
  readonly total: TruthCount
  /** By `YYYY-MM`. */
  readonly months: Readonly<Record<string, TruthCount>>
  readonly artefacts: readonly ArtefactTruth[]
  /** Posts that explain how to make such pictures; and posts that only sound like it. */
  readonly guidePosts: readonly number[]
  readonly nearMissPosts: readonly number[]
  /** Names of the originals whose perceptual hashes make the known-hash set. */
  readonly knownOriginals: readonly string[]
}
