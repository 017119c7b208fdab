import { app11, c2paStore } from "./c2pa-writer.ts"
import { type Chunk, pngText, type Segment } from "./containers.ts"
import type { PictureFormat, PlannedPicture } from "./picture-plan.ts"
import { type Seeded, seeded } from "./seeded-random.ts"
import { type TiffFields, type TiffValue, tiff } from "./tiff-writer.ts"

/** What is added to an encoded picture; one of the two lists is used, by the file's format. */
export interface Metadata {
  readonly chunks: readonly Chunk[]
  readonly segments: readonly Segment[]
}

/** The parts that every generator's block is made from. */
interface Recipe {
  readonly prompt: string
  readonly negative: string
  readonly model: string
  readonly modelHash: string
  readonly lora: string
  readonly seed: number
  readonly steps: number
  readonly scale: number
  readonly width: number
  readonly height: number
}

const USER_COMMENT = 0x9286
const MAKE = 0x010f
const MODEL = 0x0110
const XMP_PREFIX = "http://ns.adobe.com/xap/1.0/\0"
const SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

/** The metadata that a picture's plan asks for, in the form that its tool writes. */
export function metadataOf(picture: PlannedPicture): Metadata {
  const random = seeded("metadata", picture.name)
  const recipe = recipeOf(random, picture)
  const { format } = picture
  switch (picture.trace) {
    case "a1111":
      if (format === "png") return png(pngText("parameters", automatic1111(recipe, random)))
      return exif(format, userComment(automatic1111(recipe, random), random.chance(0.2) ? "LE" : "BE"), false)
    case "sdnext":
      return exif(format, userComment(sdNext(recipe), "BE"), true)
    case "sdcpp":
      return png(pngText("parameters", stableDiffusionCpp(recipe)))
    case "comfyui": {
      const graph = JSON.stringify(comfyPrompt(recipe))
      const workflow = JSON.stringify(comfyWorkflow(recipe))
      if (format === "png") return png(pngText("prompt", graph), pngText("workflow", workflow))
      const fields = new Map<number, TiffValue>([
        [MAKE, { ascii: `workflow:${workflow}` }],
        [MODEL, { ascii: `prompt:${graph}` }],
      ])
      return exif(format, tiff(fields), true)
    }
    case "invokeai":
      return png(pngText("invokeai_metadata", JSON.stringify(invoke(recipe))))
    case "novelai":
      return png(
        pngText("Title", "AI generated image"),
        pngText("Description", recipe.prompt),
        pngText("Software", "NovelAI"),
        pngText("Source", `Stable Diffusion ${recipe.modelHash.slice(0, 8).toUpperCase()}`),
        pngText("Comment", JSON.stringify(novelAi(recipe))),
      )
    case "xmp":
      return { chunks: [], segments: [{ marker: 0xe1, data: Buffer.from(XMP_PREFIX + xmp()) }] }
    case "c2pa-generated":
    case "c2pa-camera": {
      const made = picture.trace === "c2pa-generated"
      const store = c2paStore(
        picture.name,
        `image/${format}`,
        made ? "trainedAlgorithmicMedia" : "digitalCapture",
        made ? "Gnome Painter" : "Gnomeflex Camera",
      )
      return { chunks: [{ type: "caBX", data: store }], segments: [{ marker: 0xeb, data: app11(store) }] }
    }
    case "camera":
      return exif(format, camera(random), true)
    case "character-card":
      return png(pngText("chara", Buffer.from(JSON.stringify(characterCard(random))).toString("base64")))
    case "none":
      return { chunks: [], segments: [] }
  }
}

function recipeOf(random: Seeded, picture: PlannedPicture): Recipe {
  const subject = random.pick([
    "a garden gnome",
    "three garden gnomes",
    "a clay gnome with a lantern",
    "a gnome with a wheelbarrow",
  ])
  const place = random.pick([
    "on a mossy wall",
    "beside a pond",
    "in a rose bed",
    "under an old oak",
    "before misty hills",
  ])
  const light = random.pick(["soft morning light", "golden hour", "overcast sky", "first snow", "after the rain"])
  const model = random.pick(["gnomeGardenMix_v2", "mossyLandscapes_v31", "clayGnome_xl", "meadowRealism_v5"])
  return {
    prompt: `${subject} ${place}, ${light}, landscape, highly detailed`,
    negative: random.pick(["blurry, low quality", "watermark, text, blurry", "low contrast, jpeg artifacts"]),
    model,
    // A file has one hash, whoever uses it.
    modelHash: hex(seeded("model", model), 10),
    // Three that posts name too (planted-links.ts), so that links and pictures meet.
    lora: random.pick(["gnome_moss_v3", "pointed_hats_fine", "garden_dusk"]),
    seed: random.int(1, 4294967295),
    steps: random.int(18, 40),
    scale: random.int(8, 16) / 2,
    width: picture.width,
    height: picture.height,
  }
}

function hex(random: Seeded, digits: number): string {
  return Array.from({ length: digits }, () => random.int(0, 15).toString(16)).join("")
}

function automatic1111(recipe: Recipe, random: Seeded): string {
  const settings = [
    `Steps: ${recipe.steps}`,
    `Sampler: ${random.pick(["DPM++ 2M", "Euler a", "DPM++ SDE"])}`,
    "Schedule type: Karras",
    `CFG scale: ${recipe.scale}`,
    `Seed: ${recipe.seed}`,
    `Size: ${recipe.width}x${recipe.height}`,
    `Model hash: ${recipe.modelHash}`,
    `Model: ${recipe.model}`,
    `Lora hashes: "${recipe.lora}: ${hex(seeded("lora", recipe.lora), 12)}"`,
    `Version: ${random.pick(["v1.9.4", "v1.10.1", "f2.0.1v1.10.1-previous-635-gf5330788"])}`,
  ]
  return `${recipe.prompt} <lora:${recipe.lora}:0.8>\nNegative prompt: ${recipe.negative}\n${settings.join(", ")}`
}

/** SD.Next names its application and pipeline, and no sampler. */
function sdNext(recipe: Recipe): string {
  const settings = `Steps: ${recipe.steps}, Size: ${recipe.width}x${recipe.height}, Seed: ${recipe.seed}, CFG scale: ${recipe.scale}, App: SD.Next, Version: ${recipe.modelHash.slice(0, 7)}, Pipeline: StableDiffusionXLPipeline, Operations: txt2img, Model: ${recipe.model}, Model hash: ${recipe.modelHash}`
  return `${recipe.prompt}\nNegative prompt: ${recipe.negative}\n${settings}`
}

function stableDiffusionCpp(recipe: Recipe): string {
  const settings = `Steps: ${recipe.steps}, CFG scale: ${recipe.scale.toFixed(6)}, Guidance: 3.500000, Eta: 0.000000, Seed: ${recipe.seed}, Size: ${recipe.width}x${recipe.height}, Model: ${recipe.model}.safetensors, RNG: cuda, Sampler: euler discrete, VAE: gnome_ae.safetensors, Version: stable-diffusion.cpp`
  return `${recipe.prompt}\n${settings}`
}

function comfyPrompt(recipe: Recipe) {
  return {
    "3": {
      inputs: {
        seed: recipe.seed,
        steps: recipe.steps,
        cfg: recipe.scale,
        sampler_name: "dpmpp_2m",
        scheduler: "karras",
        denoise: 1,
        model: ["10", 0],
        positive: ["6", 0],
        negative: ["7", 0],
        latent_image: ["5", 0],
      },
      class_type: "KSampler",
    },
    "4": { inputs: { ckpt_name: `${recipe.model}.safetensors` }, class_type: "CheckpointLoaderSimple" },
    "5": { inputs: { width: recipe.width, height: recipe.height, batch_size: 1 }, class_type: "EmptyLatentImage" },
    "6": { inputs: { text: recipe.prompt, clip: ["10", 1] }, class_type: "CLIPTextEncode" },
    "7": { inputs: { text: recipe.negative, clip: ["10", 1] }, class_type: "CLIPTextEncode" },
    "8": { inputs: { samples: ["3", 0], vae: ["4", 2] }, class_type: "VAEDecode" },
    "9": { inputs: { filename_prefix: "ComfyUI", images: ["8", 0] }, class_type: "SaveImage" },
    "10": {
      inputs: {
        lora_name: `${recipe.lora}.safetensors`,
        strength_model: 0.8,
        strength_clip: 1,
        model: ["4", 0],
        clip: ["4", 1],
      },
      class_type: "LoraLoader",
    },
  }
}

function comfyWorkflow(recipe: Recipe) {
  const node = (id: number, type: string, order: number, values: readonly (string | number)[]) => ({
    id,
    type,
    pos: [order * 340, 200],
    size: [315, 98],
    flags: {},
    order,
    mode: 0,
    properties: { "Node name for S&R": type },
    widgets_values: values,
  })
  return {
    last_node_id: 10,
    last_link_id: 3,
    nodes: [
      node(4, "CheckpointLoaderSimple", 0, [`${recipe.model}.safetensors`]),
      node(10, "LoraLoader", 1, [`${recipe.lora}.safetensors`, 0.8, 1]),
      node(6, "CLIPTextEncode", 2, [recipe.prompt]),
      node(3, "KSampler", 3, [recipe.seed, "fixed", recipe.steps, recipe.scale, "dpmpp_2m", "karras", 1]),
      node(8, "VAEDecode", 4, []),
    ],
    links: [
      [1, 4, 0, 10, 0, "MODEL"],
      [2, 10, 0, 3, 0, "MODEL"],
      [3, 3, 0, 8, 0, "LATENT"],
    ],
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
  }
}

function invoke(recipe: Recipe) {
  return {
    generation_mode: "sdxl_txt2img",
    positive_prompt: recipe.prompt,
    negative_prompt: recipe.negative,
    width: recipe.width,
    height: recipe.height,
    seed: recipe.seed,
    rand_device: "cpu",
    cfg_scale: recipe.scale,
    steps: recipe.steps,
    scheduler: "euler",
    model: {
      key: recipe.modelHash,
      hash: `blake3:${recipe.modelHash}`,
      name: recipe.model,
      base: "sdxl",
      type: "main",
    },
    app_version: "5.6.0",
  }
}

function novelAi(recipe: Recipe) {
  const { steps, scale, seed, negative, width, height, prompt } = recipe
  return { prompt, steps, height, width, scale, seed, sampler: "k_euler_ancestral", n_samples: 1, uc: negative }
}

function xmp(): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><Iptc4xmpExt:DigitalSourceType>${SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
}

function camera(random: Seeded): Buffer {
  const [make, model] = random.pick([
    ["Gnomeflex", "Gnomeflex G2"],
    ["Canon", "Canon EOS 80D"],
    ["NIKON CORPORATION", "NIKON D5600"],
    ["FUJIFILM", "X-T30"],
  ] as const)
  const two = (value: number) => String(value).padStart(2, "0")
  const taken = `2026:${two(random.int(4, 10))}:${two(random.int(1, 28))} ${two(random.int(6, 20))}:${two(random.int(0, 59))}:${two(random.int(0, 59))}`
  const main: TiffFields = new Map<number, TiffValue>([
    [MAKE, { ascii: make }],
    [MODEL, { ascii: model }],
    [0x0112, { short: 1 }],
    [0x0132, { ascii: taken }],
  ])
  const detail: TiffFields = new Map<number, TiffValue>([
    [0x829a, { rational: [1, random.pick([60, 125, 250, 500])] }],
    [0x829d, { rational: [random.pick([28, 40, 56, 80]), 10] }],
    [0x8827, { short: random.pick([100, 200, 400, 800]) }],
    [0x9003, { ascii: taken }],
    [0x920a, { rational: [random.int(18, 85), 1] }],
  ])
  return tiff(main, detail, random.pick(["II", "MM"]))
}

/** A card for chat programs, version 2, of an invented gnome. */
function characterCard(random: Seeded) {
  const name = `${random.pick(["Gustav", "Hedwig", "Otto", "Marta"])} the ${random.pick(["Gnome", "Toad", "Snail"])}`
  const data = {
    name,
    description: `${name} keeps the north bed and knows every fern by name.`,
    personality: "earthy, patient",
    scenario: "A garden before the rain.",
    first_mes: "Good morning. The moss has grown.",
    mes_example: "",
  }
  return { spec: "chara_card_v2", spec_version: "2.0", data }
}

/** UserComment as piexif writes it: character code `UNICODE`, then UTF-16, mostly big-endian. */
function userComment(text: string, order: "BE" | "LE"): Buffer {
  const utf16 = Buffer.from(text, "utf16le")
  const bytes = Buffer.concat([Buffer.from("UNICODE\0", "latin1"), order === "BE" ? utf16.swap16() : utf16])
  return tiff(new Map(), new Map([[USER_COMMENT, { bytes }]]))
}

function png(...chunks: readonly Chunk[]): Metadata {
  return { chunks, segments: [] }
}

/** EXIF in the carrier of each format; some writers put JPEG's prefix into WebP too (Pillow does, piexif does not). */
function exif(format: PictureFormat, block: Buffer, prefixed: boolean): Metadata {
  const withPrefix = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), block])
  if (format === "jpeg") return { chunks: [], segments: [{ marker: 0xe1, data: withPrefix }] }
  if (format === "png") return png({ type: "eXIf", data: block })
  return { chunks: [{ type: "EXIF", data: prefixed ? withPrefix : block }], segments: [] }
}
