import { seeded } from "./seeded-random.ts"

export type PictureFormat = "png" | "jpeg" | "webp"

/**
 * What a file says about its origin: a generator's own metadata, content credentials without a valid signature, a camera's EXIF, or
 * nothing. The carrier follows from the format.
 */
type Trace =
  | "a1111"
  | "comfyui"
  | "sdnext"
  | "sdcpp"
  | "invokeai"
  | "novelai"
  | "xmp"
  | "c2pa-generated"
  | "c2pa-camera"
  | "camera"
  | "character-card"
  | "none"

/** One of the 400 files, before anybody has posted it. */
export interface PlannedPicture {
  /** Unique, e.g. `fern-017.png`; a byte-identical repost is `fern-017~2.png`. */
  readonly name: string
  /** What the poster called it; the extension lies now and then. */
  readonly title: string
  readonly format: PictureFormat
  readonly lossless: boolean
  readonly width: number
  readonly height: number
  /** Of the encoder, 1 to 100; says nothing where the file is lossless. */
  readonly quality: number
  /** The picture that this file shows; reposts share it with their original. */
  readonly family: string
  readonly role: "original" | "reencoded" | "copy"
  /** Name of the file that a repost was made from. */
  readonly source?: string
  readonly trace: Trace
  /** The family's original is in the known-hash set. */
  readonly known: boolean
}

/** Does the file say that a generator made it? Unsigned credentials say so as plainly as an XMP field does: graded strong. */
export function isGenerated(trace: Trace): boolean {
  return trace !== "c2pa-camera" && trace !== "camera" && trace !== "character-card" && trace !== "none"
}

/** Originals by trace and format: 320 families. */
const originals: readonly (readonly [Trace, PictureFormat, number])[] = [
  ["a1111", "png", 30],
  ["a1111", "jpeg", 12],
  ["a1111", "webp", 8],
  ["comfyui", "png", 16],
  ["comfyui", "webp", 6],
  ["sdnext", "jpeg", 8],
  ["sdcpp", "png", 6],
  ["invokeai", "png", 6],
  ["novelai", "png", 6],
  ["xmp", "jpeg", 6],
  ["c2pa-generated", "jpeg", 7],
  ["c2pa-generated", "png", 4],
  ["c2pa-camera", "jpeg", 3],
  ["c2pa-camera", "png", 1],
  ["camera", "jpeg", 62],
  ["camera", "webp", 4],
  ["camera", "png", 4],
  ["character-card", "png", 6],
  ["none", "png", 24],
  ["none", "jpeg", 75],
  ["none", "webp", 26],
]
const knownFamilies = { none: 12, camera: 4 } as const
/** Reposts without metadata, resized or encoded anew: 60; and byte by byte: 20. */
const reencoded = { known: 20, generated: 22, camera: 18 } as const
const copies = { known: 4, generated: 6, camera: 5, plain: 5 } as const

const stems = [
  "fern",
  "moss",
  "hollow",
  "meadow",
  "ridge",
  "brook",
  "heath",
  "toadstool",
  "lantern",
  "orchard",
] as const
const sizes: readonly (readonly [number, number])[] = [
  [640, 480],
  [640, 480],
  [640, 512],
  [704, 512],
  [720, 540],
  [768, 512],
  [768, 576],
  [800, 600],
  [1024, 768],
]

/** 400 files: originals first, then reposts; a repost's source is always an original. */
export function planPictures(seed: number): PlannedPicture[] {
  const random = seeded(seed, "pictures")
  const kinds = random.shuffle(
    originals.flatMap(([trace, format, n]) => Array.from({ length: n }, () => ({ trace, format }))),
  )
  const known = { none: knownFamilies.none as number, camera: knownFamilies.camera as number }
  const first = kinds.map(({ trace, format }, i): PlannedPicture => {
    const family = `${stems[i % stems.length]}-${String(i + 1).padStart(3, "0")}`
    const [width, height] = random.pick(sizes)
    const isKnown = (trace === "none" || trace === "camera") && known[trace]-- > 0
    const lossless = format === "png" || (format === "webp" && trace === "none" && random.chance(0.5))
    const quality = random.int(80, 95)
    const title = titleOf(trace, format, i, random.int(10000, 99999), random.chance(0.06))
    return {
      name: `${family}.${format}`,
      title,
      format,
      lossless,
      width,
      height,
      quality,
      family,
      role: "original",
      trace,
      known: isKnown,
    }
  })
  const of = (fits: (picture: PlannedPicture) => boolean) => random.shuffle(first.filter(fits))
  const knownOnes = of((p) => p.known)
  const generated = of((p) => isGenerated(p.trace))
  const camera = of((p) => p.trace === "camera" && !p.known)
  const plain = of((p) => p.trace === "none" && !p.known)
  const again = [
    ...Array.from({ length: reencoded.known }, (_, i) => knownOnes[i % knownOnes.length]!),
    ...generated.slice(0, reencoded.generated),
    ...camera.slice(0, reencoded.camera),
  ].map((source, i): PlannedPicture => {
    const scale = random.chance(0.7) ? random.between(0.6, 0.8) : 1
    // Grain without loss would make files of half a megabyte, so only drawn pictures come again as PNG.
    const format = random.pick<PictureFormat>(
      source.lossless ? ["jpeg", "jpeg", "webp", "png"] : ["jpeg", "jpeg", "webp"],
    )
    return {
      ...source,
      name: `${source.family}-again-${i + 1}.${format}`,
      title: `${random.pick(["image", "photo", "download", "unnamed"])}_${random.int(100, 999)}.${extension(format)}`,
      format,
      lossless: format === "png",
      width: Math.round(source.width * scale),
      height: Math.round(source.height * scale),
      quality: random.int(60, 85),
      role: "reencoded",
      source: source.name,
      trace: "none",
    }
  })
  // Copies take other originals than the re-encoded ones where there are enough, so that clusters have several shapes.
  const same = [
    ...knownOnes.slice(-copies.known),
    ...generated.slice(-copies.generated),
    ...camera.slice(-copies.camera),
    ...plain.slice(0, copies.plain),
  ].map((source): PlannedPicture => {
    const name = source.name.replace(/\.(\w+)$/, "~2.$1")
    return {
      ...source,
      name,
      title: random.chance(0.5) ? source.title : `copy of ${source.title}`,
      role: "copy",
      source: source.name,
    }
  })
  return [...first, ...again, ...same]
}

function extension(format: PictureFormat): string {
  return format === "jpeg" ? "jpg" : format
}

function titleOf(trace: Trace, format: PictureFormat, index: number, number: number, lies: boolean): string {
  const end = lies ? (format === "png" ? "jpg" : "png") : extension(format)
  switch (trace) {
    case "a1111":
    case "sdnext":
      return `${String(index).padStart(5, "0")}-${number}.${end}`
    case "comfyui":
      return `ComfyUI_${number}_.${end}`
    case "camera":
    case "c2pa-camera":
      return `IMG_${String(number % 10000).padStart(4, "0")}.${end}`
    default:
      return `gnome_${number}.${end}`
  }
}
